"""Two Gradio components adapted to the studio: a photo taken as it is, a preview that plays as it grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.image import ImageData


class Photo(gr.Image):
    """An image field that hands over the visitor's file untouched.

    Gradio's own would open it with Pillow first, with its own words for a damaged file and with the name, the
    orientation and the colour profile lost; `pipeline.faces` reads every photo the same way everywhere.
    """

    is_template = True

    def preprocess(self, payload: ImageData | None) -> str | None:
        """The path of the uploaded file."""
        return payload.path if payload is not None else None


class Preview(gr.Video):
    """A video field that is fed MPEG-TS segments and plays them while more arrive.

    Gradio's own muxes every chunk anew with an `ffmpeg` program. The studio's segments already follow one
    another on one clock, so they are passed on as they are and no such program is needed.
    """

    is_template = True

    async def stream_output(
        self, value: str | Path | None, output_id: str, first_chunk: bool
    ) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """The bytes and length of one segment, whose file is removed, and where the playlist is."""
        place = {
            "path": output_id,
            "is_stream": True,
            "orig_name": "preview.mp4",
            "meta": {"_type": "gradio.FileData"},
        }
        return (None if value is None else _segment(Path(value))), place

    async def flush_stream_output(self, output_id: str) -> None:
        """Nothing is held back."""


def _segment(path: Path) -> dict[str, Any]:
    from pipeline.video import probe

    try:
        return {"data": path.read_bytes(), "duration": probe(path).duration, "extension": ".ts"}
    finally:
        path.unlink(missing_ok=True)
