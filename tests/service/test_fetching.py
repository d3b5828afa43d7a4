"""Files from addresses: what is refused, and a real server that misbehaves."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.service import fetching
from pipeline.service.fetching import FetchError, fetch, is_public, require_address

INSIDE = ("127.0.0.1",)


class Misbehaving(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        getattr(self, self.path.strip("/").partition(".")[0])()

    def photo(self) -> None:
        self._begin(200, {"Content-Length": "4", "Content-Type": "image/png"})
        self.wfile.write(b"\x89PNG")

    def away(self) -> None:
        self._begin(302, {"Location": f"http://localhost:{self.server.server_address[1]}/photo"})

    def disk(self) -> None:
        self._begin(302, {"Location": "file:///etc/passwd"})

    def circle(self) -> None:
        self._begin(302, {"Location": "/circle"})

    def huge(self) -> None:
        self._begin(200, {"Content-Length": str(fetching.MOST_BYTES + 1)})

    def endless(self) -> None:
        self._begin(200, {})
        self._pour(b"x" * 4096, 0.0)

    def dripping(self) -> None:
        self._begin(200, {})
        self._pour(b"x", 0.05)

    def missing(self) -> None:
        self._begin(404, {})

    def empty(self) -> None:
        self._begin(200, {"Content-Length": "0"})

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _pour(self, block: bytes, pause: float) -> None:
        try:
            while True:
                self.wfile.write(block)
                time.sleep(pause)
        except OSError:
            return

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://localhost:7860/a.jpg",
        "http://[::1]/a.jpg",
        "http://[::ffff:10.0.0.1]/a.jpg",
        "http://[64:ff9b::7f00:1]/a.jpg",
        "http://[64:ff9b:1::7f00:1]/a.jpg",
        "http://[::127.0.0.1]/a.jpg",
        "http://[fec0::1]/a.jpg",
        "http://10.1.2.3/a.jpg",
        "http://192.168.0.1/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/a.jpg",
        "http://2130706433/a.jpg",
        "file:///etc/passwd",
        "ftp://example.com/a.jpg",
        "http://",
        "photo.jpg",
        "http://me@example.com/a.jpg",
        "http://example.com:port/a.jpg",
        "http://host.invalid/a.jpg",
    ],
)
def test_addresses_that_lead_inside_or_nowhere_are_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(FetchError) as refusal:
        require_address(url, "subject")
    assert refusal.value.parameter == "subject"
    assert str(refusal.value).endswith(".") and "\n" not in str(refusal.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


def test_a_file_is_fetched_and_named_after_its_kind(site: str, tmp_path: Path) -> None:
    path = fetch(f"{site}/photo", tmp_path, "subject", inside=INSIDE)
    assert path.name == "photo.png" and path.read_bytes() == b"\x89PNG"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("away", "not on the public internet"),
        ("disk", "something else than http"),
        ("circle", "redirects too often"),
        ("huge", "larger than"),
        ("missing", "answered 404"),
        ("empty", "is empty"),
    ],
)
def test_answers_that_are_not_taken(site: str, tmp_path: Path, path: str, said: str) -> None:
    with pytest.raises(FetchError, match=said) as refusal:
        fetch(f"{site}/{path}", tmp_path, "audio", inside=INSIDE)
    assert refusal.value.parameter == "audio"


def test_an_endless_answer_ends_at_the_largest_size(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1_000_000)
    with pytest.raises(FetchError, match="larger than 1 MB"):
        fetch(f"{site}/endless", tmp_path, "subject", inside=INSIDE)


def test_a_dripping_answer_ends_at_the_deadline(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_DEADLINE", 0.5)
    began = time.monotonic()
    with pytest.raises(FetchError, match="takes too long"):
        fetch(f"{site}/dripping", tmp_path, "subject", inside=INSIDE)
    assert time.monotonic() - began < 5


def test_a_name_that_changes_between_check_and_connection_gains_nothing(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(site.rpartition(":")[2])
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])

    def changing(host: str, *given: Any, **named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    url = f"http://rebound.example:{port}/photo"
    require_address(url, "subject")
    with pytest.raises(FetchError, match="not on the public internet"):
        fetch(url, tmp_path, "subject")
