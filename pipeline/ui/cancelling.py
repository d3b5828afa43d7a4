"""Cancel: work that was begun on the page ends, and only then may it be begun again.

Until the server has answered a cancellation, which it does once the work has cleaned up, the browser takes
the cancelled event for running and silently drops the next of its kind. What starts it is therefore not
offered before. Gradio triggers `failure` when a cancelled event has ended in the browser, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_PRESSED = '() => ({__type__: "update", interactive: false})'
"""In the browser, so that a second click cannot come before the answer to the first."""


def offered() -> Any:
    """The change of a Cancel button with which it can be seen and pressed."""
    return gr.update(visible=True, interactive=True)


def wire(
    cancel: gr.Button, jobs: Sequence[Any], ended: Callable[..., Any], inputs: Any, outputs: Any
) -> None:
    """Say what a Cancel button does.

    Args:
        cancel: shown by the change `offered` whenever a job begins.
        jobs: Gradio's events that it cancels, whose generators are closed.
        ended: what the page shows once a job has ended that was cancelled, or that failed unforeseen. A
            job that comes to its end in time shows what it has made instead.
        inputs: of `ended`.
        outputs: of `ended`.
    """
    cancel.click(None, outputs=cancel, js=_PRESSED, **_QUIET)
    cancel.click(None, cancels=list(jobs))
    for job in jobs:
        job.failure(ended, inputs, outputs, queue=False, **_QUIET)
