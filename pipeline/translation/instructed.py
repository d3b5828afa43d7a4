"""Sentences translated by a network that follows instructions, each answer checked before it is taken.

Such a network reads a few sentences at once, numbered, so that each is understood beside its neighbours. It
may leave one out, join two, explain, or forget a settled term: what does not have the shape that was asked
for is asked for once more, alone, and then left to another network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from pipeline.speech.text.scripts import readable_scripts, script_of
from pipeline.translation.glossary import Glossary
from pipeline.translation.language_names import named
from pipeline.translation.marked import Marked, emphasised, mark
from pipeline.translation.models import base_language

_TOGETHER = 8
"""Sentences that are asked for at once."""
_NUMBERED = re.compile(r"\s*(\d+)\s*[:.)：、|]\s*(.*\S)\s*")
_LONGER, _MORE = 6, 40
"""A translation has at most so many times the letters of its sentence, and so many more."""
_SHORTER = 12
"""And at least this part of them: a Chinese character says what some words do."""
_ECHO = 4
"""Words of a sentence from which on it cannot be the same in two languages."""
_OWN_SCRIPT = 0.3
"""Share of a translation's letters that are in a script of its language, at least."""

_RULES = (
    "You translate from {source} to {target}. You are given numbered lines of one text that will be "
    "spoken. Answer with the same numbers, each followed by a colon and the translation of its line, one "
    "line each, and with nothing else. Never join, split or leave out lines, and never explain. Translate "
    "what is meant, as a native speaker would say it. Keep *asterisks* around the words that correspond to "
    "those inside them, and keep everything in braces, tags, web addresses and numbers as they are."
)
_TERMS = " Translate these terms exactly so, without inflecting them: {terms}."
_AGAIN = "Line {number} must contain exactly: {terms}."


class Answering(Protocol):
    """What `instruct.Instruct` is."""

    def answers(self, chats: Sequence[list[dict[str, str]]]) -> Iterator[str]:
        """An answer to the last entry of each chat, in order."""
        ...


def translated(
    sentences: Sequence[Marked],
    network: Answering,
    source: str,
    target: str,
    progress: Callable[[float], None] | None = None,
) -> list[str | None]:
    """Each sentence in the other language, with its emphasis; None where no answer was good enough.

    Args:
        sentences: in the order of their text; what is kept in them has its translation already.
        network: a loaded one.
        source, target: BCP 47 tags.
        progress: called with the share that is done, 0 to 1.
    """
    work = _Work(network, source, target)
    groups = [range(at, min(at + _TOGETHER, len(sentences))) for at in range(0, len(sentences), _TOGETHER)]
    found: list[str | None] = []
    for answers in work.asked([[sentences[number] for number in group] for group in groups]):
        found += answers
        if progress is not None:
            progress(len(found) / (len(sentences) + 1))
    lacking = [number for number, text in enumerate(found) if text is None]
    alone = work.asked([[sentences[number]] for number in lacking], insisting=True)
    for number, (text,) in zip(lacking, alone, strict=True):
        found[number] = text
    if progress is not None:
        progress(1.0)
    return found


def is_translation(text: str, sentence: Marked, target: str) -> bool:
    """Whether an answer has the shape of a sentence's translation into a language (BCP 47)."""
    answer = mark(text, Glossary())
    size = len(sentence.text)
    own = text
    for kept in sentence.kept:
        own = own.replace(kept.target, " ")
    return (
        sentence.holds_all(text)
        and len(answer.emphasis) == len(sentence.emphasis)
        and size // _SHORTER <= len(text) <= _LONGER * size + _MORE
        and not (len(sentence.text.split()) >= _ECHO and answer.text.casefold() == sentence.text.casefold())
        and _is_in_script(own, target)
    )


class _Work:
    """Questions for one pair of languages."""

    def __init__(self, network: Answering, source: str, target: str) -> None:
        self._network, self._target = network, target
        self._rules = _RULES.format(
            source=named(source, base_language(source)), target=named(target, base_language(target))
        )

    def asked(
        self, groups: Sequence[Sequence[Marked]], *, insisting: bool = False
    ) -> Iterator[list[str | None]]:
        """The translations of each group that have their shape; `insisting` repeats what must be in them."""
        chats = [self._chat(group, insisting=insisting) for group in groups]
        for group, answer in zip(groups, self._network.answers(chats), strict=True):
            lines = numbered(answer)
            texts = [lines.get(number) for number in range(1, len(group) + 1)]
            yield [
                text if text is not None and is_translation(text, sentence, self._target) else None
                for text, sentence in zip(texts, group, strict=True)
            ]

    def _chat(self, group: Sequence[Marked], *, insisting: bool) -> list[dict[str, str]]:
        terms = dict.fromkeys(
            f"{sentence.text[kept.start : kept.end]} → {kept.target}"
            for sentence in group
            for kept in sentence.kept
        )
        rules = self._rules + (_TERMS.format(terms="; ".join(terms)) if terms else "")
        lines = [
            f"{number}: {' '.join(emphasised(sentence.text, sentence.emphasis).split())}"
            for number, sentence in enumerate(group, 1)
        ]
        if insisting and terms:
            wanted = ", ".join(dict.fromkeys(kept.target for kept in group[0].kept))
            rules = f"{rules} {_AGAIN.format(number=1, terms=wanted)}"
        return [{"role": "system", "content": rules}, {"role": "user", "content": "\n".join(lines)}]


def numbered(answer: str) -> dict[int, str]:
    """The lines of an answer by their numbers.

    One that stands twice is left out, and so is one that other lines follow: it is not clear what they belong
    to.
    """
    found: dict[int, str] = {}
    spoiled: set[int] = set()
    last = 0
    for line in answer.splitlines():
        entry = _NUMBERED.fullmatch(line)
        if entry:
            last = int(entry[1])
            spoiled |= {last} & found.keys()
            found[last] = entry[2]
        elif line.strip() and last:
            spoiled.add(last)
    return {number: text for number, text in found.items() if number not in spoiled}


def _is_in_script(text: str, target: str) -> bool:
    """Whether a text is written in its language's letters, as far as it has some."""
    letters = [script_of(letter) for letter in text if letter.isalpha()]
    own = readable_scripts(base_language(target)) - {"Latin"}
    if not letters or not own - {""}:
        return True
    return sum(script in own for script in letters) >= _OWN_SCRIPT * len(letters)
