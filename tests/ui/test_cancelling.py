"""Cancelled work cleans up beside the requests of everybody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import anyio
import pytest
from gradio.utils import SyncToAsyncIterator, safe_aclose_iterator

from pipeline.ui import cancelling


def test_requests_are_answered_while_a_cancelled_job_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SyncToAsyncIterator, "aclose", SyncToAsyncIterator.aclose)  # undone after the test
    cancelling.close_aside()
    ended = []

    def job() -> Iterator[int]:
        try:
            yield 1
            time.sleep(0.2)  # the step during which it is cancelled
            yield 2
        finally:
            time.sleep(0.3)
            ended.append(True)

    async def served() -> float:
        events = SyncToAsyncIterator(job(), anyio.CapacityLimiter(1))
        await anext(events)
        step = asyncio.create_task(anext(events))
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(safe_aclose_iterator(events))
        longest, before = 0.0, time.monotonic()
        while not closing.done():
            await asyncio.sleep(0.01)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        await closing
        await step
        return longest

    assert asyncio.run(served()) < 0.25, "the loop that answers requests stood still"
    assert ended == [True]
