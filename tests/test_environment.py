"""Nothing leaves the machine unasked, and a machine without a home or a writable package will do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from test_package import declared

from pipeline import environment

ROOT = Path(__file__).parents[1]

AUDITED = """
import os, sys
watched = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
def watch(event, args):
    if event in watched:
        print("NETWORK", event, args[-1] if event == "socket.connect" else args, flush=True)
sys.addaudithook(watch)
"""

RENDER = """
import time
started = time.monotonic()
import pipeline
assert pipeline.list_engines() and pipeline.list_voices()
pipeline.render(sys.argv[1], sys.argv[2], text="Good morning.", consent="me", size=128, captions="burn")
assert "matplotlib" not in sys.modules  # MediaPipe's drawing brings it in
import onnxruntime
print("MODULES", *sys.modules)
time.sleep(max(0, float(sys.argv[3]) - (time.monotonic() - started)))
"""

REPORTS = """
def report():
    print(*map(os.environ.get, ("ORT_DISABLE_TELEMETRY", "GRADIO_ANALYTICS_ENABLED")), flush=True)
    os._exit(0)
class Reporting:
    "Tells what the library that would report finds set."
    def find_spec(self, name, path=None, target=None):
        if name == "gradio":
            report()
sys.meta_path.insert(0, Reporting())
"""


def clean(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing is switched off yet, with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    (home / "tmp").mkdir(parents=True)
    return {**kept, "HOME": str(home), "TMPDIR": str(home / "tmp"), "PYTHONPATH": str(ROOT), **more}


def in_a_network_of_its_own() -> list[str]:
    """What to put before a command to catch its DNS queries; empty where this system cannot."""
    found = shutil.which("unshare")
    start = [found or "", "-rnm", sys.executable, str(ROOT / "tests" / "netsink.py")]
    if found is None or subprocess.run([*start, "true"], capture_output=True, check=False).returncode:
        return []
    return start


def test_a_render_asks_the_network_nothing_and_leaves_no_identity(tmp_path: Path, astronaut: Path) -> None:
    """Nor does it import anything of the extra networks."""
    home = tmp_path / "home"
    command = [*in_a_network_of_its_own(), sys.executable, "-c", AUDITED + RENDER]
    done = subprocess.run(
        [*command, str(astronaut), str(tmp_path / "talk.mp4"), "6"],
        env=clean(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Where this takes a minute, MediaPipe looks that up, but can send nothing: `mediapipe_runtime`.
    asked = {line for line in done.stdout.splitlines() if line.startswith(("QUERY", "NETWORK"))}
    assert asked <= {"QUERY play.googleapis.com"}
    extra = {Requirement(line).name for line in declared("networks")}
    imported = set(next(line for line in done.stdout.splitlines() if line.startswith("MODULES")).split())
    assert "torch" in extra and "onnxruntime" in imported and not extra & imported
    made = [path.name for path in home.rglob("*")]
    assert not [name for name in made if "Microsoft" in name or name in (".ses", "deviceid")]


def test_the_catch_sees_what_a_library_asks(tmp_path: Path) -> None:
    start = in_a_network_of_its_own()
    if not start:
        pytest.skip("needs a system that lets an ordinary user make a network of their own")
    ask = (
        "import socket, contextlib\nwith contextlib.suppress(OSError): socket.getaddrinfo('example.test', 80)"
    )
    env = clean(tmp_path / "home", RES_OPTIONS="timeout:1 attempts:1")
    done = subprocess.run(
        [*start, sys.executable, "-c", AUDITED + ask], env=env, capture_output=True, text=True
    )
    assert "QUERY example.test" in done.stdout and "NETWORK socket.getaddrinfo" in done.stdout


@pytest.mark.parametrize(
    ("interface", "set_before", "expected"),
    [
        ("pipeline", {}, "1 False"),
        ("pipeline", {"ORT_DISABLE_TELEMETRY": "0"}, "0 False"),
        ("pipeline.cli", {}, "1 False"),
        ("pipeline.cli", {"ORT_DISABLE_TELEMETRY": "0"}, "0 False"),
        ("pipeline.threads", {}, "1 False"),
        ("app, pipeline.ui", {"ORT_DISABLE_TELEMETRY": "0"}, "0 False"),
    ],
)
def test_every_way_in_turns_reports_off(
    interface: str, set_before: dict[str, str], expected: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{AUDITED}{REPORTS}import {interface}\nreport()"],
        env=clean(tmp_path / "home", **set_before),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == expected, done.stderr


def test_loops_are_kept_elsewhere_where_neither_package_nor_home_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # so that it is put back afterwards
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    environment.prepare()
    assert "NUMBA_CACHE_DIR" not in os.environ
    monkeypatch.setattr(environment, "_is_writable", lambda folder: False)
    environment.prepare()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.is_relative_to(tmp_path) and folder.is_dir()


def test_a_folder_that_cannot_be_made_is_not_writable(tmp_path: Path) -> None:
    assert environment._is_writable(tmp_path / "a" / "b")
    assert not environment._is_writable(Path("~", ".cache"))  # what is left of a home that is not known
