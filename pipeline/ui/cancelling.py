"""Cancel: work that was begun on the page ends, and only then may it be begun again.

Until the server has answered a cancellation, which it does once the work has cleaned up, the browser takes
the cancelled event for running and silently drops the next of its kind. What starts it is therefore not
offered before. Gradio triggers `failure` when a cancelled event has ended in the browser, too.

Gradio closes a cancelled generator in the thread that answers every request; while workers were ending, which
takes seconds, nobody got an answer. Here it is closed in another thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from anyio import to_thread
from gradio.utils import SyncToAsyncIterator

from pipeline.ui.events import AT_ONCE, QUIET

_PRESSED = '() => ({__type__: "update", interactive: false})'
"""In the browser, so that a second click cannot come before the answer to the first."""


def offered() -> Any:
    """The change of a Cancel button with which it can be seen and pressed."""
    return gr.update(visible=True, interactive=True)


def wire(cancel: gr.Button, jobs: Sequence[Any], ended: Callable[..., Any], inputs: Any, outputs: Any) -> Any:
    """Say what a Cancel button does.

    Args:
        cancel: shown by the change `offered` whenever a job begins.
        jobs: Gradio's events that it cancels, whose generators are closed.
        ended: what the page shows once a job has ended that was cancelled, or that failed unforeseen. A
            job that comes to its end in time shows what it has made instead.
        inputs: of `ended`.
        outputs: of `ended`.

    Returns:
        Gradio's event after which nothing follows the jobs any more.
    """
    cancel.click(None, outputs=cancel, js=_PRESSED, **QUIET)
    for job in jobs:
        job.failure(ended, inputs, outputs, **AT_ONCE)
    return cancel.click(None, cancels=list(jobs))


def close_aside() -> None:
    """From now on, cancelled generators of this process's pages clean up in a thread of their own."""
    SyncToAsyncIterator.aclose = _close  # type: ignore[method-assign]


async def _close(events: Any, timeout: float = 60.0, retry_interval: float = 0.05) -> None:
    """In place of Gradio's own, which has the same parameters: seconds to wait for a step that goes on, and
    between two attempts.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            await to_thread.run_sync(events.iterator.close)
            return
        except ValueError as error:
            if "already executing" not in str(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(retry_interval)
