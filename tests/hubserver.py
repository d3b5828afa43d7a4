"""A server that gives one file as the Hub does, for the tests of downloads."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import hubrepo
import numpy as np

DATA = np.random.default_rng(0).bytes(3_000_000)


class Server(ThreadingHTTPServer):
    """Serves one file under every name, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.data, self.etag, self.status, self.cut = DATA, hashlib.sha256(DATA).hexdigest(), 200, 0
        self.reason = ""
        """The Hub's word for a refusal; by default that of its status."""
        self.always_cut = False
        self.gone: str | None = None
        """A commit that the repository no longer has."""
        self.commit = hubrepo.COMMIT
        """The latest commit; others that are asked for are there as well."""
        self.ranges: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_HEAD(self) -> None:
        self._head(len(self.server.data))

    def do_GET(self) -> None:
        if "/resolve/" not in self.path:
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        start = int(asked.split("=")[1].split("-")[0]) if asked else 0
        self._head(len(self.server.data) - start, start)
        if self.server.status != 200:
            return
        cut = 0 if asked and not self.server.always_cut else self.server.cut
        self.wfile.write(self.server.data[start:][: cut or None])
        if cut:
            self.close_connection = True

    def _head(self, length: int, start: int = 0) -> None:
        asked = self.path.partition("/resolve/")[2].partition("/")[0]
        status, reason = self.server.status, self.server.reason
        if asked and asked == self.server.gone:
            status, reason = 404, "RevisionNotFound"
        failed = status != 200
        self.send_response(status if failed else 206 if start else 200)
        if failed:
            known = {404: "EntryNotFound", 401: "RepoNotFound"}
            self.send_header("X-Error-Code", reason or known.get(status, ""))
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(self.server.data) - 1}/{len(self.server.data)}"
            )
        self.send_header("X-Repo-Commit", asked if len(asked) == 40 else self.server.commit)
        self.send_header("ETag", f'"{self.server.etag}"')
        self.send_header("Content-Length", "0" if failed else str(length))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keeps the tests' output quiet."""
