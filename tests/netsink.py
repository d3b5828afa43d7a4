"""Run a command in a network of its own where every DNS query is caught; prints the names asked for.

Started as `unshare -rnm python netsink.py COMMAND …`: the loopback device is brought up, the resolver pointed
at a socket on it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

_SIOCSIFFLAGS, _IFF_UP_LOOPBACK, _MS_BIND = 0x8914, 0x1 | 0x8, 4096


def _names(query: bytes) -> str:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += query[at] + 1
    return ".".join(labels)


def _catch(sink: socket.socket) -> None:
    while True:
        sys.stdout.write(f"QUERY {_names(sink.recv(4096))}\n")
        sys.stdout.flush()


def main() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", _IFF_UP_LOOPBACK, b""))
    with tempfile.NamedTemporaryFile("w") as resolver:
        resolver.write("nameserver 127.0.0.1\n")
        resolver.flush()
        os.chmod(resolver.name, 0o644)
        mount = ctypes.CDLL(None, use_errno=True).mount
        if mount(resolver.name.encode(), b"/etc/resolv.conf", None, _MS_BIND, None):
            raise OSError(ctypes.get_errno(), "mount")
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind(("127.0.0.1", 53))
        threading.Thread(target=_catch, args=(sink,), daemon=True).start()
        return subprocess.run(sys.argv[1:], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
