"""Terms whose translation is settled: names of products, titles, words of the house style."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from io import StringIO

from pipeline.errors import concerning
from pipeline.translation.errors import TranslationError

_MOST = 5_000
"""Terms of a glossary."""
_LONGEST = 200
"""Characters of a term."""
_OTHER_SEPARATOR = re.compile(r"\s=\s|[-=]>|[→⇒|\x00-\x08]")
"""What stands between two terms in other notations, and in no term alone."""
_ALPHABETS_END = "\u0590"
"""Behind the Latin, Greek, Cyrillic and Armenian letters."""


@dataclass(frozen=True)
class Glossary:
    """Terms and how they are translated."""

    terms: tuple[tuple[str, str], ...] = ()
    """Each term with its translation; the same text for what stays as it is."""

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {source.casefold(): target for source, target in self.terms}

    @cached_property
    def pattern(self) -> str:
        """A regular expression for any of its terms as whole words, the longest first; "" without terms."""
        longest_first = sorted((source for source, _ in self.terms), key=len, reverse=True)
        return "|".join(_whole(source) for source in longest_first)

    def translation(self, found: str) -> str | None:
        """What a term becomes, in whatever case it was written; None for another text."""
        return self._by_name.get(found.casefold())


@concerning("glossary")
def read_glossary(text: str) -> Glossary:
    """The glossary in a text: TSV or CSV, the term in the first column and its translation in the second.

    Empty lines and those that begin with # are skipped. A term alone stays as it is.

    Raises:
        TranslationError: a line is no pair of terms, or a term stands twice; the sentence names the line.
    """
    terms: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if len(line) > 3 * _LONGEST:
            raise _too_long(number)
        source, target = _pair(line, number)
        if source.casefold() in terms:
            raise TranslationError(
                f"Line {number} of the glossary gives {source!r} again; remove one of them."
            )
        terms[source.casefold()] = (source, target)
    if len(terms) > _MOST:
        raise TranslationError(f"The glossary has more than {_MOST:,} terms; shorten it.")
    return Glossary(tuple(terms.values()))


def _pair(line: str, number: int) -> tuple[str, str]:
    cells = [cell.strip() for cell in _cells(line)]
    if len(cells) == 1 and not _OTHER_SEPARATOR.search(line):
        cells *= 2
    if len(cells) != 2 or not all(cells):
        raise TranslationError(
            f"Line {number} of the glossary is not a term and its translation with a tab or comma between "
            "them; correct it."
        )
    if max(map(len, cells)) > _LONGEST:
        raise _too_long(number)
    return cells[0], cells[1]


def _too_long(number: int) -> TranslationError:
    return TranslationError(f"Line {number} of the glossary is longer than a term; shorten it.")


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return line.rstrip("\t").split("\t")
    delimiter = ";" if ";" in line and "," not in line else ","
    return next(csv.reader(StringIO(line), delimiter=delimiter, skipinitialspace=True))


def _whole(term: str) -> str:
    """A term that is no part of a longer word, in alphabets whose words stand alone; elsewhere words are not
    parted, or particles are attached to them.
    """
    left = r"(?<!\w)" if term[0] < _ALPHABETS_END else ""
    right = r"(?!\w)" if term[-1] < _ALPHABETS_END else ""
    return f"{left}{re.escape(term)}{right}"
