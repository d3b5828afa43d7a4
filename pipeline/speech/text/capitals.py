"""Fourth step: capitals. Words that are shouted are read as words, initialisms are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.speech.text.english_tables import INITIALISMS

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_RUN = re.compile(r"(?<![\w&])[A-Z][A-Z'’]*(?:[^\w&.!?\n]+[A-Z][A-Z'’]*|[^\w&.!?\n]+\d[\w,.:]*)+(?![\w&])")
"""Words and numbers in capitals, within a sentence."""
_SHORTEST_RUN = 3
"""Words in capitals in a row that are shouted, whatever stands around them; two are where nothing does."""
_SENTENCE = re.compile(r"[^.!?\n\U000f0000-\U000fffff]+")
_VOWELS = frozenset("AEIOUY")


def shouted(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each word in capitals that is read as a word, not spelled.

    These are the words of sentences that are all in capitals and of runs of at least three, except
    initialisms and words without a vowel.
    """
    if not re.search(r"[A-Z]{2}", text):
        return
    for start, end in _stretches(text):
        words = [*_WORD.finditer(text, start, end)]
        if not any(len(word[0]) > 3 and not _is_initialism(word[0]) for word in words) and len(words) < 4:
            continue
        for before, word in zip([None, *words], words, strict=False):
            spoken = len(word[0]) > 1 and not _is_initialism(word[0]) and not _is_country(word, before)
            if spoken or word[0] == "A":
                yield word.span()


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, and runs inside them, that are in capitals."""
    for sentence in _SENTENCE.finditer(text):
        letters = [letter for letter in sentence[0] if letter.isalpha()]
        if all(letter.isupper() for letter in letters) and len(re.findall(r"[^\W\d_]{2,}", sentence[0])) > 1:
            yield sentence.span()
            continue
        for run in _RUN.finditer(text, *sentence.span()):
            if len(_WORD.findall(run[0])) >= _SHORTEST_RUN:
                yield run.span()


def _is_initialism(word: str) -> bool:
    bare = word.replace("’", "'").removesuffix("'S")
    return bare in INITIALISMS or not _VOWELS & set(bare)


def _is_country(word: re.Match[str], before: re.Match[str] | None) -> bool:
    """Whether "US" is the country: behind "the"."""
    return word[0] == "US" and before is not None and before[0] == "THE"
