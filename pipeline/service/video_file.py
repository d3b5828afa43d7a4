"""Which file the service makes of a video: an MP4, or one that is transparent, and how it is served."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from pipeline.errors import OptionError
from pipeline.options import Options
from pipeline.types import AlphaKind

MEDIA_TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime"}
"""By the ending of the file."""

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
