"""Which file the service makes of a video: an MP4, or one that is transparent, and how it is served."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Literal

from pydantic import Field

from pipeline.errors import OptionError
from pipeline.files import written_whole
from pipeline.options import Options
from pipeline.types import AlphaKind

MEDIA_TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime"}
"""By the ending of the file."""

_STILL = "picture.jpg"
_STILL_SECONDS = 0.6
"""Moment of the still: the face is moving by then. A shorter video gives its last frame."""
_STILL_FPS = 25
_STILL_QUALITY = 88
"""Of the JPEG, 1 to 95."""

_UNPLAYABLE = ".mov"
"""What the service writes into it, ProRes, is for editing programs; browsers cannot play it."""


class VideoFile(Options):
    """What a visitor or caller chooses in place of a file name."""

    background: Literal["transparent"] | None = Field(None)
    """transparent cuts the person out; the video is then a WebM or a MOV with an alpha channel instead of an
    MP4. Left out, the background is that of the photo."""
    format: AlphaKind | None = Field(None)
    """File of a transparent video: webm (VP9, the default) for web pages, or mov (ProRes 4444) for editing
    programs."""

    @property
    def suffix(self) -> str:
        """The ending of the file's name.

        Raises:
            OptionError: a kind of transparent file was chosen without a transparent background.
        """
        if self.background is not None:
            return f".{self.format or 'webm'}"
        if self.format is not None:
            words = "The format is for transparent videos; set background to transparent, or leave it out."
            raise OptionError(words, parameter="format")
        return ".mp4"


def playable(video: Path) -> bool:
    """Whether browsers can play a video that the service made."""
    return video.suffix != _UNPLAYABLE


def still(video: Path) -> Path:
    """A still of a video as JPEG, made once and kept beside it.

    Raises:
        VideoError, OutputError: it cannot be made.
    """
    path = video.parent / _STILL
    if not path.is_file():
        from PIL import Image

        from pipeline.video import read_frames

        *_, frame = islice(read_frames(video, _STILL_FPS), round(_STILL_SECONDS * _STILL_FPS))
        with written_whole(path) as part:
            Image.fromarray(frame).save(part, "JPEG", quality=_STILL_QUALITY)
    return path
