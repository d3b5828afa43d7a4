"""How words become captions: which of them share a caption, and where its two lines break.

All captions of a stretch of speech are chosen together, at the least total cost, so that breaks fall where
the sentence breathes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline.types import Word

_LONGEST = 6.0
"""Seconds that a caption stays at the most."""

# fmt: off
_LEADING_WORDS = frozenset((
    "a", "about", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "her", "his",
    "if", "in", "is", "its", "my", "no", "nor", "not", "of", "on", "or", "our", "so", "than",
    "that", "the", "their", "to", "very", "was", "were", "which", "who", "will", "with", "your",
))
# fmt: on
"""Words that belong to what follows: a line does not end in one."""


def group_words(words: Sequence[Word], line: int) -> list[list[Word]]:
    """The words of each caption, for captions of at most two lines of `line` characters."""
    words = [piece for word in words for piece in _pieces(word, line)]
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
    groups: list[list[Word]] = []
    end = len(words)
    while end:
        groups.insert(0, words[before[end] : end])
        end = before[end]
    return groups


def break_lines(group: Sequence[Word], line: int) -> str:
    """The text of a caption: one line where it fits, otherwise two."""
    text = _joined(group)
    at = None if text_width(text) <= line else _best_break(group, line)
    return text if at is None else f"{_joined(group[:at])}\n{_joined(group[at:])}"


def text_width(text: str) -> int:
    """Columns that a text takes; a full-width character counts as two."""
    return len(text) if text.isascii() else sum(2 if _is_wide(char) else 1 for char in text)


def _pieces(word: Word, line: int) -> list[Word]:
    """A word in one piece, or cut up where it is longer than a line, as scripts without spaces are."""
    width = text_width(word.text)
    if width <= line:
        return [word]
    count = -(-width // (line // 6))
    cuts = [round(len(word.text) * i / count) for i in range(count + 1)]
    step = (word.end - word.start) / count
    return [
        Word(word.text[a:b], word.start + i * step, word.start + (i + 1) * step)
        for i, (a, b) in enumerate(pairwise(cuts))
    ]


def _fits(group: Sequence[Word], line: int) -> bool:
    return group[-1].end - group[0].start <= _LONGEST and (
        text_width(_joined(group)) <= line or _best_break(group, line) is not None
    )


def _cost(group: Sequence[Word], following: Word | None, line: int) -> float:
    """A little for each caption, more for a short one and for a break where the sentence goes on."""
    share = text_width(_joined(group)) / (2 * line)
    cost = 0.6 + 2 * max(0.0, 0.5 - share) ** 2
    return cost if following is None else cost + _roughness(group[-1], following)


def _roughness(last: Word, following: Word) -> float:
    """How badly a break between two words reads: 0 after a full stop, 2 after an article."""
    pause = min(max(following.start - last.end, 0.0), 0.4)
    if last.text[-1:] in ".!?。！？…":
        return 0.0
    if last.text[-1:] in ",;:—–、，；：":
        return 0.2
    return (2.0 if last.text.lower() in _LEADING_WORDS else 1.0) - 1.5 * pause


def _best_break(group: Sequence[Word], line: int) -> int | None:
    """Index of the second line's first word; None where two lines are not enough."""
    fitting = [
        i
        for i in range(1, len(group))
        if text_width(_joined(group[:i])) <= line and text_width(_joined(group[i:])) <= line
    ]
    return min(fitting, key=lambda i: _unevenness(group, i, line), default=None)


def _unevenness(group: Sequence[Word], at: int, line: int) -> float:
    upper, lower = text_width(_joined(group[:at])), text_width(_joined(group[at:]))
    return (
        abs(upper - lower) / line
        + (0.1 if upper > lower else 0.0)
        + 0.3 * _roughness(*group[at - 1 : at + 1])
    )


def _joined(group: Sequence[Word]) -> str:
    """The words with spaces between, except between full-width characters."""
    text = group[0].text
    for word in group[1:]:
        text += ("" if _is_wide(text[-1:]) and _is_wide(word.text[:1]) else " ") + word.text
    return text


def _is_wide(char: str) -> bool:
    return not char.isascii() and unicodedata.east_asian_width(char) in "WF"
