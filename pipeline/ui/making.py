"""From Create to the finished video: the handlers that run the studio, for the page and for its endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import gradio as gr

from pipeline import engines
from pipeline.request import Chunk, Event, Request, Result
from pipeline.studio import events
from pipeline.ui import jobs, markup, screen
from pipeline.ui.answers import Answers
from pipeline.ui.screen import Changes, Screen
from pipeline.ui.sentences import sentence

GPU_SECONDS = 240
"""Longest stretch of a shared GPU that one job asks for on a ZeroGPU Space."""


def run(answers: Answers, page: Screen) -> Iterator[Changes]:
    """Render for the page: changes of its screen, step by step. Closing it cancels the job."""
    yield screen.started(page)
    folder = jobs.new_folder(_cache())
    done = previewing = False
    try:
        with closing(_stream(answers.request(folder, preview=True))) as stream:
            for event in stream:
                if isinstance(event, Chunk) and not previewing:
                    previewing = True
                    yield screen.first_seconds(page)
                done = done or isinstance(event, Result)
                yield screen.step(page, event)
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        yield screen.refused(page, sentence(error))
    finally:
        if not done:
            jobs.discard(folder)


def create(
    photo: str | None = None,
    text: str = "",
    consent: str | None = None,
    voice: str = "joe",
    audio: str | None = None,
    video: str | None = None,
    style: str = "calm",
    emotion: str = "neutral",
    head: str = "puppet",
    lips: str = "puppet",
    captions: str = "",
    size: int = 0,
    fps: int = 25,
    seed: int = 0,
    face: int = 0,
    mark: bool = True,
) -> tuple[str, str | None, str | None]:
    """Make a talking video from a photo and words; returns the files of video, captions and motion.

    Give a text, or a recording as audio (the text is then its transcript). The consent says by what right
    this face may speak: me, permission or fictional.
    """
    answers = Answers(**locals())
    folder = jobs.new_folder(_cache())
    try:
        with closing(_stream(answers.request(folder, preview=False))) as stream:
            *_, result = stream
    except Exception as error:
        jobs.discard(folder)
        raise gr.Error(sentence(error), print_exception=False) from error
    return str(result.video), _path(result.captions), _path(result.motion)


def review(made: str | None) -> str:
    """The report on a finished video: how lips and head came out, measured from the file itself."""
    if made is None:
        return ""
    from pipeline.review import review_video

    try:
        found = review_video(Path(made))
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        return markup.notice(sentence(error), kind="note")
    return markup.report(found.lips, found.head, found.sentence, found.findings)


def _stream(request: Request) -> Iterator[Event]:
    """The studio's events, on a borrowed GPU where the Space lends one and an engine has use for it."""
    wanted = engines.card("head", request.head), engines.card("lips", request.lips)
    return _on_gpu(request) if any(card.checkpoints for card in wanted) else events(request)


def _borrowed(function: Callable[[Request], Iterator[Event]]) -> Callable[[Request], Iterator[Event]]:
    try:
        import spaces
    except ImportError:
        return function
    return spaces.GPU(duration=GPU_SECONDS)(function)


_on_gpu = _borrowed(events)


def _cache() -> Path:
    return Path(gr.utils.get_upload_folder())


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
