"""Captions from the words' own times: as SRT or WebVTT files, or burned into the frames.

The limits are those that broadcasters agree on: two lines of about 42 characters, at most six seconds, broken
where the sentence breathes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline.files import written_whole
from pipeline.types import Speech, Word
from pipeline.video.line_breaking import break_lines, group_words, text_width
from pipeline.video.overlay import Overlay, text_box

_LINE = 42
"""Characters in a line; a full-width character counts as two."""
_SHORTEST = 1.0
"""Seconds that a caption stays at least, where the silence behind it allows."""
_READABLE = 17.0
"""Columns that are read in a second; where silence follows fast speech, its caption stays for as long."""
_LINGER = 0.25
"""Seconds for which a caption stays after its last word, where there is silence."""

_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\u200d\ufe0f\U0001f3fb-\U0001f3ff]*")


@dataclass(frozen=True)
class Cue:
    """One caption."""

    start: float
    """Seconds from the start of the video."""
    end: float
    text: str
    """One line, or two separated by a newline."""


class Captions:
    """Collects the captions of a job part by part, and burns them into frames if asked to."""

    def __init__(self, size: tuple[int, int]) -> None:
        """`size` is width and height of the frames in px."""
        self.cues: list[Cue] = []
        self._width, self._height = size
        self._font_size = max(10.0, 0.046 * min(max(size), 1.6 * min(size)))
        self._line = max(12, min(_LINE, int(0.88 * self._width / (0.62 * self._font_size))))
        self._last: tuple[Speech, float] | None = None
        self._burned: list[Cue] | None = None
        self._overlay: tuple[Cue, Overlay] | None = None
        self._seconds = 0.0

    def add(self, part: Speech) -> None:
        """Add the captions of the next stretch of speech; its times follow on those of the parts before."""
        self.cues += cues(part, start=self._seconds)
        self._last, self._burned = (part, self._seconds), None
        self._seconds += part.duration

    def burn(self, image: np.ndarray, seconds: float) -> np.ndarray:
        """The frame at `seconds`, `(H, W, 3)` uint8, with the caption of that time in the last part added.

        Raises:
            OutputError: no font on this machine can draw it.
        """
        cue = next(
            (
                cue
                for cue in self._cues_to_burn()
                if cue.start <= seconds < cue.end and _without_emoji(cue.text)
            ),
            None,
        )
        if cue is None:
            return image
        if self._overlay is None or self._overlay[0] is not cue:
            self._overlay = cue, self._overlay_of(_without_emoji(cue.text))
        return self._overlay[1].draw(image)

    def write(self, path: Path, *, overwrite: bool = True) -> Path:
        """Write the file, as `write_captions` does."""
        return write_captions(path, self.cues, overwrite=overwrite)

    def _cues_to_burn(self) -> list[Cue]:
        """The last part's captions, in lines short enough for the frame."""
        if self._burned is None:
            part, start = self._last or (None, 0.0)
            self._burned = cues(part, start=start, line=self._line) if part else []
        return self._burned

    def _overlay_of(self, text: str) -> Overlay:
        drawing = text_box(
            text, font_size=self._font_size, colour=(255, 255, 255, 255), background=(0, 0, 0, 150)
        )
        drawing.thumbnail((round(0.96 * self._width), round(0.5 * self._height)))
        bottom = self._height - round(0.05 * self._height)
        return Overlay(drawing, (self._width - drawing.width) // 2, bottom - drawing.height)


def cues(part: Speech, *, start: float = 0.0, line: int = _LINE) -> list[Cue]:
    """The captions of one stretch of speech.

    Args:
        part: its words with their times; without times, its text is spread evenly over it.
        start: seconds of video before it.
        line: characters in a line.
    """
    groups = group_words(_timed_words(part), line)
    found = []
    for number, group in enumerate(groups):
        limit = groups[number + 1][0].start if number + 1 < len(groups) else part.duration
        text = break_lines(group, line)
        shortest = max(_SHORTEST, text_width(text) / _READABLE)
        end = min(limit, max(group[-1].end + _LINGER, group[0].start + shortest))
        found.append(Cue(start + group[0].start, start + end, text))
    return found


def write_captions(path: Path, cues: Iterable[Cue], *, overwrite: bool = True) -> Path:
    """Write the file, SRT or WebVTT as its suffix says, and return its path.

    Args:
        overwrite: whether it may replace a file of that name, even one that appeared meanwhile.

    Raises:
        OutputError: it cannot be written, or something has that name and may not be replaced.
    """
    write = write_vtt if path.suffix.lower() == ".vtt" else write_srt
    return write(path, cues, overwrite=overwrite)


def write_srt(path: Path, cues: Iterable[Cue], *, overwrite: bool = True) -> Path:
    """Write a SubRip file and return its path; see `write_captions`."""
    return _save(path, srt_text(cues), overwrite)


def srt_text(cues: Iterable[Cue]) -> str:
    """The captions as a SubRip file has them."""
    blocks = (
        f"{number}\n{_timestamp(cue.start, ',')} --> {_timestamp(cue.end, ',')}\n{_in_srt(cue.text)}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def write_vtt(path: Path, cues: Iterable[Cue], *, overwrite: bool = True) -> Path:
    """Write a WebVTT file and return its path; see `write_captions`."""
    return _save(path, vtt_text(cues), overwrite)


def vtt_text(cues: Iterable[Cue]) -> str:
    """The captions as a WebVTT file has them."""
    blocks = (
        f"{_timestamp(cue.start, '.')} --> {_timestamp(cue.end, '.')}\n{_escaped(cue.text)}\n" for cue in cues
    )
    return "\n".join(("WEBVTT\n", *blocks))


def _timed_words(part: Speech) -> Sequence[Word]:
    """The words with their times; where a voice gives none, the text spread evenly over its characters."""
    if part.words:
        return part.words
    texts = part.text.split()
    widths = np.cumsum([0, *(text_width(text) + 1 for text in texts)])
    edges = (widths * (part.duration / max(widths[-1], 1))).tolist()
    return [Word(text, *times) for text, times in zip(texts, pairwise(edges), strict=True)]


def _without_emoji(text: str) -> str:
    """The text without emoji, which no text font draws and no voice says."""
    return "\n".join(" ".join(_EMOJI.sub(" ", line).split()) for line in text.split("\n"))


def _timestamp(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def _in_srt(text: str) -> str:
    """The text without the arrow that players take for a line of times; SubRip cannot escape it."""
    return text.replace("-->", "→")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _save(path: Path, text: str, overwrite: bool) -> Path:
    with written_whole(path, overwrite=overwrite) as part:
        part.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    return path
