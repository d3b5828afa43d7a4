"""From Create to the finished video and its report: the handlers that run the studio for the page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np

from pipeline import engines, studio
from pipeline.request import Chunk, Event, Request, Result
from pipeline.service import jobs
from pipeline.service.form import Answers
from pipeline.service.messages import sentence
from pipeline.ui import markup, output
from pipeline.ui.output import Changes, Screen

if TYPE_CHECKING:
    from pipeline.trust import Memory

GPU_SECONDS = 240
"""Longest stretch of a shared GPU that one job asks for on a ZeroGPU Space."""


def run(answers: Answers, page: Screen, memory: Memory | None = None) -> Iterator[Changes]:
    """Render for the page: changes of its screen, step by step. Closing it cancels the job.

    Args:
        memory: the visitor's own answers of consent; None for this machine's.
    """
    folder = jobs.new_folder(cache())
    done, chunk = False, None
    try:
        with closing(stream(answers.request(folder, preview=True, memory=memory))) as coming:
            for event in coming:
                if isinstance(event, Chunk):
                    if chunk is None:
                        yield output.first_seconds(page)
                    chunk = event.path
                done = done or isinstance(event, Result)
                yield output.step(page, event)
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        yield output.refused(page, sentence(error))
    finally:
        if not done:
            jobs.discard(folder)
        if chunk is not None:  # handed to Gradio, which reads and removes it unless the job was cancelled
            chunk.unlink(missing_ok=True)


def review(made: Result | None) -> Iterator[str]:
    """The report on a finished video: how lips and head came out, measured from the file itself."""
    if made is None:
        return
    from pipeline.review import draw, review_video

    yield markup.notice("Measuring how lips and head came out …", kind="note")
    try:
        found = review_video(made.video, phones=made.phones, face=made.face)
        curves = _png(draw(found))
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        yield markup.notice(sentence(error), kind="note")
    else:
        yield markup.report(found.lips, found.head, found.sentence, found.findings, curves)


def stream(request: Request) -> Iterator[Event]:
    """The studio's events, on a borrowed GPU where the Space lends one and an engine has use for it."""
    wanted = engines.card("head", request.head), engines.card("lips", request.lips)
    return _on_gpu(request) if any(card.checkpoints for card in wanted) else studio.stream(request)


def cache() -> Path:
    """Where Gradio keeps the files that it serves."""
    return Path(gr.utils.get_upload_folder())


def _png(image: np.ndarray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _borrowed(function: Callable[[Request], Iterator[Event]]) -> Callable[[Request], Iterator[Event]]:
    try:
        import spaces
    except ImportError:
        return function
    return spaces.GPU(duration=GPU_SECONDS)(function)


_on_gpu = _borrowed(studio.stream)
