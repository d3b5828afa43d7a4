"""Last step in Japanese and Chinese: a stretch without spaces becomes the words that its language has in it.

Japanese words are those of Open JTalk, the analyser that reads the language aloud; without it, the stretch
stays one word. Mandarin words are the frequent ones of `mandarin_words`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from pipeline.speech.text.mandarin_words import mandarin_words
from pipeline.speech.text.pronunciation import MARK
from pipeline.speech.text.words import NormalizedWord

_ENDINGS = ("助動詞", "接続助詞", "非自立")
"""Open JTalk's names of what inflects the verb or adjective before it."""
_INFLECTED = ("動詞", "形容詞", "助動詞")
"""Its names of verbs, adjectives and auxiliaries."""
_SUFFIX, _NUMBER, _PREFIX = "接尾", "数", "接頭詞"
_PIECES = re.compile(r"\d+[年月日号時时点分秒个個名位人元块岁天次件]?|[\u3400-\u9fff]+|[^\u3400-\u9fff\d]+")
"""Chinese characters, other ones, and numbers with their counter."""
_OPENING = ("Ps", "Pi")
"""Unicode's categories of opening brackets and quotation marks."""


def split_unspaced(word: NormalizedWord, language: str) -> Iterator[NormalizedWord]:
    """The words of a stretch of text that is written without spaces; of other languages, the word itself.

    Args:
        word: what stands between two spaces.
        language: BCP 47 tag of the language that it is read in.
    """
    analyse = _ANALYSERS.get(language.split("-")[0].lower())
    if analyse is None or MARK in word.spoken or not any(map(_is_wide, word.written)):
        yield word
        return
    cuts = [(0, 0)]
    for at, said in _cuts(word, analyse):
        if _sounds(word.spoken[cuts[-1][1] : said]) and _sounds(word.spoken[said:]):
            cuts.append((at, said))
    cuts.append((len(word.written), len(word.spoken)))
    for (start, said), (end, until) in pairwise(cuts):
        first, last = start == 0, end == len(word.written)
        yield replace(
            word,
            written=word.written[start:end],
            spoken=word.spoken[said:until].strip(),
            opens=word.opens and first,
            new_line=word.new_line and first,
            pause=word.pause if last else 0.0,
            goes_on=word.goes_on if last else True,
        )


def _cuts(word: NormalizedWord, analyse: Callable[[str], list[str]]) -> Iterator[tuple[int, int]]:
    """Where words end inside a stretch, as written and as spoken.

    Nothing is cut where the two differ, as inside a date, nor between two letters that are not full-width.
    """
    matching = SequenceMatcher(None, word.written, word.spoken, autojunk=False).get_matching_blocks()
    ends = set(accumulate(map(len, analyse(word.written))))
    for first, said, size in matching:
        for at in range(first, first + size + 1):
            # at a block's edge only the letter inside it is said as it is written
            inside = word.written[max(at - 1, first) : min(at + 1, first + size)]
            if at in ends and any(map(_is_wide, inside)) and _parts(word.written[at - 1 : at + 1]):
                ends.remove(at)
                yield at, said + at - first


def _parts(sides: str) -> bool:
    """Whether a word may end between two characters: no mark is on the wrong side of it."""
    if len(sides) < 2:
        return False
    before, after = map(unicodedata.category, sides)
    return before not in _OPENING and not (after[0] in "PM" and after not in _OPENING)


def _sounds(spoken: str) -> bool:
    return any(map(str.isalnum, spoken))


def _is_wide(character: str) -> bool:
    """Whether a character is one of these scripts, a quotation mark included."""
    return unicodedata.east_asian_width(character) in "WFA"


def _japanese(text: str) -> list[str]:
    """The words of a text; one where its analyser is missing or reads other characters than there are."""
    try:
        from pyopenjtalk import run_mecab
    except ImportError:
        return [text]
    try:
        entries = [str(entry).split(",") for entry in run_mecab(text)]
    except (RuntimeError, ValueError, AssertionError):
        return [text]
    words: list[str] = []
    before: list[str] = [""] * 4
    for entry in entries:
        if words and _is_continued(before, entry):
            words[-1] += entry[0]
        else:
            words.append(entry[0])
        before = entry
    return words if len("".join(words)) == len(text) else [text]


def _is_continued(before: list[str], entry: list[str]) -> bool:
    """Whether an entry belongs to the word before it: an ending, a suffix, a digit, what has a prefix.

    Args:
        before, entry: surface, part of speech and its two subdivisions.
    """
    kinds, earlier = entry[1:4], before[1:4]
    if _PREFIX in earlier or _SUFFIX in kinds or (_NUMBER in earlier and _NUMBER in kinds):
        return True
    return earlier[0] in _INFLECTED and kinds[0] != "名詞" and any(kind in _ENDINGS for kind in kinds)


def _mandarin(text: str) -> list[str]:
    pieces = _PIECES.findall(text)
    return [word for piece in pieces for word in (mandarin_words(piece) if piece[0] >= "\u3400" else [piece])]


_ANALYSERS: dict[str, Callable[[str], list[str]]] = {"ja": _japanese, "zh": _mandarin}
"""The analyser of each language, by its ISO 639-1 code: from a text to its words."""
