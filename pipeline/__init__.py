"""Talking-head studio: one photo (or a video) and words in, a video in which that person says them out.

    from pathlib import Path
    from pipeline import Request, render

    render(Request(Path("photo.jpg"), Path("out.mp4"), text="Hello there.", consent="me"))

Importing this package is quick: models and libraries come in with the step that needs them.
"""

from pipeline.errors import StudioError
from pipeline.request import Chunk, Progress, Request, Result
from pipeline.studio import events, render
from pipeline.types import Motion, Portrait, Speech, Style

__version__ = "0.1.0"
__all__ = [
    "Chunk",
    "Motion",
    "Portrait",
    "Progress",
    "Request",
    "Result",
    "Speech",
    "StudioError",
    "Style",
    "events",
    "render",
]
