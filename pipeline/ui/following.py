"""An opened page follows a render of its visit, and Cancel gives it up: the same for films and for dubs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from pipeline.service.rendering import Render
from pipeline.service.visit_renders import RENDERS
from pipeline.ui import cancelling
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes


def wire(
    cancel: gr.Button,
    job: Sequence[Any],
    begun: Sequence[Any],
    show: Callable[[Render], Iterator[Changes]],
    cancelled: Callable[[], Changes],
    outputs: Any,
) -> None:
    """Say how a render is shown from its start, or from a reload, to its end.

    Args:
        cancel: the button that gives it up.
        job: the components that hold the render's name, if there is one, and the visit's secret.
        begun: Gradio's events after which there may be a render to follow.
        show: the changes of the page while one is followed.
        cancelled: what the page shows once it has been given up.
        outputs: of `show` and `cancelled`.
    """

    def follow(name: str | None, secret: str) -> Iterator[Any]:
        render = RENDERS.find(name, secret) if name else None
        if render is None:
            yield gr.skip()  # a generator that yields nothing would empty the tab
            return
        yield from show(render)

    follows = [event.then(follow, job, outputs, concurrency_limit=None, **QUIET) for event in begun]
    left = cancelling.wire(cancel, follows, cancelled, None, outputs)
    left.then(give_up, job, **AT_ONCE)


def give_up(name: str | None, secret: str) -> None:
    """End the visit's render of that name, if there is one."""
    if name and (render := RENDERS.find(name, secret)):
        render.cancel()
