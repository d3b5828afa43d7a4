"""Running the page as a visitor meets it: `python app.py` in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Served:
    """`python app.py`, which runs, and may be ended and started again."""

    address: str
    folder: Path
    """Where it keeps the files of its visitors."""
    log: Path
    """What it has printed."""
    command: Callable[[], subprocess.Popen[bytes]]
    """Starts it."""
    server: subprocess.Popen[bytes]
    """Its last process."""

    def end(self) -> None:
        self.server.terminate()
        self.server.wait(timeout=90)

    def start(self) -> None:
        """Start it at the same address, unless it runs."""
        if self.server.poll() is not None:
            self.server = self.command()
            _wait(self.address, self.server, self.log)


@contextmanager
def serving(
    home: Path, *, checkout: Path = ROOT, variables: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Served]:
    """The page on a free port, with its folders under `home` and every proxy broken: it needs no network.

    Args:
        checkout: the folder that holds app.py.
        variables: what else is in its environment.
    """
    port = _free_port()
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_TEMP_DIR": str(home / "gradio"),
        "XDG_STATE_HOME": str(home / "state"),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
        **variables,
    }

    def command() -> subprocess.Popen[bytes]:
        with (home / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "app.py"], cwd=checkout, env=environment, stdout=log, stderr=log
            )

    served = Served(f"http://127.0.0.1:{port}", home / "gradio", home / "log", command, command())
    try:
        _wait(served.address, served.server, served.log)
        yield served
    finally:
        served.end()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 240  # beside other workers, a start takes several times as long
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=60).close()
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the page did not come up:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
