"""Lines translated: taken apart into sentences, translated in batches, and put together as they were."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from pipeline.errors import CheckpointError, StudioError
from pipeline.translation.glossary import Glossary
from pipeline.translation.marked import emphasised
from pipeline.translation.models import Family, Model, base_language, choose
from pipeline.translation.sentences import is_unspaced
from pipeline.translation.units import Line, Unit

log = logging.getLogger(__name__)

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""
Note = Callable[[str], None]
"""Told what was done differently, a sentence each."""

_SHOWN = 3
"""Sentences that a note names."""


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
    note: Note = log.warning,
) -> list[str]:
    """The same lines in another language.

    Lines without words stay as they are. Pauses and directions in brackets, placeholders in braces, tags and
    addresses stay; emphasised words are emphasised again; terms of the glossary become what it says.

    Args:
        lines: any number, each with any number of sentences.
        source, target: BCP 47 tags of the two languages.
        glossary: terms whose translation is settled.
        family: the kind of network, "opus", "m2m100" or "instruct"; where None, an instruct network if there
            is a card for it, else the pair's own or m2m100.
        progress: called while sentences are translated.
        note: called with what is to be checked, as another network had to do it.

    Raises:
        TranslationError: no network knows these languages.
        CheckpointError: the network's files cannot be had, or are damaged.
    """
    model = _chosen(source, target, family)
    taken = [Line(line, glossary or Glossary()) for line in lines]
    units = [unit for line in taken for unit in line.units if unit.marked.has_words]
    if units and model.family == "instruct":
        _Instructed(model, source, target, progress, note).run(units, named=family is not None)
    elif units:
        from pipeline.translation.network import load

        _Work(load(model), source, target, progress).run(units)
    there, here = is_unspaced(base_language(target)), is_unspaced(base_language(source))
    return [line.joined(spaced=not there, respaced=here and not there) for line in taken]


def _chosen(source: str, target: str, family: Family | None) -> Model:
    if family is not None:
        return choose(source, target, family)
    from pipeline.translation.instruct import fits

    return choose(source, target, card=fits())


class _Instructed:
    """The translation of sentences by an instruct network, and of those that it fails at by another one."""

    def __init__(self, model: Model, source: str, target: str, progress: Progress | None, note: Note) -> None:
        self._model, self._source, self._target = model, source, target
        self._progress, self._note = progress, note

    def run(self, units: list[Unit], *, named: bool) -> None:
        """Translate the sentences in place.

        Args:
            named: this network was asked for, so that another one is not taken in place of it altogether.

        Raises:
            CheckpointError: the network that was asked for, or any, cannot be had.
        """
        from pipeline.translation.instruct import load
        from pipeline.translation.instructed import translated

        try:
            network = load(self._model)
        except CheckpointError as error:
            if named:
                raise
            self._note(f"{error} Another network translated instead.")
            self._by_another(units, self._progress)
            return
        found = translated(
            [unit.marked for unit in units], network, self._source, self._target, self._progress
        )
        for unit, text in zip(units, found, strict=True):
            unit.translated = text or unit.translated
        failed = [unit for unit, text in zip(units, found, strict=True) if text is None]
        if failed:
            self._repair(failed)

    def _repair(self, units: list[Unit]) -> None:
        some = ", ".join(f"“{unit.marked.text}”" for unit in units[:_SHOWN])
        more = f" and {len(units) - _SHOWN} more" if len(units) > _SHOWN else ""
        failing = f"{self._model.name} gave no usable translation of {some}{more}"
        try:
            name = self._by_another(units, None)
        except StudioError as error:
            self._note(f"{failing}, and no other network could be asked: {error} Translate them by hand.")
        else:
            self._note(f"{failing}; {name} translated that instead, so check it.")

    def _by_another(self, units: list[Unit], progress: Progress | None) -> str:
        from pipeline.translation.network import load

        model = choose(self._source, self._target)
        _Work(load(model), self._source, self._target, progress).run(units)
        return model.name


class _Work:
    """The translation of all sentences, in three attempts: as they stand; where something was lost that is to
    be kept, with words standing in; and where one of these was lost, around what is kept.
    """

    def __init__(self, network: Translator, source: str, target: str, progress: Progress | None) -> None:
        self._network, self._source, self._target = network, source, target
        self._progress = progress
        self._done = self._all = 0

    def run(self, units: list[Unit]) -> None:
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

    def _around(self, units: list[Unit]) -> None:
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

    def _emphasised(self, unit: Unit) -> str:
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
