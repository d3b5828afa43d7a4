"""The running page under bad luck: callers who leave, other sites, names pointed here, Ctrl-C mid render."""

from __future__ import annotations

import json
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
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
        with urllib.request.urlopen(urllib.request.Request(address, data, named), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def upload(served: Served, photo: Path, **headers: str) -> tuple[int, str]:
    mark = "studio-test"
    body = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'.encode()
    body += photo.read_bytes() + f"\r\n--{mark}--\r\n".encode()
    content = {"Content_Type": f"multipart/form-data; boundary={mark}"}
    return ask(f"{served.address}/gradio_api/upload", data=body, **content, **headers)


def begin(served: Served, photo: Path) -> str:
    """Start a long job over HTTP; returns where its events can be read."""
    path = json.loads(upload(served, photo)[1])[0]
    defaults = [
        each.default for name, each in signature(endpoint.create).parameters.items() if name != "request"
    ]
    return call(
        served, [{"path": path, "meta": {"_type": "gradio.FileData"}}, LONG, "fictional", *defaults[3:]]
    )


def call(served: Served, values: list[Any]) -> str:
    address = f"{served.address}/gradio_api/call/create"
    data = json.dumps({"data": values}).encode()
    return f"{address}/{json.loads(ask(address, data=data, Content_Type='application/json')[1])['event_id']}"


def wait(done: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)
    return done()


def unfinished(served: Served) -> list[Path]:
    return list(served.folder.glob("jobs/*/.*"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_server_under_bad_luck(served: Served, astronaut: Path) -> None:
    assert ask(served.address, Host="evil.test")[0] == 421
    assert upload(served, astronaut, Origin="https://evil.test")[0] == 403
    assert ask(f"{served.address}/monitoring")[0] != 200

    assert "values are needed" in ask(call(served, [None, LONG]))[1]

    before = set(served.folder.glob("jobs/*"))
    events = urllib.request.urlopen(begin(served, astronaut), timeout=60)
    assert wait(lambda: bool(unfinished(served)))
    events.close()
    assert wait(lambda: set(served.folder.glob("jobs/*")) <= before, 30), "the caller left, the job went on"

    events = urllib.request.urlopen(begin(served, astronaut), timeout=60)
    assert wait(lambda: bool(unfinished(served)))
    # whatever a shell starts in its background ignores Ctrl-C
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    served.server.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
    assert served.server.wait(timeout=40) == 0
    events.close()
    assert set(served.folder.glob("jobs/*")) <= before
    log = served.log.read_text()
    assert "terminate called" not in log and "Traceback" not in log
    assert "Many words" not in log
