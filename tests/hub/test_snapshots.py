"""Folders of a repository: listed, downloaded, verified and found again, with a local server."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import hubrepo
import pytest

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.hub.snapshots import snapshot

REPO = "somebody/sharded"
FILES = {
    "net/model.safetensors.index.json": json.dumps(
        {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    ).encode(),
    "net/model-1.safetensors": b"one" * 1000,
    "net/model-2.safetensors": b"two" * 1000,
    "config.json": b"{}",
    "README.md": b"not needed",
}
PATTERNS = ("config.json", "net/*")


class Server(ThreadingHTTPServer):
    """Serves a repository as the Hub does, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = dict(FILES)
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == f"/api/models/{REPO}/tree/{hubrepo.COMMIT}":
            self._send(json.dumps([self._entry(name) for name in self.server.files]).encode(), "list", body)
            return
        name = path.removeprefix(f"/{REPO}/resolve/{hubrepo.COMMIT}/")
        if name not in self.server.files:
            self.send_error(404)
            return
        if body:
            self.server.asked.append(name)
        self._send(self.server.files[name], hashlib.sha256(FILES[name]).hexdigest(), body)

    def _entry(self, name: str) -> dict[str, object]:
        data = FILES[name]
        entry: dict[str, object] = {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
        if name.endswith(".safetensors"):
            entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return entry

    def _send(self, data: bytes, etag: str, body: bool) -> None:
        self.send_response(200)
        self.send_header("X-Repo-Commit", hubrepo.COMMIT)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Keeps the tests' output quiet."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    hubrepo.point_at(monkeypatch, tmp_path / "cache", offline=False, endpoint=address)
    yield server
    server.shutdown()
    server.server_close()


def pulled() -> Path:
    return snapshot(REPO, hubrepo.COMMIT, PATTERNS, engine="head engine test")


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


WANTED = {name: data for name, data in FILES.items() if name != "README.md"}


def test_what_matches_is_downloaded_once(server: Server) -> None:
    folder = pulled()
    assert contents(folder) == WANTED
    assert sorted(server.asked) == sorted(WANTED)
    server.files.clear()
    assert pulled() == folder and len(server.asked) == len(WANTED)


def test_a_missing_shard_is_downloaded(server: Server) -> None:
    folder = pulled()
    (folder / "net/model-2.safetensors").unlink()
    server.asked.clear()
    assert contents(pulled()) == WANTED
    assert set(server.asked) <= {"net/model-2.safetensors"}


def test_a_shard_that_arrives_damaged_is_refused(server: Server) -> None:
    server.files["net/model-1.safetensors"] = b"bad" * 1000
    with pytest.raises(CheckpointError, match="model-1"):
        pulled()


def test_without_a_connection_the_sentence_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubrepo.point_at(monkeypatch, tmp_path / "cache", offline=True)
    with pytest.raises(CheckpointError, match="head engine test needs somebody/sharded") as caught:
        pulled()
    assert str(caught.value).endswith(".") and ". " not in str(caught.value)


def test_files_placed_by_hand_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hubrepo.point_at(monkeypatch, tmp_path / "cache", offline=True)
    monkeypatch.setenv(hub.FOLDER, str(tmp_path / "placed"))
    for name, data in WANTED.items():
        path = tmp_path / "placed" / REPO / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert pulled() == tmp_path / "placed" / REPO


def test_a_repository_without_such_a_file_is_refused(server: Server) -> None:
    with pytest.raises(CheckpointError, match=r"has no other/\*"):
        snapshot(REPO, hubrepo.COMMIT, ["other/*"], engine="head engine test")


def test_an_index_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hubrepo.point_at(monkeypatch, tmp_path / "cache", offline=True)
    monkeypatch.setenv(hub.FOLDER, str(tmp_path))
    path = tmp_path / REPO / "model.safetensors.index.json"
    path.parent.mkdir(parents=True)
    path.write_text("[]")
    with pytest.raises(CheckpointError, match="damaged"):
        snapshot(REPO, hubrepo.COMMIT, ["*"], engine="head engine test")
