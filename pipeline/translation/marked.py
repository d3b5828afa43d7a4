"""What a sentence holds beside its words: emphasis, placeholders, settled terms, and pauses that part it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.translation.glossary import Glossary

BOUNDARY = re.compile(
    r"\[[^\[\]\n]{1,80}\](?![(\[:])|<(?:break|pause|silence)\b[^<>]*>|\((?:pause|beat|silence)\b[^()\n]{0,40}\)",
    re.I,
)
"""Pauses and stage directions, which stay as they are and part what stands around them."""
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*\n]+?)(?<=[^\s*])\1(?![\w*])")
_PLACEHOLDER = (
    r"\{\{[^{}\n]*\}\}|\$?\{[^{}\n]*\}|%\(\w+\)[sd]|%[sd](?!\w)|</?[A-Za-z][^<>\n]*>"
    r"|https?://[^\s<>]*[\w/]|www\.[^\s<>]*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_WORDS = re.compile(r"[^\W\d_]")
_STAND_IN = "X{}"
"""A word that networks copy as it is; what comes back otherwise is translated around the term instead."""


@dataclass(frozen=True)
class Kept:
    """A stretch of a sentence whose translation is known."""

    start: int
    end: int
    target: str


@dataclass(frozen=True)
class Marked:
    """A sentence without its marks, and where they were."""

    text: str
    kept: tuple[Kept, ...] = ()
    emphasis: tuple[tuple[int, int, str], ...] = ()
    """Start and end of each emphasised stretch, and the mark around it."""

    @property
    def has_words(self) -> bool:
        """Whether anything is left to translate beside what is kept."""
        return any(_WORDS.search(part) for part in self.around)

    @property
    def around(self) -> tuple[str, ...]:
        """The text before, between and after what is kept."""
        edges = [0, *(edge for each in self.kept for edge in (each.start, each.end)), len(self.text)]
        return tuple(self.text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))

    @property
    def standing_in(self) -> str:
        """The text with a word that stands in for each stretch that is kept."""
        return self.filled([_STAND_IN.format(number) for number in range(1, len(self.kept) + 1)])

    def filled(self, words: Sequence[str]) -> str:
        """The text with other words in the place of what is kept."""
        return "".join(_interleaved(self.around, words))

    def holds_all(self, translated: str) -> bool:
        """Whether a translation has everything that is kept, as often as the sentence has it."""
        wanted = [each.target for each in self.kept]
        return all(_occurrences(target, translated) >= wanted.count(target) for target in set(wanted))

    def put_back(self, translated: str) -> str | None:
        """A translation of `standing_in` with what is kept in its place; None where a word is lost."""
        for number, each in enumerate(self.kept, 1):
            word = rf"(?<!\w){_STAND_IN.format(number)}(?!\w)"
            parts = re.split(word, translated)
            if len(parts) != 2:
                return None
            before, after = parts
            translated = f"{before}{each.target}{after}"
        return translated

    def assembled(self, translated: Sequence[str]) -> str:
        """What is kept between the translations of `around`, with the white space of the sentence."""
        pieces = [
            f"{_lead(part)}{words.strip()}{_tail(part)}" if part.strip() else part
            for part, words in zip(self.around, translated, strict=True)
        ]
        return "".join(_interleaved(pieces, [each.target for each in self.kept]))


def mark(sentence: str, glossary: Glossary) -> Marked:
    """A sentence with its emphasis, placeholders and settled terms found."""
    text, emphasis = _without_emphasis(sentence)
    pattern = f"(?P<placeholder>{_PLACEHOLDER})" + (f"|{glossary.pattern}" if glossary.pattern else "")
    kept = tuple(
        Kept(
            found.start(),
            found.end(),
            found[0] if found["placeholder"] else (glossary.translation(found[0]) or found[0]),
        )
        for found in re.finditer(pattern, text, re.IGNORECASE)
    )
    return Marked(text, kept, emphasis)


def emphasised(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """A text with emphasis around these stretches, which do not overlap."""
    for start, end, sign in sorted(spans, reverse=True):
        text = f"{text[:start]}{sign}{text[start:end]}{sign}{text[end:]}"
    return text


def _without_emphasis(sentence: str) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    text, emphasis, at = "", [], 0
    for found in _EMPHASIS.finditer(sentence):
        text += sentence[at : found.start()]
        emphasis.append((len(text), len(text) + len(found[2]), found[1]))
        text += found[2]
        at = found.end()
    return text + sentence[at:], tuple(emphasis)


def _interleaved(parts: Sequence[str], between: Sequence[str]) -> Iterator[str]:
    for part, word in zip(parts, [*between, ""], strict=True):
        yield part
        yield word


def _occurrences(target: str, text: str) -> int:
    return text.casefold().count(target.casefold())


def _lead(part: str) -> str:
    return part[: len(part) - len(part.lstrip())]


def _tail(part: str) -> str:
    return part[len(part.rstrip()) :]
