"""Gradio components adapted to the studio: a photo taken as it is, a preview that plays as it grows, markup
whose buttons do something.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileDataDict, ImageData, MediaStreamChunk

from pipeline.service import assessment


class Photo(gr.Image):
    """An image field that hands over the visitor's file untouched.

    Gradio's own opens it with Pillow first: a damaged file is reported in Gradio's words, and the name, the
    orientation and the colour profile are lost.
    """

    is_template = True

    def preprocess(self, payload: ImageData | None) -> str | None:
        """The path of the uploaded file."""
        return payload.path if payload is not None else None


class Named(gr.Textbox):
    """A text field that tells callers which values it takes; others are refused in the studio's own words."""

    is_template = True

    allowed: tuple[str, ...] = ()
    """What it takes."""

    def get_block_name(self) -> str:
        """Drawn as a text field."""
        return "textbox"

    def api_info(self) -> dict[str, Any]:
        """The schema of its values."""
        return {"type": "string", "enum": list(self.allowed)}


class VoiceList(gr.Dropdown):
    """A list of the voices of one language that takes every voice.

    Gradio's own takes what the list was drawn with, or has been changed to; that is forgotten when the server
    is started again, and voices of the language that the visitor has picked would be refused.
    """

    is_template = True

    def preprocess(self, payload: Any) -> str | None:
        """The name of the voice; whether there is one is for the studio to say, in its own words."""
        return payload if isinstance(payload, str) else None


class Preview(gr.Video):
    """A video field that is fed MPEG-TS segments and plays them while more arrive.

    Gradio's own remuxes every chunk with an `ffmpeg` program. The studio's segments already share one
    timeline, so they are passed on as they are and no such program is needed.
    """

    is_template = True

    async def stream_output(
        self, value: str | Path | None, output_id: str, first_chunk: bool
    ) -> tuple[MediaStreamChunk | None, FileDataDict]:
        """The bytes and length of one segment, and where the playlist is."""
        place: FileDataDict = {
            "path": output_id,
            "is_stream": True,
            "orig_name": "preview.mp4",
            "meta": {"_type": "gradio.FileData"},
        }
        return (None if value is None else _segment(Path(value))), place

    async def flush_stream_output(self, output_id: str) -> None:
        """Nothing is held back."""


class Clickable(gr.HTML):
    """Markup whose buttons report themselves.

    A button in it with `data-action` triggers this component's `click`, with the button's data attributes as
    the attributes of the `gradio.EventData`: `data-action="remove" data-take="x"` gives `action` and `take`.
    Buttons that choose a voice, `data-action="choose" data-voice="x"`, trigger `select` instead.
    """

    is_template = True

    def __init__(self, value: Any = None, *, on_load: str = "", **about: Any) -> None:
        """`on_load`: what the script of the page does with the component besides, as JavaScript."""
        super().__init__(value, js_on_load=f"studioPage.reportClicks(element, trigger); {on_load}", **about)


def clicked_data(event: gr.EventData) -> dict[str, str]:
    """The data attributes of the button that was clicked in a `Clickable`."""
    return {name: str(value) for name, value in (event._data or {}).items()}


def _segment(path: Path) -> MediaStreamChunk:
    data, seconds = assessment.read_segment(path)
    return {"data": data, "duration": seconds, "extension": ".ts"}
