"""A finished video as its public page shows it: the title, the captions, how it was made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.service import takes, video_file
from pipeline.video.container import read_tags

_LONGEST_TITLE = 70
"""Characters of the words that become the title."""
_UNTITLED = "A talking video"
_NO_COMMENT = "This video is AI-generated."
_COMMA = re.compile(r"(\d\d:\d\d:\d\d),(\d{3})")


@dataclass(frozen=True)
class PublicVideo:
    """A finished video that anybody who knows its address may watch."""

    title: str
    """The beginning of what is said."""
    video: Path
    captions: Path | None
    size: tuple[int, int]
    """Width and height in px."""
    seconds: float
    made_by: str
    """The program and the engines: "Talking-head studio 0.2.0, puppet, voice joe"."""
    statement: str
    """What the file says of itself: that it is AI-generated, and what its maker declared of face and voice.
    The notes for its maker, such as which words were left out, are not for everybody."""

    @property
    def file(self) -> str:
        """What the video is called below the page's address: "video.mp4"."""
        return f"video{self.video.suffix}"

    @property
    def media_type(self) -> str:
        """Of the video."""
        return video_file.MEDIA_TYPES[self.video.suffix]

    @property
    def playable(self) -> bool:
        """Whether browsers can play it; for others the page shows a still."""
        return video_file.playable(self.video)


def find(folder: Path) -> PublicVideo | None:
    """The finished video in the folder of a job; None where there is none, or none of today."""
    take = takes.lying_in(folder)
    if take is None:
        return None
    from pipeline.video import probe

    tags, result = read_tags(take.result.video), take.result
    engines = dict.fromkeys([result.head, result.lips])
    voice = f"voice {tags['voice']}" if tags.get("voice") not in (None, "none", "recording") else ""
    return PublicVideo(
        title=_title(str(take.settings.get("text") or "")),
        video=result.video,
        captions=result.captions if result.captions and result.captions.is_file() else None,
        size=probe(result.video).size,
        seconds=result.duration,
        made_by=", ".join(filter(None, [tags.get("software", ""), *engines, voice])),
        statement=" ".join(filter(None, [tags.get("comment", _NO_COMMENT), tags.get("voice_statement")])),
    )


def webvtt(captions: Path) -> str:
    """The text of a captions file as WebVTT, the only format that browsers read."""
    text = captions.read_text(encoding="utf-8")
    return text if captions.suffix == ".vtt" else "WEBVTT\n\n" + _COMMA.sub(r"\1.\2", text)


def _title(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _LONGEST_TITLE:
        return line or _UNTITLED
    return f"{line[:_LONGEST_TITLE].rsplit(' ', 1)[0]}…"
