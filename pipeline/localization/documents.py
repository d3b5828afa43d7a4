"""What can be translated: a document's lines with their places and languages, and how it is written again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pipeline.encodings import plain_text
from pipeline.errors import OutputError, TextError
from pipeline.speech.text.srt import TimedLine
from pipeline.translation.by_hand import Entry, read_by_hand
from pipeline.translation.cues import plain, read_captions, translate_timed
from pipeline.translation.glossary import Glossary
from pipeline.translation.lines import Note, Progress, log, translate_lines
from pipeline.translation.models import Family, base_language
from pipeline.video.captions import Cue, srt_text, vtt_text

LONGEST = 2_000_000
"""Bytes of a text, a table or a glossary."""


@dataclass(frozen=True)
class Line:
    """A line of a document."""

    place: str
    """Where it stands: the number of a line, the times of a caption, or the field of a script."""
    text: str
    language: str
    """BCP 47 tag."""


@dataclass(frozen=True)
class Choices:
    """How lines are translated."""

    to: str
    """BCP 47 tag of the language that they are translated to."""
    glossary: Glossary | None = None
    by_hand: str | None = None
    """A translation that somebody made; see `translation.by_hand.read_by_hand`."""
    family: Family | None = None
    progress: Progress | None = None
    note: Note = log.warning
    """Told what is to be checked, a sentence each."""


class Document(Protocol):
    """Something with lines."""

    @property
    def lines(self) -> Sequence[Line]:
        """What is to be translated, in order."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said about it, a sentence each."""
        ...

    def translations(self, choices: Choices) -> list[str]:
        """Each line in the other language."""
        ...

    def written(self, translations: Sequence[str], suffix: str) -> str:
        """The document with other words, as the text of a file of this kind."""
        ...


@dataclass(frozen=True)
class Text:
    """Lines of a plain text."""

    text: str
    language: str
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> list[Line]:
        """Every line, those without words too."""
        found = plain(self.text).removesuffix("\n").split("\n")
        return [Line(str(number), line, self.language) for number, line in enumerate(found, 1)]

    def translations(self, choices: Choices) -> list[str]:
        """See `Document`; blocks of code in Markdown stay as they are."""
        lines = self.lines
        found = translated(lines, choices)
        if choices.by_hand is None:
            for number in _code(lines):
                found[number] = lines[number].text
        return found

    def written(self, translations: Sequence[str], suffix: str) -> str:
        """See `Document`."""
        if suffix in (".srt", ".vtt"):
            raise OutputError("A text has no times, so it cannot become captions; call the output .txt.")
        return "\n".join(translations) + "\n"


@dataclass(frozen=True)
class Captions:
    """Lines with times."""

    timed: tuple[TimedLine, ...]
    language: str
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str, language: str) -> Captions:
        """Those of an SRT or WebVTT file.

        Raises:
            TextError: they cannot be read; the sentence names the caption.
        """
        return cls(tuple(read_captions(text)), language)

    @property
    def lines(self) -> list[Line]:
        """See `Document`."""
        return [Line(_times(line), line.text, self.language) for line in self.timed]

    def translations(self, choices: Choices) -> list[str]:
        """See `Document`."""
        if choices.by_hand is not None:
            return by_hand(self.lines, choices)
        timed = translate_timed(
            self.timed, self.language, choices.to,
            glossary=choices.glossary, family=choices.family, progress=choices.progress, note=choices.note,
        )  # fmt: skip
        return [line.text for line in timed]

    def written(self, translations: Sequence[str], suffix: str) -> str:
        """See `Document`."""
        if suffix not in (".srt", ".vtt"):
            return "\n".join(translations) + "\n"
        lines = [replace(line, text=text) for line, text in zip(self.timed, translations, strict=True)]
        return (vtt_text if suffix == ".vtt" else srt_text)(_cues(lines))


def translated(lines: Sequence[Line], choices: Choices) -> list[str]:
    """Each line in the other language; those that are in it already stay as they are."""
    if choices.by_hand is not None:
        return by_hand(lines, choices)
    found = {number: line.text for number, line in enumerate(lines)}
    there = base_language(choices.to)
    languages = dict.fromkeys(line.language for line in lines if base_language(line.language) != there)
    if lines and not languages:  # let the sentence say that there is nothing to do
        languages = {lines[0].language: None}
    for language in languages:
        group = [number for number, line in enumerate(lines) if line.language == language]
        texts = translate_lines(
            [lines[number].text for number in group], language, choices.to,
            glossary=choices.glossary, family=choices.family, progress=choices.progress, note=choices.note,
        )  # fmt: skip
        found.update(zip(group, texts, strict=True))
    return list(found.values())


def by_hand(lines: Sequence[Line], choices: Choices) -> list[str]:
    """The translation that somebody made."""
    return read_by_hand(choices.by_hand or "", [line.text for line in lines])


def entries_of(lines: Sequence[Line], translations: Sequence[str]) -> tuple[Entry, ...]:
    """Source and target side by side."""
    return tuple(Entry(line.place, line.text, text) for line, text in zip(lines, translations, strict=True))


def require_words(document: Document) -> None:
    """Refuse a document without words.

    Raises:
        TextError: it is one.
    """
    if not any(line.text.strip() for line in document.lines):
        raise TextError("There are no words to translate; give a file with some.", parameter="source")


def require_all(entries: Sequence[Entry]) -> None:
    """Refuse a translation without words for a line that has some.

    Raises:
        TextError: there is one; the sentence names it.
    """
    for entry in entries:
        if entry.source.strip() and not entry.target.strip():
            raise TextError(f"Line {entry.place} has no translation; write one.", parameter="lines")


def read_file(path: Path, noun: str, parameter: str) -> str:
    """A text file.

    Raises:
        TextError: it is not there, too large, or no text; see `encodings.plain_text`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except FileNotFoundError as error:
        raise TextError(f"There is no {noun} at {path}; check the name.", parameter=parameter) from error
    except OSError as error:
        raise TextError(f"{path} cannot be read: {error.strerror or error}.", parameter=parameter) from error
    if len(content) > LONGEST:
        raise TextError(f"{path} is larger than {LONGEST // 1_000_000} MB; split it.", parameter=parameter)
    return plain_text(content, path, parameter)


def _code(lines: Sequence[Line]) -> list[int]:
    """Positions of the lines in Markdown's fences."""
    inside, found = False, []
    for number, line in enumerate(lines):
        fence = line.text.lstrip().startswith(("```", "~~~"))
        if inside or fence:
            found.append(number)
        inside ^= fence
    return found


def _cues(lines: Sequence[TimedLine]) -> list[Cue]:
    from pipeline.types import Word
    from pipeline.video.line_breaking import break_lines, cut_up

    def broken(text: str) -> str:
        words = [piece for word in text.split() for piece in cut_up(Word(word, 0.0, 0.0), _WIDE)]
        return break_lines(words, _WIDE) if words else ""

    return [Cue(line.start, line.end, broken(line.text)) for line in lines]


_WIDE = 42
"""Characters in a line of captions."""


def _times(line: TimedLine) -> str:
    block = srt_text([Cue(line.start, line.end, "")])
    return block.split("\n")[1]
