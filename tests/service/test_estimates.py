"""How long there is to wait."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from pipeline.progress import Event, Progress
from pipeline.service import estimates
from pipeline.service.estimates import Estimates


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time, in its only element."""
    now = [100.0]
    monkeypatch.setattr(estimates.time, "monotonic", lambda: now[0])
    yield now


def job(clock: list[float], *, loading: float, seconds: float) -> Generator[Event, None, None]:
    """A job that loads for a while and then animates for so many seconds."""
    yield Progress("subject", 0.0)
    clock[0] += loading
    for step in range(11):
        yield Progress("animation", step / 10, 999.0)
        clock[0] += seconds / 10


def test_time_left_leaves_out_how_long_loading_took(clock: list[float]) -> None:
    times = Estimates()
    said = list(times.watch(job(clock, loading=30, seconds=20), 10.0))
    animation = [event for event in said if isinstance(event, Progress) and event.stage == "animation"]
    assert animation[0].seconds_left is None  # nothing to go by yet
    assert [event.seconds_left for event in animation[1:]] == pytest.approx(
        [20 - 2 * n for n in range(1, 11)]
    )


def test_waiting_counts_the_running_job_and_those_between(clock: list[float]) -> None:
    times = Estimates()
    assert times.waiting_seconds(0) == 0
    running = times.watch(job(clock, loading=0, seconds=20), 10.0)
    for event in running:
        if isinstance(event, Progress) and event.fraction == 0.5:
            break
    assert times.waiting_seconds(1) == pytest.approx(10)
    assert times.waiting_seconds(2) > times.waiting_seconds(1) + 1
    running.close()
    assert times.waiting_seconds(1) <= 1


def test_estimates_learn_from_what_jobs_took(clock: list[float]) -> None:
    times = Estimates()
    before = times.render_seconds(100)
    for _ in range(20):
        list(times.watch(job(clock, loading=0, seconds=40), 10.0))
    assert times.render_seconds(100) == pytest.approx(440, rel=0.1) and times.render_seconds(100) > before


def test_closing_closes_the_job(clock: list[float]) -> None:
    source = job(clock, loading=0, seconds=1)
    watched = Estimates().watch(source, 1.0)
    next(watched)
    watched.close()
    assert list(source) == []
