"""Segmentation: a text is synthesised in phrases, one at a time.

A phrase is a sentence; a long sentence is cut into clauses. The first phrase of a text is kept short, because
a video starts once its first phrase has been synthesised.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.speech.text.bounds import bounded_pieces
from pipeline.speech.text.words import NormalizedWord, joined

_SENTENCE_PAUSE, _PARAGRAPH_PAUSE, _CLAUSE_PAUSE, _BREATH = 0.45, 0.85, 0.22, 0.12
"""Seconds of silence after a sentence, after a paragraph, at a comma, and at a cut without punctuation."""
_LONGEST, _LONGEST_FIRST, _SHORTEST_CLAUSE = 200, 90, 24
"""Letters of a phrase, of the first phrase, and of a clause that may stand alone."""
_SOON = 60
"""Letters within which the first phrase ends at a comma if it can: the embedded Kokoro says them in about
1.5 s on two cores."""
_SYLLABLE = 3
"""Letters that take as long as one full-width character, which is a syllable or more."""
_SENTENCE_ENDS = ".!?。！？।॥؟"
_CLAUSE_ENDS = ",;:،؛、，；：)"
# fmt: off
_CONJUNCTIONS = frozenset({
    "and", "but", "or", "because", "which", "who", "that", "so", "while", "when", "where", "although", "if",
    "unless", "since", "until", "after", "before", "und", "oder", "aber", "weil", "dass", "et", "ou", "mais",
    "qui", "y", "pero", "porque", "e", "ma", "che", "и", "но", "что",
})
# fmt: on
"""Words that begin a clause, in the most frequent languages."""
_CLOSING_MARKS = "\"')]”’»」』）】》〉"
_QUOTING = "とっ"
"""What goes on with the sentence behind a Japanese quotation."""


@dataclass(frozen=True)
class Phrase:
    """What is synthesised in one go: a sentence, or a clause of a long one."""

    words: tuple[NormalizedWord, ...]
    pause: float
    """Seconds of silence after its last sound, at normal pace."""
    silence: float = 0.0
    """Seconds of silence that are asked for after it, at any pace; the longer of the two is heard."""

    @property
    def spoken(self) -> str:
        """The phrase as it is read aloud, in words."""
        return joined((word.spoken, word.goes_on) for word in self.words)

    @property
    def written(self) -> str:
        """The phrase as it stands in the text."""
        return joined((word.written, word.goes_on) for word in self.words)


def split_phrases(words: Sequence[NormalizedWord]) -> Iterator[Phrase]:
    """The phrases of a text, in order; together they hold all of its words."""
    limit = _LONGEST_FIRST
    for sentence, pause in _sentences(words):
        for clause, continues in _clauses(sentence, limit):
            *pieces, last = bounded_pieces(clause)
            yield from (Phrase(tuple(piece), _pause_inside(piece[-1])) for piece in pieces)
            after = _pause_inside(last[-1]) if continues else pause
            yield Phrase(tuple(last), after, last[-1].pause)
            limit = _LONGEST


def _sentences(words: Sequence[NormalizedWord]) -> Iterator[tuple[list[NormalizedWord], float]]:
    """Each sentence with the pause after it, in seconds."""
    sentence: list[NormalizedWord] = []
    for word, after in zip(words, [*words[1:], None], strict=False):
        sentence.append(word)
        opens = after is not None and after.opens
        if after is None or opens or after.new_line or _ends_sentence(word, after):
            yield sentence, _PARAGRAPH_PAUSE if opens else _SENTENCE_PAUSE
            sentence = []
        elif word.pause:
            yield sentence, _pause_inside(word)
            sentence = []


def _ends_sentence(word: NormalizedWord, after: NormalizedWord) -> bool:
    """Whether a sentence ends with a word; it does not in “No!” he cried."""
    bare = word.spoken.rstrip(_CLOSING_MARKS)
    closed = bare != word.spoken or word.written.endswith(tuple(_CLOSING_MARKS))
    quoted = closed and (after.written[0].islower() or after.written[0] in _QUOTING)
    return bare.endswith(tuple(_SENTENCE_ENDS)) and not quoted


def _clauses(sentence: list[NormalizedWord], limit: int) -> Iterator[tuple[list[NormalizedWord], bool]]:
    """The sentence in pieces of at most about `limit` letters, each with whether the sentence continues."""
    if limit == _LONGEST_FIRST and (at := _early_pause(sentence)):
        yield sentence[:at], True
        sentence, limit = sentence[at:], _LONGEST
    while _letters(sentence) > limit:
        at = _cut(sentence, limit)
        if at == len(sentence):
            break
        yield sentence[:at], True
        sentence, limit = sentence[at:], _LONGEST
    yield sentence, False


def _early_pause(sentence: list[NormalizedWord]) -> int:
    """How many words of a text's first sentence are spoken before a comma that comes soon; 0 for none."""
    if _letters(sentence) <= _SOON:
        return 0
    pauses = (n for n in range(1, len(sentence)) if _ends_clause(sentence[n - 1]))
    lengths = {n: (_letters(sentence[:n]), _letters(sentence[n:])) for n in pauses}
    soon = (n for n, (said, rest) in lengths.items() if said <= _SOON and min(said, rest) >= _SHORTEST_CLAUSE)
    return max(soon, default=0)


def _cut(sentence: list[NormalizedWord], limit: int) -> int:
    """How many words the first piece takes: up to the last pause within reach, else the last conjunction."""
    reach = 1
    while reach < len(sentence) and _letters(sentence[: reach + 1]) <= limit:
        reach += 1
    places = [
        n
        for n in range(1, reach + 1)
        if min(_letters(sentence[:n]), _letters(sentence[n:])) >= _SHORTEST_CLAUSE
    ]
    pauses = [n for n in places if _ends_clause(sentence[n - 1])]
    conjunctions = [n for n in places if n < len(sentence) and sentence[n].spoken.lower() in _CONJUNCTIONS]
    if pauses or conjunctions:
        return (pauses or conjunctions)[-1]
    if limit == _LONGEST:
        return reach
    return _cut(sentence, _LONGEST) if _letters(sentence) > _LONGEST else len(sentence)


def _pause_inside(word: NormalizedWord) -> float:
    """Seconds of silence after a piece of a sentence that ends with a word."""
    return _CLAUSE_PAUSE if _ends_clause(word) else _BREATH


def _ends_clause(word: NormalizedWord) -> bool:
    return word.spoken.endswith(tuple(_CLAUSE_ENDS))


def _letters(words: Sequence[NormalizedWord]) -> int:
    return sum(_length(word.spoken) + (not word.goes_on) for word in words)


def _length(spoken: str) -> int:
    if spoken.isascii():
        return len(spoken)
    return sum(_SYLLABLE if unicodedata.east_asian_width(letter) == "W" else 1 for letter in spoken)
