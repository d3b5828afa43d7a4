"""What is asked before a job starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.plan import Plan, check
from pipeline.samples import HOPPER
from pipeline.service import confirmations, estimates
from pipeline.spec import split


def plan(folder: Path, **given: Any) -> Plan:
    return check(*split({"subject": HOPPER.path, "path": folder / "a.mp4", **given}))


def test_a_short_script_is_not_asked_about(tmp_path: Path) -> None:
    assert confirmations.confirmation(plan(tmp_path, text="Hi."), 10.0) is None


def test_a_long_job_says_how_long_it_takes(tmp_path: Path) -> None:
    asked = confirmations.confirmation(plan(tmp_path, text="Words and words. " * 500), 900.0)
    assert asked is not None and asked.parameter == "text"
    assert "about 9 minutes" in str(asked) and "about 15 minutes" in str(asked)


def test_a_recording_in_which_nobody_speaks_is_asked_about(tmp_path: Path, tone: Path) -> None:
    asked = confirmations.confirmation(plan(tmp_path, audio=tone), 10.0)
    assert asked is not None and asked.parameter == "audio" and "no speech" in str(asked)


def test_length_is_known_of_texts_and_recordings(tmp_path: Path, tone: Path) -> None:
    assert estimates.video_seconds(plan(tmp_path, text="x" * 150, pace=2.0)) == pytest.approx(5)
    assert estimates.video_seconds(plan(tmp_path, audio=tone)) > 0.5


@pytest.mark.parametrize(("seconds", "said"), [(20, "about 1 minute"), (200, "about 3 minutes")])
def test_minutes_are_rounded(seconds: float, said: str) -> None:
    assert confirmations.minutes(seconds) == said
