"""A line taken apart into sentences and what stands between them, and put together again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.translation.glossary import Glossary
from pipeline.translation.marked import BOUNDARY, Marked, mark
from pipeline.translation.sentences import split_sentences

_ITEM = re.compile(r"\s*(?:(?:#{1,6}|[-*+•–>]|\d{1,3}[.)])\s+)*")
"""What a line begins with that is no word: white space, the signs of headings, lists and quotations."""


@dataclass
class Unit:
    """A sentence, or what stands as it is between sentences."""

    marked: Marked
    space: str
    """White space behind it."""
    translated: str

    @property
    def is_sentence(self) -> bool:
        return self.marked.has_words


class Line:
    """A line taken apart."""

    def __init__(self, line: str, glossary: Glossary) -> None:
        found = _ITEM.match(line)
        self._start = found[0] if found else ""
        self.units: list[Unit] = []
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
                self.units.append(Unit(marked, space, _without_words(sentence, marked)))

    def _keep(self, text: str) -> None:
        self.units.append(Unit(Marked(""), "", text))


def _without_words(sentence: str, marked: Marked) -> str:
    """A sentence that has no words beside what is kept: its terms translated, its marks as they were."""
    if not marked.kept or marked.has_words or marked.emphasis:
        return sentence
    return marked.filled([each.target for each in marked.kept])
