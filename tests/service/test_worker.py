"""The background work: jobs that a process did not survive, and webhooks that a server did not take."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import StudioError
from pipeline.samples import HOPPER
from pipeline.service import running_jobs, submission, webhooks
from pipeline.service.settings import Settings
from pipeline.service.store import JobStore, Record
from pipeline.service.worker import Worker

SECRET = "whsec_" + base64.b64encode(b"a key of some length").decode()


class Listener(BaseHTTPRequestHandler):
    """Refuses the first telling and takes the others, with more to say than anybody wants to hear."""

    heard: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(503 if len(self.heard) == 1 else 200)
        self.send_header("Content-Length", "1000000000")
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    heard: list[tuple[dict[str, str], bytes]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Own", (Listener,), {"heard": heard}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", heard
    server.shutdown()
    server.server_close()


def ask(store: JobStore, settings: Settings, **more: Any) -> Record:
    folder = store.new_folder()
    given = {"text": "Hi.", "size": 128, **more}
    uploads = {"subject": HOPPER.path}
    return submission.submit(store, settings, folder, given, uploads, client="ada", local=True)


def wait(done: Callable[[], Any], seconds: float = 240) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := done()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found
    return found


def ended(store: JobStore, record: Record) -> Record:
    def over() -> Record | None:
        return store[record.id] if store[record.id].over else None

    found: Record = wait(over)
    return found


def test_what_a_lost_process_ran_starts_again_and_what_others_run_does_not(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    store = JobStore(tmp_path)
    lost, others, hopeless = (ask(store, settings) for _ in range(3))
    for record, owner, attempts in ((lost, "gone", 1), (others, "alive", 1), (hopeless, "gone", 3)):
        store.change(record.id, state="running", owner=owner, attempts=attempts)
    worker = Worker(store, settings)
    with running_jobs.locked(tmp_path / "alive"):
        worker.start()
        assert ended(store, lost).state == "done" and store[lost.id].attempts == 2
        assert store[others.id].state == "running"
        assert "whenever it made" in ended(store, hopeless).problem["sentence"]
        worker.stop()
    store.close()


def test_a_job_that_is_removed_as_it_ends_does_not_end_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, store = Settings(tmp_path), JobStore(tmp_path)
    end = store.end

    def removed(name: str, *values: Any, **more: Any) -> bool:
        store.remove(name)
        return end(name, *values, **more)

    monkeypatch.setattr(store, "end", removed)
    first, second = ask(store, settings), ask(store, settings)
    worker = Worker(store, settings)
    worker.start()
    wait(lambda: store.find(first.id) is store.find(second.id) is None)
    worker.stop()
    store.close()


def test_stopping_puts_the_running_job_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_jobs, "_stopping", threading.Event())
    settings, store = Settings(tmp_path), JobStore(tmp_path)
    record = ask(store, settings, text="Hello there. " * 60)
    worker = Worker(store, settings)
    worker.start()
    wait(lambda: store[record.id].stage in ("speech", "animation"))
    assert running_jobs.stop_all(patience=30)
    worker.stop(patience=30)
    left = store[record.id]
    assert left.state == "queued" and left.attempts == 0 and left.asked["answers"]["text"]
    assert not list(tmp_path.glob("*.worker"))
    store.close()


def test_a_webhook_is_told_again_until_it_listens_and_can_check_who_tells(
    tmp_path: Path, listener: tuple[str, list[tuple[dict[str, str], bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, heard = listener
    monkeypatch.setattr(webhooks, "_PAUSES", (0.1, 0.1))
    settings, store = Settings(tmp_path, webhook_secret=SECRET, fetch_from=("127.0.0.1",)), JobStore(tmp_path)
    record = ask(store, settings, webhook=url)
    worker = Worker(store, settings)
    worker.start()
    ended(store, record)
    wait(lambda: len(heard) == 2)
    wait(lambda: store[record.id].hook_due is None)
    worker.stop()
    (_, (headers, body)) = heard
    told = json.loads(body)
    assert told["type"] == "video.done" and told["data"]["id"] == record.id
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = hmac.new(b"a key of some length", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert heard[0][0]["webhook-id"] == headers["webhook-id"]
    store.close()


def test_a_webhook_that_never_listens_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_PAUSES", (0.0, 0.0))
    settings, store = (
        Settings(tmp_path, webhook_secret="plain", fetch_from=("127.0.0.1",)),
        JobStore(tmp_path),
    )
    with pytest.raises(StudioError, match="not a web address"):
        ask(store, settings, webhook="http://127.0.0.1:9/\x01")
    record = ask(store, settings, webhook="http://127.0.0.1:9/hook")
    store.end(record.id, "failed", problem={"sentence": "No.", "reason": "TextError", "foreseen": True})
    for _ in range(3):
        (due,) = store.hooks_due()
        webhooks.tell(store, due, settings)
    assert store.hooks_due() == [] and store[record.id].hook_tries == 3
    store.close()
