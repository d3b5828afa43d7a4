"""How words become captions: which of them share a caption, and where its two lines break.

All captions of a stretch of speech are chosen together, at the least total cost, so that breaks fall where
the sentence breathes.
"""

from __future__ import annotations

import re
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
_TRAILING_WORDS = re.compile(r"[ぁ-ゖ]{1,3}[、。]?|[的地得了着过们吗呢吧][，。？]?")
"""Japanese particles and Chinese ones, which belong to what precedes: no line begins with one."""
_PAUSES = "。！？，、；：.!?;,"
_NEVER_FIRST = (
    "、。，．・：；？！」』）］｝】〕〉》”’…‥ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ％℃を"
    ".,;:!?)]}%๏ๆฯะาำๅຯະາຳ"
)
"""Characters that no line begins with."""
_NEVER_LAST = "「『（［｛【〔〈《“‘([{￥＄$เแโใไເແໂໃໄ"
"""Characters that no line ends with."""
_LONE_OPENING, _LONE_CLOSING = re.compile(r"[«(\[¿¡]+"), re.compile(r"[»)\]:;!?.,…%]+")
"""Marks between spaces, as French has them: those that belong to the next word, and to the one before."""
_KATAKANA = re.compile(r"[ァ-ヺー]")
_LEADING_VOWELS = "เแโใไເແໂໃໄ"
"""Vowels of Thai and Lao that are written before their consonant, so that a syllable begins with one."""


_STACKERS = "\u17d2\u1039"
"""Signs of Khmer and Burmese that put the next consonant under the one before."""
_SILENT = "\u103a\u1039\u1037"
"""Signs of Burmese on a consonant that ends a syllable."""


_VOWELS = "ะัาำิีึืฺุู่้๊๋ະັາຳິີຶືຸູົຼ່້໊໋"
"""Signs of Thai and Lao on or behind the letter that begins a syllable."""
_SECOND = "รลวຣລວຼ"
"""Letters of Thai and Lao that may be the second one of a syllable."""


def group_words(words: Sequence[Word], line: int) -> list[list[Word]]:
    """The words of each caption, for captions of at most two lines of `line` characters."""
    words = [piece for word in _with_marks(words) for piece in cut_up(word, line)]
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
    group = _with_marks(group)
    text = _joined(group)
    at = None if text_width(text) <= line else _best_break(group, line)
    return text if at is None else f"{_joined(group[:at])}\n{_joined(group[at:])}"


def _with_marks(words: Sequence[Word]) -> list[Word]:
    """The words, with the marks that stand alone between spaces as a part of theirs."""
    found: list[Word] = []
    for word in words:
        last = found[-1] if found else None
        if last and (_LONE_OPENING.fullmatch(last.text) or _LONE_CLOSING.fullmatch(word.text)):
            found[-1] = Word(_joined((last, word)), last.start, word.end, word.goes_on)
        else:
            found.append(word)
    return found


def text_width(text: str) -> int:
    """Columns that a text takes; a full-width character counts as two, a mark on a letter as none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if _is_wide(char) else 1


def cut_up(word: Word, line: int) -> list[Word]:
    """A word in one piece, or cut up where it is longer than a line, as in scripts without spaces."""
    width = text_width(word.text)
    if width <= line:
        return [word]
    texts = _cut(word.text, line)
    edges = np.cumsum([0, *(max(text_width(text), 1) for text in texts)])
    times = (word.start + edges * ((word.end - word.start) / edges[-1])).tolist()
    ends = [True] * (len(texts) - 1) + [word.goes_on]
    return [Word(text, *span, end) for text, end, span in zip(texts, ends, pairwise(times), strict=True)]


def _cut(text: str, line: int) -> list[str]:
    """A long word in pieces of about a sixth of a line, cut where its script lets a line end."""
    pieces, piece = [], ""
    for at, before in enumerate(text, 1):
        piece += before
        after, beyond = text[at : at + 1], text[at + 1 : at + 2]
        width = text_width(piece)
        wanted = width >= line // 6 or before in _PAUSES
        if after and ((wanted and may_break(before, after, beyond)) or _must_break(width, line, text, at)):
            pieces.append(piece)
            piece = ""
    return [*pieces, piece]


def _must_break(width: int, line: int, text: str, at: int) -> bool:
    """Whether a piece of `width` columns ends before the character at `at` although no word seems to.

    Half a line long, it does before a letter of Thai or Lao that has a vowel of its own; later, before any.
    """
    before, after, beyond = text[at - 1], text[at], text[at + 1 : at + 2]
    if _is_inside_katakana(before, after):
        return width > (line - 2 if after in _NEVER_FIRST else line - 4)
    if width < line // 2 or _is_mark(after) or before in _STACKERS:
        return False
    if "\u0e00" <= after <= "\u0eff" and width < 3 * line // 4:
        voiced = beyond in _VOWELS if beyond else False
        return voiced and after not in _SECOND and before not in _LEADING_VOWELS
    return True


def may_break(before: str, after: str, beyond: str = "") -> bool:
    """Whether a line may end between two characters that no space separates.

    Chinese, Japanese and Korean break anywhere except before closing marks and small kana and after opening
    ones (JIS X 4051, GB/T 15834), and inside a loanword in katakana, as captions have it; Thai, Lao, Khmer
    and Burmese, whose words only a dictionary tells, between letters that do not form one syllable; all other
    scripts not at all.

    Args:
        before, after: the characters.
        beyond: the one behind them, by which Khmer and Burmese tell what begins a syllable.
    """
    if _is_mark(after) or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    if _is_inside_katakana(before, after):
        return False
    if any("\u0e00" <= char <= "\u0eff" for char in (before, after)):
        return after in _LEADING_VOWELS or not _is_letter(before) or not _is_letter(after)
    if _is_stacking(after):
        return before not in _STACKERS and _begins_syllable(after, beyond)
    return _is_wide(before) or _is_wide(after)


def _is_inside_katakana(before: str, after: str) -> bool:
    """Whether two characters belong to one loanword of Japanese."""
    return _KATAKANA.match(before) is not None and _KATAKANA.match(after) is not None


def _is_mark(char: str) -> bool:
    """Whether a character stands on or behind the letter before it."""
    return unicodedata.category(char)[0] == "M" or char in "\u200c\u200d"


def _is_stacking(char: str) -> bool:
    """Whether a character is Khmer or Burmese."""
    return "\u1780" <= char <= "\u17ff" or "\u1000" <= char <= "\u109f"


def _begins_syllable(char: str, following: str) -> bool:
    """Whether a character of Khmer or Burmese, by the one that follows it, begins a syllable or a number.

    A consonant that ends one has no vowel in Khmer, and a sign that takes it away in Burmese.
    """
    if not _is_letter(char):
        return False
    if char >= "\u1780":
        return (following != "" and _is_mark(following)) or "\u17a3" <= char <= "\u17b3"
    return following not in _SILENT


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


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
    end = last.text[-1:]
    if end in ".!?。！？…।؟။":
        return 0.0
    if end in ",;:—–、，；：،؛":
        return 0.2
    held = last.text.lower() in _LEADING_WORDS or _TRAILING_WORDS.fullmatch(following.text)
    return (2.0 if held else 1.0) - 1.5 * pause


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
    """The words with spaces between, except inside a word that was cut and between Chinese or Japanese."""
    text = group[0].text
    for before, word in pairwise(group):
        text += ("" if _joins(before, word) else " ") + word.text
    return text


def _joins(before: Word, after: Word) -> bool:
    return before.goes_on or (_is_unspaced(before.text[-1:]) and _is_unspaced(after.text[:1]))


def _is_unspaced(char: str) -> bool:
    """Whether a character is of a full-width script without spaces, which Korean is not."""
    return _is_wide(char) and not "\uac00" <= char <= "\ud7a3"


def _is_wide(char: str) -> bool:
    return bool(char) and not char.isascii() and unicodedata.east_asian_width(char) in "WF"
