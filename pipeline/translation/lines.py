"""Lines translated: taken apart into sentences, translated in batches, and put together as they were."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.translation.glossary import Glossary
from pipeline.translation.marked import BOUNDARY, Marked, emphasised, mark
from pipeline.translation.models import Family, base_language, choose
from pipeline.translation.sentences import is_unspaced, split_sentences

_ITEM = re.compile(r"\s*(?:(?:#{1,6}|[-*+•–>]|\d{1,3}[.)])\s+)*")
"""What a line begins with that is no word: white space, the signs of headings, lists and quotations."""

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


class Translator(Protocol):
    """What `network.Network` is."""

    def translate(self, sentences: Sequence[str], source: str, target: str) -> Iterator[str]:
        """The sentences in another language, in order."""

    def align(
        self, original: str, translated: str, span: tuple[int, int], source: str, target: str
    ) -> list[tuple[int, int, float]]:
        """See `network.Network.align`."""
        ...


def translate_lines(
    lines: Sequence[str],
    source: str,
    target: str,
    *,
    glossary: Glossary | None = None,
    family: Family | None = None,
    progress: Progress | None = None,
) -> list[str]:
    """The same lines in another language.

    Lines without words stay as they are. Pauses and directions in brackets, placeholders in braces, tags and
    addresses stay; emphasised words are emphasised again; terms of the glossary become what it says.

    Args:
        lines: any number, each with any number of sentences.
        source, target: BCP 47 tags of the two languages.
        glossary: terms whose translation is settled.
        family: the kind of network, "opus" or "m2m100"; the pair's own where None.
        progress: called while sentences are translated.

    Raises:
        TranslationError: no network knows these languages.
        CheckpointError: the network's files cannot be had, or are damaged.
    """
    model = choose(source, target, family)
    taken = [_Line(line, glossary or Glossary()) for line in lines]
    units = [unit for line in taken for unit in line.units if unit.marked.has_words]
    if units:
        from pipeline.translation.network import load

        _Work(load(model), source, target, progress).run(units)
    there, here = is_unspaced(base_language(target)), is_unspaced(base_language(source))
    return [line.joined(spaced=not there, respaced=here and not there) for line in taken]


@dataclass
class _Unit:
    """A sentence, or what stands as it is between sentences."""

    marked: Marked
    space: str
    """White space behind it."""
    translated: str

    @property
    def is_sentence(self) -> bool:
        return self.marked.has_words


class _Line:
    """A line taken apart."""

    def __init__(self, line: str, glossary: Glossary) -> None:
        found = _ITEM.match(line)
        self._start = found[0] if found else ""
        self.units: list[_Unit] = []
        at = len(self._start)
        for boundary in BOUNDARY.finditer(line, at):
            self._add(line[at : boundary.start()], glossary)
            self._keep(boundary[0])
            at = boundary.end()
        self._add(line[at:], glossary)

    def joined(self, *, spaced: bool, respaced: bool) -> str:
        """The line, translated.

        Args:
            spaced: the language has spaces between sentences.
            respaced: the original's language has none.
        """
        text = self._start
        for number, unit in enumerate(self.units):
            space, last = unit.space, number == len(self.units) - 1
            if unit.is_sentence and not last:
                space = (space or " ") if respaced else space if spaced or space != " " else ""
            text += unit.translated + space
        return text

    def _add(self, text: str, glossary: Glossary) -> None:
        lead = text[: len(text) - len(text.lstrip())]
        if lead:
            self._keep(lead)
        for sentence, space in split_sentences(text[len(lead) :]):
            if sentence or space:
                marked = mark(sentence, glossary)
                self.units.append(_Unit(marked, space, _without_words(sentence, marked)))

    def _keep(self, text: str) -> None:
        self.units.append(_Unit(Marked(""), "", text))


def _without_words(sentence: str, marked: Marked) -> str:
    """A sentence that has no words beside what is kept: its terms translated, its marks as they were."""
    if not marked.kept or marked.has_words or marked.emphasis:
        return sentence
    return marked.filled([each.target for each in marked.kept])


class _Work:
    """The translation of all sentences, in three attempts: as they stand; where something was lost that is to
    be kept, with words standing in; and where one of these was lost, around what is kept.
    """

    def __init__(self, network: Translator, source: str, target: str, progress: Progress | None) -> None:
        self._network, self._source, self._target = network, source, target
        self._progress = progress
        self._done = self._all = 0

    def run(self, units: list[_Unit]) -> None:
        """Translate the sentences in place."""
        self._all = len(units)
        lost = []
        for unit, translated in zip(units, self._said([unit.marked.text for unit in units]), strict=True):
            unit.translated = translated or unit.marked.text
            if not unit.marked.holds_all(translated):
                lost.append(unit)
        still = []
        for unit, translated in zip(
            lost, self._said([unit.marked.standing_in for unit in lost]), strict=True
        ):
            whole = unit.marked.put_back(translated)
            unit.translated = whole or unit.translated
            if whole is None:
                still.append(unit)
        self._around(still)
        for unit in units:
            unit.translated = self._emphasised(unit)

    def _around(self, units: list[_Unit]) -> None:
        parts = [part for unit in units for part in unit.marked.around if part.strip()]
        said = iter(self._said([part.strip() for part in parts]))
        for unit in units:
            unit.translated = unit.marked.assembled(
                [next(said) if part.strip() else part for part in unit.marked.around]
            )

    def _said(self, sentences: list[str]) -> list[str]:
        said: list[str] = []
        self._all = max(self._all, self._done + len(sentences))
        for translated in self._network.translate(sentences, self._source, self._target):
            said.append(translated)
            self._done += 1
            if self._progress is not None:
                self._progress(min(self._done / self._all, 1.0))
        return said

    def _emphasised(self, unit: _Unit) -> str:
        spans: list[tuple[int, int, str]] = []
        for start, end, sign in unit.marked.emphasis:
            tokens = self._network.align(
                unit.marked.text, unit.translated, (start, end), self._source, self._target
            )
            words = _words(unit.translated, tokens, [(first, last) for first, last, _ in spans])
            if words:
                spans.append((*_looked_at(words, unit.translated), sign))
        return emphasised(unit.translated, spans)


_Looked = list[tuple[int, int, float]]
"""Stretches of a translation, and how much each looks at a stretch of the original."""


def _words(text: str, tokens: _Looked, taken: list[tuple[int, int]]) -> _Looked:
    """The words of a translation that are not taken, each with the most that one of its tokens looks; in
    scripts without spaces the tokens themselves."""
    spans = [(found.start(), found.end()) for found in re.finditer(r"\w+(?:[-'’]\w+)*", text)]
    if len(spans) < 2 < len(tokens):
        spans = [(start, end) for start, end, _ in tokens if text[start:end].isalnum()]
    free = [(start, end) for start, end in spans if not any(start < b and end > a for a, b in taken)]
    return [
        (start, end, max((mass for a, b, mass in tokens if a < end and b > start), default=0.0))
        for start, end in free
    ]


def _looked_at(words: _Looked, text: str) -> tuple[int, int]:
    """The word that looks most, with its neighbours that look mostly there too."""
    best = max(range(len(words)), key=lambda number: words[number][2])
    first = last = best
    while first > 0 and words[first - 1][2] > 0.5:
        first -= 1
    while last + 1 < len(words) and words[last + 1][2] > 0.5:
        last += 1
    return words[first][0], words[last][1]
