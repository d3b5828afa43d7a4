"""SubRip captions as lines with their times: what is said, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.errors import TextError

_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-{{1,2}}>\s*{_TIME}(?:\s.*)?")
_MEANT_AS_TIMES = re.compile(r".*-->.*|[-–\s]*\d+\s*[:;][\d:;.,\s]*[-–—]+>.*")
"""A line of times with a mistake in it, which nobody wants to be spoken."""
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[\d:.]+>|\{\\[^{}]*\}")
"""Of SubRip and of WebVTT, which has times inside the text too; "a < b" is none."""


@dataclass(frozen=True)
class TimedLine:
    """A line with the time that it has in a video."""

    start: float
    """Seconds from the start of the video."""
    end: float
    text: str


def read_srt(text: str) -> list[TimedLine]:
    """The lines of a SubRip file, in order; numbers and empty lines between captions may be missing.

    Raises:
        TextError: there is none, one lacks its times, or two overlap; the sentence names the caption.
    """
    rows = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [_line(number, *caption) for number, caption in enumerate(_captions(rows), 1)]
    if not lines:
        raise TextError("There are no captions in the file; give a SubRip file (SRT).")
    for number, (line, after) in enumerate(pairwise(lines), 1):
        if after.start < line.end:
            raise TextError(
                f"Caption {number + 1} begins at {_clock(after.start)}, before caption {number} ends at "
                f"{_clock(line.end)}; change one of the two times."
            )
    return lines


def _captions(rows: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The line of times of each caption, empty where it has none, and the lines of its text."""
    times: str | None = None
    text: list[str] = []
    for at, row in enumerate(rows):
        is_number = row.strip().isdecimal()
        is_above_times = is_number and _MEANT_AS_TIMES.fullmatch(_following(rows, at)) is not None
        alone = at == 0 or not rows[at - 1].strip()
        if _MEANT_AS_TIMES.fullmatch(row):
            if times is not None:
                yield times, text
            times, text = row, []
        elif is_above_times or (is_number and alone and text):
            if times is not None:  # the number of the next caption
                yield times, text
            times, text = (None if is_above_times else "", [])
        elif row.strip():
            times = times or ""
            text.append(row)
    if times is not None:
        yield times, text


def _following(rows: list[str], at: int) -> str:
    """The next line that is not empty, "" behind the last one."""
    return next((rows[k] for k in range(at + 1, len(rows)) if rows[k].strip()), "")


def _line(number: int, times: str, text: list[str]) -> TimedLine:
    if not times:
        raise TextError(
            f"Caption {number} has no times; put a line such as 00:00:01,000 --> 00:00:03,500 above its text."
        )
    found = _TIMES.fullmatch(times)
    if found is None:
        raise TextError(
            f"The times of caption {number}, “{times.strip()[:60]}”, cannot be read; write them as "
            "00:00:01,000 --> 00:00:03,500."
        )
    start, end = (_seconds(found.groups()[at : at + 4]) for at in (0, 4))
    words = " ".join(_TAG.sub("", " ".join(text)).split())
    if end <= start:
        raise TextError(f"Caption {number} ends at {_clock(end)}, not after its start; change its times.")
    if not words:
        raise TextError(f"Caption {number} at {_clock(start)} has no text; write some or remove it.")
    return TimedLine(start, end, words)


def _seconds(fields: tuple[str | None, ...]) -> float:
    hours, minutes, seconds = (int(field or 0) for field in fields[:3])
    return 3600 * hours + 60 * minutes + seconds + float(f"0.{fields[3] or 0}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:06.3f}"
