"""Captions from the words' own times: as SRT or WebVTT files, or drawn on the frames.

The limits are those that broadcasters agree on: two lines of about 42 letters, six seconds at the most,
broken where the sentence breathes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline.files import written_whole
from pipeline.types import Speech, Word
from pipeline.video.overlay import Overlay, lettering

LINE = 42
"""Letters in a line; a full-width sign counts as two."""
LONGEST = 6.0
"""Seconds that a caption stays at the most."""
SHORTEST = 1.0
"""Seconds that a caption stays at least, where the silence behind it allows."""
LINGER = 0.25
"""Seconds for which a caption stays after its last word, where there is silence."""

# fmt: off
_LEADS = frozenset((
    "a", "about", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "her", "his",
    "if", "in", "is", "its", "my", "no", "nor", "not", "of", "on", "or", "our", "so", "than",
    "that", "the", "their", "to", "very", "was", "were", "which", "who", "will", "with", "your",
))
# fmt: on
"""Words that belong to what follows: a line does not end in one."""

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
    """Collects a job's captions part by part, and draws them if asked to."""

    def __init__(self, size: tuple[int, int]) -> None:
        """`size` is width and height of the frames in px."""
        self.cues: list[Cue] = []
        self._width, self._height = size
        self._letter = max(10.0, 0.046 * min(max(size), 1.6 * min(size)))
        self._line = max(12, min(LINE, int(0.88 * self._width / (0.62 * self._letter))))
        self._last: tuple[Speech, float] | None = None
        self._drawn: list[Cue] | None = None
        self._overlay: tuple[Cue, Overlay] | None = None
        self._seconds = 0.0

    def add(self, part: Speech) -> None:
        """Takes the next stretch of speech; its times follow on those of the parts before."""
        self.cues += cues(part, start=self._seconds)
        self._last, self._drawn = (part, self._seconds), None
        self._seconds += part.duration

    def burn(self, image: np.ndarray, seconds: float) -> np.ndarray:
        """The frame at `seconds`, `(H, W, 3)` uint8, with the caption of that time in the last part added.

        Raises:
            OutputError: no font on this machine can draw it.
        """
        cue = next(
            (cue for cue in self._to_draw() if cue.start <= seconds < cue.end and _letters(cue.text)), None
        )
        if cue is None:
            return image
        if self._overlay is None or self._overlay[0] is not cue:
            self._overlay = cue, self._drawing(_letters(cue.text))
        return self._overlay[1].draw(image)

    def write(self, path: Path) -> Path:
        """Writes the file, SRT or WebVTT as its suffix says, and returns its path.

        Raises:
            OutputError: it cannot be written.
        """
        return (write_vtt if path.suffix.lower() == ".vtt" else write_srt)(path, self.cues)

    def _to_draw(self) -> list[Cue]:
        """The last part's captions in lines as short as the picture needs them."""
        if self._drawn is None:
            part, start = self._last or (None, 0.0)
            self._drawn = cues(part, start=start, line=self._line) if part else []
        return self._drawn

    def _drawing(self, text: str) -> Overlay:
        drawing = lettering(text, height=self._letter, ink=(255, 255, 255, 255), box=(0, 0, 0, 150))
        room = (round(0.96 * self._width), round(0.5 * self._height))
        drawing.thumbnail(room)
        bottom = self._height - round(0.05 * self._height)
        return Overlay(drawing, (self._width - drawing.width) // 2, bottom - drawing.height)


def cues(part: Speech, *, start: float = 0.0, line: int = LINE) -> list[Cue]:
    """The captions of one stretch of speech.

    Args:
        start: seconds of video before it.
        line: letters in a line.
    """
    words = [piece for word in _timed(part) for piece in _pieces(word, line)]
    groups = _grouped(words, line)
    found = []
    for number, group in enumerate(groups):
        limit = groups[number + 1][0].start if number + 1 < len(groups) else part.duration
        end = min(limit, max(group[-1].end + LINGER, group[0].start + SHORTEST))
        found.append(Cue(start + group[0].start, start + end, _lines(group, line)))
    return found


def write_srt(path: Path, cues: Iterable[Cue]) -> Path:
    """Writes a SubRip file and returns its path. Raises `OutputError` where it cannot."""
    blocks = (
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )
    return _save(path, "\n".join(blocks))


def write_vtt(path: Path, cues: Iterable[Cue]) -> Path:
    """Writes a WebVTT file and returns its path. Raises `OutputError` where it cannot."""
    blocks = (f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escaped(cue.text)}\n" for cue in cues)
    return _save(path, "\n".join(("WEBVTT\n", *blocks)))


def _timed(part: Speech) -> Sequence[Word]:
    """The words with their times; where a voice gives none, the text spread evenly over its letters."""
    if part.words:
        return part.words
    texts = part.text.split()
    letters = np.cumsum([0, *(_width(text) + 1 for text in texts)])
    edges = (letters * (part.duration / max(letters[-1], 1))).tolist()
    return [Word(text, *times) for text, times in zip(texts, pairwise(edges), strict=True)]


def _pieces(word: Word, line: int) -> list[Word]:
    """A word in one piece, or cut up where it is longer than a line, as scripts without spaces are."""
    if _width(word.text) <= line:
        return [word]
    count = -(-_width(word.text) // (line // 6))
    cuts = [round(len(word.text) * i / count) for i in range(count + 1)]
    step = (word.end - word.start) / count
    return [
        Word(word.text[a:b], word.start + i * step, word.start + (i + 1) * step)
        for i, (a, b) in enumerate(pairwise(cuts))
    ]


def _grouped(words: list[Word], line: int) -> list[list[Word]]:
    """The words cut into captions at the least total cost."""
    best = [0.0] + [np.inf] * len(words)
    before = [0] * (len(words) + 1)
    for end in range(1, len(words) + 1):
        for first in range(end - 1, -1, -1):
            group = words[first:end]
            if end - first > 1 and not _fits(group, line):
                break
            cost = best[first] + _cost(group, words[end] if end < len(words) else None, line)
            if cost < best[end]:
                best[end], before[end] = cost, first
    groups, end = [], len(words)
    while end:
        groups.insert(0, words[before[end] : end])
        end = before[end]
    return groups


def _fits(group: list[Word], line: int) -> bool:
    return group[-1].end - group[0].start <= LONGEST and (
        _width(_joined(group)) <= line or _break(group, line) is not None
    )


def _cost(group: list[Word], following: Word | None, line: int) -> float:
    """A little for each caption, more for a short one and for a break where the sentence goes on."""
    share = _width(_joined(group)) / (2 * line)
    cost = 0.6 + 2 * max(0.0, 0.5 - share) ** 2
    return cost if following is None else cost + _roughness(group[-1], following)


def _roughness(last: Word, following: Word) -> float:
    """How badly a break between two words reads: 0 after a full stop, 2 after an article."""
    pause = min(max(following.start - last.end, 0.0), 0.4)
    if last.text[-1:] in ".!?。！？…":
        return 0.0
    if last.text[-1:] in ",;:—–、，；：":
        return 0.2
    return (2.0 if last.text.lower() in _LEADS else 1.0) - 1.5 * pause


def _break(group: list[Word], line: int) -> int | None:
    """After how many words the second line begins; None where two lines are not enough."""
    fitting = [
        i
        for i in range(1, len(group))
        if _width(_joined(group[:i])) <= line and _width(_joined(group[i:])) <= line
    ]
    return min(fitting, key=lambda i: _unevenness(group, i, line), default=None)


def _unevenness(group: list[Word], at: int, line: int) -> float:
    upper, lower = _width(_joined(group[:at])), _width(_joined(group[at:]))
    return (
        abs(upper - lower) / line
        + (0.1 if upper > lower else 0.0)
        + 0.3 * _roughness(*group[at - 1 : at + 1])
    )


def _lines(group: list[Word], line: int) -> str:
    text = _joined(group)
    at = None if _width(text) <= line else _break(group, line)
    return text if at is None else f"{_joined(group[:at])}\n{_joined(group[at:])}"


def _joined(group: Sequence[Word]) -> str:
    """The words with spaces between, except between full-width signs."""
    text = group[0].text
    for word in group[1:]:
        text += ("" if _wide(text[-1:]) and _wide(word.text[:1]) else " ") + word.text
    return text


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(2 if _wide(sign) else 1 for sign in text)


def _wide(sign: str) -> bool:
    return not sign.isascii() and unicodedata.east_asian_width(sign) in "WF"


def _letters(text: str) -> str:
    """The text without emoji and the like, which no text font draws and no voice says."""
    return "\n".join(" ".join(_EMOJI.sub(" ", line).split()) for line in text.split("\n"))


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _save(path: Path, text: str) -> Path:
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    return path
