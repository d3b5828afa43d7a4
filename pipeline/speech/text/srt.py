"""SubRip captions as lines with their times: what is said, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from pipeline.errors import TextError

_TIME = r"(\d+):(\d{2}):(\d{2})[,.](\d{3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")


@dataclass(frozen=True)
class TimedLine:
    """A line with the time that it has in a video."""

    start: float
    """Seconds from the start of the video."""
    end: float
    text: str


def read_srt(text: str) -> list[TimedLine]:
    """The lines of a SubRip file, in order.

    Raises:
        TextError: there is none, one lacks its times, or two overlap; the sentence names the caption.
    """
    blocks = re.split(r"\n\s*\n", text.lstrip("\ufeff").replace("\r\n", "\n").strip())
    lines = [_line(number, block.split("\n")) for number, block in enumerate(blocks, 1) if block.strip()]
    if not lines:
        raise TextError("There are no captions in the file; give a SubRip file (SRT).")
    for number, (line, after) in enumerate(pairwise(lines), 1):
        if after.start < line.end:
            raise TextError(
                f"Caption {number + 1} begins at {_clock(after.start)}, before caption {number} ends at "
                f"{_clock(line.end)}; change one of the two times."
            )
    return lines


def _line(number: int, block: list[str]) -> TimedLine:
    times_at = 1 if block[0].strip().isdecimal() and len(block) > 1 else 0
    found = _TIMES.fullmatch(block[times_at])
    if found is None:
        raise TextError(
            f"Caption {number} has no times; put a line such as 00:00:01,000 --> 00:00:03,500 above its text."
        )
    start, end = (_seconds(found.groups()[at : at + 4]) for at in (0, 4))
    words = " ".join(_TAG.sub("", " ".join(block[times_at + 1 :])).split())
    if end <= start:
        raise TextError(f"Caption {number} ends at {_clock(end)}, not after its start; change its times.")
    if not words:
        raise TextError(f"Caption {number} at {_clock(start)} has no text; write some or remove it.")
    return TimedLine(start, end, words)


def _seconds(fields: tuple[str, ...]) -> float:
    hours, minutes, seconds, thousandths = map(int, fields)
    return 3600 * hours + 60 * minutes + seconds + thousandths / 1000


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:05.2f}"
