"""The page's public endpoint, `create`: one call from answers to files, for `gradio_client` and plain HTTP.

Its fields are its own and hidden: the visible ones would refuse what they do not list (a voice of the Hub,
a head for videos) in Gradio's words, where the studio knows better ones.
"""

from __future__ import annotations

import inspect
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline import engines, options
from pipeline.service import jobs, session
from pipeline.service.form import Answers
from pipeline.service.messages import sentence
from pipeline.ui import handlers
from pipeline.ui.components import Photo


def wire() -> None:
    """Add the endpoint to the page that is being built."""
    known = inspect.signature(create).parameters
    inputs = [_field(name, each.default) for name, each in known.items() if name != "request"]
    gr.Button(visible=False).click(
        create,
        inputs,
        [gr.File(visible=False, label=label) for label in ("video", "captions", "motion")],
        api_name="create",
        concurrency_id="render",
        concurrency_limit=1,
    )


def create(
    photo: str | None = None,
    text: str = "",
    consent: str = "",
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
    head_options: dict[str, str] | None = None,
    lips_options: dict[str, str] | None = None,
    request: gr.Request | None = None,
) -> tuple[str, str | None, str | None]:
    """Make a talking video from a photo and words; returns the files of video, captions and motion.

    Give a text, or a recording as audio (the text is then its transcript). The consent says by what right
    this face may speak: me, permission or fictional. Engines' own options go by their names, as in the shell;
    those that take a file cannot be given.
    """
    given = {name: value for name, value in locals().items() if name != "request"}
    given |= {"head_options": _typed(head_options), "lips_options": _typed(lips_options)}
    answers = Answers(**given)
    _without_files("head", answers.head, answers.head_options)
    _without_files("lips", answers.lips, answers.lips_options)
    folder = jobs.new_folder(handlers.cache())
    try:
        with closing(
            handlers.stream(answers.request(folder, preview=False, memory=session.memory(request, {})))
        ) as coming:
            *_, result = coming
    except Exception as error:
        jobs.discard(folder)
        raise gr.Error(sentence(error), print_exception=False) from error
    return str(result.video), _path(result.captions), _path(result.motion)


def _typed(given: Any) -> dict[str, str]:
    """An engine's own options as words, where JSON may also hold numbers and truth values."""
    if not isinstance(given or {}, dict):
        raise gr.Error("Give an engine's options as names with values.", print_exception=False)
    said = {True: "yes", False: "no"}
    return {
        key: said[value] if isinstance(value, bool) else str(value) for key, value in (given or {}).items()
    }


def _without_files(layer: engines.Layer, name: str, given: dict[str, str]) -> None:
    """Refuses options that name a file: it would be one of the server's own."""
    if name not in engines.ENGINES[layer]:
        return  # the request says so, in its own words
    for option in options.listed(engines.option_type(layer, name)):
        if option.kind == "file" and option.name in given:
            words = f"{option.name} takes a file, which only the page and the shell can give; leave it out."
            raise gr.Error(words, print_exception=False)


def _field(name: str, default: str | int | bool | None) -> gr.components.Component:
    """A hidden field of the kind that a parameter's default calls for; files have none."""
    if name == "photo":
        return Photo(visible=False, label=name)
    if name.endswith("_options"):
        return gr.JSON(visible=False, label=name)
    if default is None:
        return gr.File(visible=False, label=name)
    if isinstance(default, bool):
        return gr.Checkbox(default, visible=False, label=name)
    if isinstance(default, int):
        return gr.Number(default, precision=0, visible=False, label=name)
    return gr.Textbox(default, visible=False, label=name)


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
