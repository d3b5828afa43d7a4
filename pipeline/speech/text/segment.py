"""Where a text is cut into lines that are said one at a time.

A line is a sentence; a long one is said in clauses. The first line of a text is kept short, for the video
starts when it has been spoken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.speech.text.normalize import NormalizedWord

_SENTENCE_PAUSE, _PARAGRAPH_PAUSE, _CLAUSE_PAUSE, _BREATH = 0.45, 0.85, 0.22, 0.12
_MOST, _MOST_FIRST, _LEAST = 200, 90, 24
"""Letters of a line, of the first line, and of a clause that may stand alone."""
_ENDS = ".!?。！？।॥؟"
_CLAUSE_ENDS = ",;:،؛、，；：)"
# fmt: off
_JOINERS = frozenset({
    "and", "but", "or", "because", "which", "who", "that", "so", "while", "when", "where", "although", "if",
    "unless", "since", "until", "after", "before", "und", "oder", "aber", "weil", "dass", "et", "ou", "mais",
    "qui", "y", "pero", "porque", "e", "ma", "che", "и", "но", "что",
})
# fmt: on
"""Words that begin a clause, in the languages that most texts are in."""
_CLOSING = "\"')]”’»"


@dataclass(frozen=True)
class Phrase:
    """What is said in one go: a sentence, or a clause of a long one."""

    said: tuple[NormalizedWord, ...]
    pause: float
    """Seconds of silence after its last sound, at normal pace."""


def split_phrases(said: Sequence[NormalizedWord]) -> Iterator[Phrase]:
    """The lines of a text, in order."""
    most = _MOST_FIRST
    for sentence, pause in _sentences(said):
        for clause, rest in _clauses(sentence, most):
            yield Phrase(
                tuple(clause), pause if not rest else _CLAUSE_PAUSE if _pauses(clause[-1]) else _BREATH
            )
            most = _MOST


def _sentences(said: Sequence[NormalizedWord]) -> Iterator[tuple[list[NormalizedWord], float]]:
    """Each sentence with the pause behind it."""
    sentence: list[NormalizedWord] = []
    for item, after in zip(said, [*said[1:], None], strict=False):
        sentence.append(item)
        opens = after is not None and after.opens
        if after is None or opens or _ends(item, after):
            yield sentence, _PARAGRAPH_PAUSE if opens else _SENTENCE_PAUSE
            sentence = []


def _ends(item: NormalizedWord, after: NormalizedWord) -> bool:
    """Whether a sentence ends with a word; not so in “No!” he cried."""
    bare = item.spoken.rstrip(_CLOSING)
    quoted = bare != item.spoken and after.written[0].islower()
    return bare.endswith(tuple(_ENDS)) and not quoted


def _clauses(sentence: list[NormalizedWord], most: int) -> Iterator[tuple[list[NormalizedWord], bool]]:
    """The sentence in pieces of at most some `most` letters, each with whether more follows."""
    while _letters(sentence) > most:
        at = _cut(sentence, most)
        if at == len(sentence):
            break
        yield sentence[:at], True
        sentence, most = sentence[at:], _MOST
    yield sentence, False


def _cut(sentence: list[NormalizedWord], most: int) -> int:
    """How many words the first piece takes: up to the last pause, else joining word, within reach."""
    reach = 1
    while reach < len(sentence) and _letters(sentence[: reach + 1]) <= most:
        reach += 1
    places = [n for n in range(1, reach + 1) if min(_letters(sentence[:n]), _letters(sentence[n:])) >= _LEAST]
    pauses = [n for n in places if _pauses(sentence[n - 1])]
    joiners = [n for n in places if n < len(sentence) and sentence[n].spoken.lower() in _JOINERS]
    if pauses or joiners:
        return (pauses or joiners)[-1]
    return reach if most == _MOST else _cut(sentence, _MOST) if _letters(sentence) > _MOST else len(sentence)


def _pauses(item: NormalizedWord) -> bool:
    return item.spoken.endswith(tuple(_CLAUSE_ENDS))


def _letters(said: Sequence[NormalizedWord]) -> int:
    return sum(len(item.spoken) + 1 for item in said)
