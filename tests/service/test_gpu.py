"""A GPU is borrowed only for jobs that have use for it, and only for what the GPU does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import hub, studio
from pipeline.errors import PhotoError
from pipeline.plan import Plan, check
from pipeline.progress import Progress
from pipeline.samples import HOPPER
from pipeline.service import gpu
from pipeline.spec import split
from pipeline.trust import consent_for
from pipeline.types import RATE, Frame, Speech

ROOT = Path(__file__).parents[2]


def plan(path: Path, **asked: Any) -> Plan:
    return check(*split({"subject": HOPPER.path, "path": path / "a.mp4", "text": "Hi.", **asked}))


@pytest.mark.parametrize(("head", "borrows"), [("puppet", False), ("liveportrait", True)])
def test_only_engines_with_checkpoints_borrow_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, borrows: bool
) -> None:
    asked: list[bool] = []

    def stream(*_: Any, make_clip: Any, **__: Any) -> Generator[None, None, None]:
        asked.append(make_clip is not None)
        yield

    monkeypatch.setattr(studio, "stream", stream)
    monkeypatch.setattr(gpu, "_lease", lambda *_: iter(()))
    list(gpu.stream(plan(tmp_path, head=head), consent_for(HOPPER.path, None), preview=False))
    assert asked == [borrows]


def test_without_the_package_of_spaces_a_job_runs_here(tmp_path: Path) -> None:
    events = gpu.stream(plan(tmp_path), consent_for(HOPPER.path, None), preview=False)
    assert isinstance(next(events), Progress)
    events.close()


def test_the_lease_is_as_long_as_the_engines_need(tmp_path: Path) -> None:
    words = [Speech(np.zeros(RATE * 10, np.float32))]
    quick, slow, both = (
        gpu.lease_seconds(plan(tmp_path, **asked), None, words)
        for asked in (
            {"lips": "wav2lip"},
            {"lips": "latentsync"},
            {"head": "liveportrait", "lips": "latentsync"},
        )
    )
    assert 30 < quick < 45 and slow > 120 and both == slow + 10
    assert gpu.lease_seconds(plan(tmp_path, lips="latentsync"), None, words * 30) == 240
    assert gpu.lease_seconds(plan(tmp_path, lips="latentsync", fps=50), None, words[:1]) > slow


def test_what_goes_wrong_on_loan_is_said_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    monkeypatch.setattr(hub, "fetch", verified.append)

    def lease(*_: Any) -> Generator[Any, None, None]:
        assert verified, "files are fetched and verified before the lease"
        yield gpu._About((4, 4), 25, None)
        yield Frame(np.zeros((4, 4, 3), np.uint8))
        yield PhotoError("No.", parameter="subject")

    monkeypatch.setattr(gpu, "_lease", lease)
    clip = gpu._animated_on_loan(plan(tmp_path, lips="wav2lip"), None, [])
    assert clip.size == (4, 4) and next(clip.frames).image.shape == (4, 4, 3)
    with pytest.raises(PhotoError) as caught:
        next(clip.frames)
    assert str(caught.value) == "No." and caught.value.parameter == "subject"


SPACES = '''
import multiprocessing, pickle

def GPU(duration):
    """Runs a generator as ZeroGPU does: in a forked process, with everything pickled on its way."""
    def wrap(task):
        def lent(*given):
            assert duration(*given) > 0
            context = multiprocessing.get_context("fork")
            sent = context.Queue()
            def work():
                for item in task(*pickle.loads(pickle.dumps(given))):
                    sent.put(item)
                sent.put(None)
            worker = context.Process(target=work, daemon=True)
            worker.start()
            while (item := sent.get(timeout=300)) is not None:
                yield item
            worker.join(120)
            assert worker.exitcode == 0
        return lent
    return wrap
'''

SCRIPT = '''
import sys
from pathlib import Path

from pipeline import faces, studio
from pipeline.samples import HOPPER
from pipeline.service import gpu, warmup
from pipeline.spec import split

def seen(plan, subject, parts):
    """The lease, with the tracker in it."""
    faces.find(subject.image)
    yield from gpu._render(plan, subject, parts)

warmup._warm()
gpu._lease = sys.modules["spaces"].GPU(duration=gpu.lease_seconds)(seen)
asked = {"subject": HOPPER.path, "text": "Hello.", "path": Path(sys.argv[1]), "size": 192}
for event in studio.stream(*split(asked), make_clip=gpu._animated_on_loan):
    print(event)
'''


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_process_forked_after_the_warm_up_renders(tmp_path: Path) -> None:
    (tmp_path / "spaces.py").write_text(SPACES)
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py", tmp_path / "a.mp4"],
        env={"PATH": "", "HOME": str(tmp_path), "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.mp4").stat().st_size > 10_000
