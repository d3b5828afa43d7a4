"""A GPU is borrowed only for jobs that have use for it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pipeline.plan import check
from pipeline.progress import Progress
from pipeline.samples import HOPPER
from pipeline.service import gpu
from pipeline.spec import split
from pipeline.trust import consent_for


@pytest.mark.parametrize(("head", "borrows"), [("puppet", False), ("liveportrait", True)])
def test_only_engines_with_checkpoints_borrow_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, borrows: bool
) -> None:
    def ran(where: str) -> Any:
        def render(*_: Any) -> Generator[str, None, None]:
            yield where

        return render

    monkeypatch.setattr(gpu, "_on_gpu", ran("borrowed"))
    monkeypatch.setattr(gpu, "_render", ran("here"))
    plan = check(*split({"subject": HOPPER.path, "path": tmp_path / "a.mp4", "text": "Hi.", "head": head}))
    events = gpu.stream(plan, consent_for(HOPPER.path, None), preview=False)
    assert list(events) == (["borrowed"] if borrows else ["here"])


def test_without_the_package_of_spaces_a_job_runs_here(tmp_path: Path) -> None:
    plan = check(*split({"subject": HOPPER.path, "path": tmp_path / "a.mp4", "text": "Hi."}))
    events = gpu.stream(plan, consent_for(HOPPER.path, None), preview=False)
    assert isinstance(next(events), Progress)
    events.close()
