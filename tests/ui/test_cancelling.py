"""Cancelled work cleans up beside the requests of everybody else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import anyio
import pytest
from gradio.utils import SyncToAsyncIterator, safe_aclose_iterator

from pipeline.ui import cancelling


def test_requests_are_answered_while_a_cancelled_job_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SyncToAsyncIterator, "aclose", SyncToAsyncIterator.aclose)  # undone after the test
    cancelling.close_aside()
    step, cleaning, answered = threading.Event(), threading.Event(), threading.Event()
    ended = []

    def job() -> Iterator[int]:
        try:
            yield 1
            assert step.wait(60)  # the step during which it is cancelled
            yield 2
        finally:
            cleaning.set()
            ended.append(answered.wait(10))

    async def served() -> None:
        events = SyncToAsyncIterator(job(), anyio.CapacityLimiter(1))
        await anext(events)
        last = asyncio.create_task(anext(events))
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(safe_aclose_iterator(events))
        await asyncio.sleep(0.05)
        step.set()
        while not (cleaning.is_set() or closing.done()):
            await asyncio.sleep(0.01)
        answered.set()
        await closing
        await last

    asyncio.run(served())
    assert ended == [True], "the loop that answers requests stood still"
