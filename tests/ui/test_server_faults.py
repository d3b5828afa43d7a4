"""The running page under bad luck: callers who leave, other sites, names pointed here, Ctrl-C mid render."""

from __future__ import annotations

import json
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from ui.serving import Served

from pipeline.ui import endpoint

LONG = "Many words to say, one after the other. " * 40


def ask(address: str, *, data: bytes | None = None, **headers: str) -> tuple[int, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, named), timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def upload(served: Served, photo: Path, **headers: str) -> tuple[int, str]:
    mark = "studio-test"
    body = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'.encode()
    body += photo.read_bytes() + f"\r\n--{mark}--\r\n".encode()
    content = {"Content_Type": f"multipart/form-data; boundary={mark}"}
    return ask(f"{served.address}/gradio_api/upload", data=body, **content, **headers)


def values(served: Served, photo: Path, words: str) -> list[Any]:
    """What a video is made from."""
    path = json.loads(upload(served, photo)[1])[0]
    defaults = [
        each.default for name, each in signature(endpoint.create).parameters.items() if name != "request"
    ]
    return [{"path": path, "meta": {"_type": "gradio.FileData"}}, words, "fictional", *defaults[3:]]


def begin(served: Served, photo: Path) -> str:
    """Start a long job over HTTP; returns where its events can be read."""
    return call(served, values(served, photo, LONG))


def call(served: Served, values: list[Any]) -> str:
    address = f"{served.address}/gradio_api/call/create"
    data = json.dumps({"data": values}).encode()
    return f"{address}/{json.loads(ask(address, data=data, Content_Type='application/json')[1])['event_id']}"


def wait(done: Callable[[], bool], seconds: float = 240.0) -> bool:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)
    return done()


def unfinished(served: Served) -> list[Path]:
    return list(served.folder.glob("jobs/*/.*"))


def messages(served: Served, session: str) -> Iterator[dict[str, Any]]:
    """What the stream of a session says."""
    address = f"{served.address}/gradio_api/queue/data?session_hash={session}"
    with urllib.request.urlopen(address, timeout=120) as stream:
        for line in stream:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


def test_a_browser_that_changes_streams_loses_no_call(served: Served, astronaut: Path) -> None:
    """As when somebody clicks just as an earlier call ends: the browser opens a new stream for it."""
    config = json.loads(ask(f"{served.address}/config")[1])
    number = next(each["id"] for each in config["dependencies"] if each["api_name"] == "create")
    call = {"data": values(served, astronaut, "Two words."), "fn_index": number, "session_hash": "changes"}
    address = f"{served.address}/gradio_api/queue/join"
    event = json.loads(ask(address, data=json.dumps(call).encode(), Content_Type="application/json")[1])

    stream = messages(served, "changes")
    assert next(each for each in stream if each["msg"] == "process_starts")["event_id"] == event["event_id"]
    stream.close()
    time.sleep(0.3)  # for the server to notice
    completed = next(each for each in messages(served, "changes") if each["msg"] != "heartbeat")
    assert completed["msg"] == "process_completed" and completed["success"], completed

    assert list(messages(served, "nobody"))[-1]["session_not_found"]
    assert "event: error" in ask(f"{served.address}/gradio_api/call/create/nothing")[1]
    assert "Traceback" not in served.log.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_server_under_bad_luck(served: Served, astronaut: Path) -> None:
    assert ask(served.address, Host="evil.test")[0] == 421
    assert upload(served, astronaut, Origin="https://evil.test")[0] == 403
    assert ask(f"{served.address}/monitoring")[0] != 200

    assert "values are needed" in ask(call(served, [None, LONG]))[1]

    before = set(served.folder.glob("jobs/*"))
    events = urllib.request.urlopen(begin(served, astronaut), timeout=240)
    assert wait(lambda: bool(unfinished(served)))
    events.close()
    assert wait(lambda: set(served.folder.glob("jobs/*")) <= before), "the caller left, the job went on"

    events = urllib.request.urlopen(begin(served, astronaut), timeout=240)
    assert wait(lambda: bool(unfinished(served)))
    # whatever a shell starts in its background ignores Ctrl-C
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    served.server.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
    assert served.server.wait(timeout=120) == 0
    events.close()
    assert set(served.folder.glob("jobs/*")) <= before
    log = served.log.read_text()
    assert "terminate called" not in log and "Traceback" not in log
    assert "Many words" not in log
