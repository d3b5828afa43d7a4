"""`talking-head serve` as an operator runs it: killed in the middle of a job, started again, told to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file

from pipeline.samples import HOPPER

ROOT = Path(__file__).parents[2]
SECRET_WORDS = "Zanzibar marmalade. "


@contextmanager
def serving(home: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    names = {"STUDIO_DATA": "data", "GRADIO_TEMP_DIR": "page", "XDG_STATE_HOME": "state"}
    environment = {**os.environ, **{name: str(home / folder) for name, folder in names.items()}}
    command = [sys.executable, "-m", "pipeline", "serve", "--port", str(port), "--share-pages", "-v"]
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=240, trust_env=False) as web:
                wait(lambda: answers(web) or process.poll() is not None)
                yield process, web
        finally:
            process.kill()
            process.wait()


def answers(web: httpx.Client) -> bool:
    try:
        return web.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def wait(done: Callable[[], Any], seconds: float = 360) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := done()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found
    return found


def ask(web: httpx.Client, text: str) -> str:
    files = {"subject": ("ada.jpg", HOPPER.path.read_bytes())}
    return web.post("/api/v1/videos", data={"text": text, "size": "128"}, files=files).json()["id"]


def job(web: httpx.Client, name: str) -> dict[str, Any]:
    return web.get(f"/api/v1/videos/{name}").json()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_server_that_is_killed_and_started_again_loses_nothing(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, port) as (process, web):
        finished = ask(web, "Hi.")
        wait(lambda: job(web, finished)["state"] == "done")
        running, waiting = ask(web, SECRET_WORDS * 3), ask(web, "Later.")
        wait(lambda: job(web, running)["stage"] == "animation")
        process.kill()
    with serving(tmp_path, port) as (process, web):
        assert job(web, finished)["state"] == "done"
        assert web.get(job(web, finished)["links"]["video"]).content[4:8] == b"ftyp"
        # A visitor of the page gets in between the jobs that wait: one line for all.
        client = Client(f"http://127.0.0.1:{port}", verbose=False, download_files=tmp_path / "got")
        video, *_ = client.predict(photo=handle_file(HOPPER.path), text="Hi.", size=128, api_name="/create")
        assert Path(video).stat().st_size > 5_000
        assert web.get(f"/v/{finished}").status_code == 200
        wait(lambda: job(web, waiting)["state"] == "done" and job(web, running)["state"] == "done")
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    log = (tmp_path / "log").read_text()
    assert "Zanzibar" not in log and "Traceback" not in log, log[-3000:]
