"""The page's public endpoint, `create`: one call from answers to files, for `gradio_client` and plain HTTP.

Its parameters are the form's fields. Its widgets are its own and hidden: the visible ones would refuse what
they do not list (a voice of the Hub, a head for videos) in Gradio's words, where the studio has better ones.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from pipeline import options
from pipeline.options import Field
from pipeline.progress import Event, Result, run_to_end
from pipeline.service import estimates, form, messages, session
from pipeline.service.estimates import ESTIMATES
from pipeline.service.jobs import Job
from pipeline.service.messages import Message
from pipeline.service.running_jobs import CancelledError
from pipeline.ui import handlers, widgets
from pipeline.ui.components import Named, Photo
from pipeline.ui.widgets import Widget

_FIRST = (
    *("photo", "text", "consent", "voice", "audio", "video", "style", "emotion", "head", "lips", "captions"),
    *("size", "fps", "seed", "face", "mark", "head_options", "lips_options"),
)
"""The order that callers of plain HTTP rely on, who send a list; other fields follow in the spec's order."""

_BLANKS: dict[options.Kind, Any] = {"choice": "", "text": "", "integer": 0}
"""What stands for "left out" where a field has no default, by its kind."""


def wire() -> None:
    """Add the endpoint to the page that is being built."""
    defaults = {name: each.default for name, each in _SIGNATURE.parameters.items() if name != "request"}
    gr.Button(visible=False).click(
        create,
        [_hidden(name, default) for name, default in defaults.items()],
        [gr.File(visible=False, label=label) for label in ("video", "captions", "motion")],
        api_name="create",
        api_description=_description(),
        concurrency_id="render",
        concurrency_limit=1,
    )


def create(*given: Any, **named: Any) -> tuple[str, str | None, str | None]:
    """Make a talking video; returns the files of video, captions and motion.

    Raises:
        gradio.Error: what was asked for cannot be done; in the library's words, with this endpoint's hint.
    """
    call = _SIGNATURE.bind(*given, **named)
    call.apply_defaults()
    request = call.arguments.pop("request")
    made = messages.attempt("http", lambda: _made(call.arguments, request))
    if isinstance(made, Message):
        raise gr.Error(str(made), print_exception=False)
    return made


def _made(answers: dict[str, Any], request: gr.Request | None) -> tuple[str, str | None, str | None]:
    form.refuse_files(answers)
    job = form.accept(answers, handlers.cache(), memory=session.memory(request, {}))
    result = _rendered(job)
    return str(result.video), _path(result.captions), _path(result.motion)


def _rendered(job: Job) -> Result:
    """The finished files; visitors who wait see how long this job still takes."""
    waits = _caller_waits()

    def require_caller(event: Event) -> None:
        if not waits():
            raise CancelledError("The job was cancelled, as nobody waits for it any more.")

    events = ESTIMATES.watch(job.run("page", preview=False), estimates.video_seconds(job.plan))
    return run_to_end(events, Result, require_caller)


def _caller_waits() -> Callable[[], bool]:
    """Tells whether the caller is still there: Gradio marks the event of one that has hung up."""
    blocks, number = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    event = blocks._queue.event_ids_to_events.get(number) if blocks and number else None
    return lambda: event is None or event.alive


def _signature() -> Signature:
    defaults = dict.fromkeys(form.UPLOADS) | {name: _default(each) for name, each in form.fields().items()}
    names = [*_FIRST, *(name for name in defaults if name not in _FIRST), "request"]
    return Signature(
        [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=defaults.get(name)) for name in names]
    )


def _default(field: Field) -> Any:
    if field.kind in ("options", "files"):
        return None
    return _BLANKS.get(field.kind) if field.default is None else field.default


def _hidden(name: str, default: Any) -> Widget:
    """A hidden widget of the kind that a parameter's default calls for; files have none."""
    if name == "photo":
        return Photo(visible=False, label=name)
    if name.endswith("_options"):
        return gr.JSON(visible=False, label=name)
    if default is None:
        known = form.fields().get(name)
        several = known is not None and known.kind == "files"
        return gr.File(visible=False, label=name, file_count="multiple" if several else "single")
    if isinstance(default, bool):
        return gr.Checkbox(default, visible=False, label=name)
    if isinstance(default, int | float):
        whole = isinstance(default, int)
        return gr.Number(default, precision=0 if whole else None, visible=False, label=name)
    if not (choices := form.fields()[name].choices):
        return gr.Textbox(default, visible=False, label=name)
    box = Named(default, visible=False, label=name)
    box.allowed = (*dict.fromkeys([default, *map(options.typed, choices)]),)
    return box


def _description() -> str:
    """What the endpoint does, and what each of its parameters means."""
    lines = ["Make a talking video from a photo (or a video) and words; returns video, captions and motion."]
    for field in form.fields().values():
        choices = f" One of {', '.join(map(options.typed, field.choices))}." if field.choices else ""
        lines.append(f"{field.name}: {widgets.plain(field.help)}{choices}")
    return "\n".join(lines)


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


_SIGNATURE = _signature()
vars(create).update(
    __signature__=_SIGNATURE,  # Gradio reads the names of the parameters off it
    __annotations__={"request": gr.Request | None},
)
