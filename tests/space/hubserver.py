"""A local stand-in of the Hugging Face Hub: an HTTP server that keeps Spaces and refuses as the Hub does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from space.hubroutes import answer
from space.hubstate import Hub, RefusalError


@contextmanager
def serve() -> Iterator[Hub]:
    """Run the stand-in on a free port of this machine."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            path = self.path.partition("?")[0]
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            body = self._body()
            try:
                with lock:
                    said = answer(hub, self.command, path, token, body)
            except RefusalError as refusal:
                told = {"X-Error-Message": refusal.message, "X-Error-Code": refusal.code, **refusal.headers}
                self._send(refusal.status, json.dumps({"error": refusal.message}).encode(), headers=told)
                return
            if "/logs/" in path:
                events = "".join(f"data: {json.dumps({'data': line})}\n\n" for line in said)
                self._send(200, events.encode(), kind="text/event-stream")
            else:
                self._send(200, json.dumps(said).encode())

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that http.server calls

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _send(
            self,
            status: int,
            data: bytes,
            *,
            kind: str = "application/json",
            headers: dict[str, str] | None = None,
        ) -> None:
            self.send_response(status)
            told = {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}
            for name, value in told.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Print nothing."""

    lock = threading.Lock()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
