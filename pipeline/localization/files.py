"""From file to file: the lines of a document translated, and the new document written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from pipeline.errors import CheckpointError, OptionError, OutputError
from pipeline.files import claim, written_whole
from pipeline.localization.documents import (
    Choices,
    Document,
    entries_of,
    read_file,
    require_all,
    require_words,
)
from pipeline.localization.opening import CAPTIONS, kind_of, opened
from pipeline.localization.scripts import ScriptDocument
from pipeline.localization.videos import dub, ready_dub
from pipeline.progress import Progress, Result
from pipeline.translation.by_hand import Entry, write_review
from pipeline.translation.glossary import read_glossary
from pipeline.translation.models import Family, base_language, choose

_VIDEOS = (".mp4", ".m4v")
_OUTPUTS: dict[str, tuple[str, ...]] = {
    "text": (".txt", ".md"),
    "captions": (*CAPTIONS, ".txt"),
    "script": (".yaml", ".yml", ".mp4"),
    "video": (".mp4", *CAPTIONS, ".txt"),
}
"""What each kind of document can become, by suffix."""

Told = Callable[[str, float], None]
"""Told what is being done ("listening", "translation" or a stage of `progress.Progress`), and its share."""


@dataclass(frozen=True)
class Translated:
    """What was translated."""

    entries: tuple[Entry, ...]
    """Source and target, line by line."""
    language: str
    """BCP 47 tag of the original; the first line's, where lines differ."""
    files: tuple[Path, ...]
    """What was written, the output last."""
    notes: tuple[str, ...] = ()
    """What was left out or done differently, a sentence each: lines that are too long for their time."""


def translate(
    source: str | PathLike[str],
    output: str | PathLike[str] | None = None,
    *,
    to: str,
    language: str | None = None,
    glossary: str | PathLike[str] | None = None,
    lines: str | PathLike[str] | None = None,
    review: str | PathLike[str] | None = None,
    engine: Family | None = None,
    keep_times: bool = False,
    progress: Told | None = None,
    **options: Any,
) -> Translated:
    """A text, captions, a script or a talking video in another language.

    Args:
        source: a text (TXT, Markdown), captions (SRT, WebVTT), a script (YAML, JSON), or a video.
        output: the file to write; its suffix says what: a text, captions, a script (`.yaml`) or a video
            (`.mp4`), which for a script is its film and for a video its dub.
        to: BCP 47 tag of the language to translate to.
        language: of the original; where None, it is found in a recording, that of its voices in a script, and
            English otherwise.
        glossary: a file of terms whose translation is settled; see `translation.read_glossary`.
        lines: a file with a translation that somebody made or corrected, which is taken instead of a
            network's: a table as `review` is, captions, or a line for each line.
        review: a table to write, with source and target side by side for correction.
        engine: the kind of network: "opus", "m2m100" or "instruct"; where None, an instruct network if there
            is a card for it, else the pair's own or m2m100.
        keep_times: let each line of a script take as long as it did, by its pace and the pause after it;
            captions and dubs keep their times anyway.
        progress: called whenever the job has come further.
        options: of the video to be made: any field of `spec.Scene` and `spec.Output` by name, such as
            `voice`, `consent`, `lips` and `overwrite`.

    Raises:
        StudioError: it cannot be read, translated, spoken or written; the sentence says why.
    """
    task = _FileTranslation(Path(source), None if output is None else Path(output), to, options, progress)
    task.keeps_times = keep_times
    task.claim(None if review is None else Path(review))
    by_hand = None if lines is None else read_file(Path(lines), "translation", "lines")
    settled = None if glossary is None else read_glossary(read_file(Path(glossary), "glossary", "glossary"))
    task.tell("listening", 0.0)
    document = opened(Path(source), language, by_hand, lambda share: task.tell("listening", share))
    checked = list[str]()
    choices = Choices(
        to, settled, by_hand, engine, lambda share: task.tell("translation", share), checked.append
    )
    require_words(document)
    entries = task.entries(document, choices, None if review is None else Path(review))
    task.require_networks()
    notes = task.write(document, entries) if output is not None else ()
    return Translated(
        entries, document.lines[0].language, tuple(task.files), (*document.notes, *checked, *notes)
    )


class _FileTranslation:
    """One translation from file to file."""

    def __init__(
        self, source: Path, output: Path | None, to: str, options: dict[str, Any], told: Told | None
    ) -> None:
        self._source, self._output, self._to, self._options = source, output, to, options
        self._told = told
        self._kind = kind_of(source)
        self.files: list[Path] = []
        self.keeps_times = False
        self._lacking: CheckpointError | None = None
        """Why the video cannot be made, where the table for review can."""

    def tell(self, stage: str, share: float) -> None:
        """Say how far it is."""
        if self._told is not None:
            self._told(stage, share)

    def claim(self, review: Path | None) -> None:
        """Refuse, before any work is done, what cannot be written.

        Raises:
            OutputError, OptionError: a file exists, or is of another kind.
        """
        overwrite = self._overwrites
        if review is None and self._output is None:
            raise OptionError("Name a file to write as output, or a table as review.", parameter="path")
        self._refuse_unused()
        if review is not None:
            claim(review, overwrite=overwrite, parameter="review")
            self._keep_original(review, "review")
        if self._output is None:
            return
        suffixes = _OUTPUTS[self._kind]
        if self._output.suffix.lower() not in suffixes:
            names = " or ".join(self._output.with_suffix(suffix).name for suffix in suffixes)
            raise OutputError(
                f"{self._source.name} cannot become {self._output.name}; call it {names}.", parameter="path"
            )
        outputs = [self._output]
        if self._kind == "script" and self._is_video:
            outputs.append(self._output.with_suffix(".yaml"))
        for output in outputs:
            claim(output, overwrite=overwrite)
            self._keep_original(output, "path")
        if review is not None and review.resolve() == self._output.resolve():
            raise OutputError("The table would have the output's name; choose another.", parameter="review")
        if self._kind == "video" and self._is_video:
            try:
                for share in ready_dub(self._source, self._output, self._to, self._options):
                    self.tell("download", share)
            except CheckpointError as error:
                if review is None:
                    raise
                self._lacking = error

    def _keep_original(self, path: Path, parameter: str) -> None:
        if path.resolve() == self._source.resolve():
            raise OutputError(
                f"{path.name} would replace the original; choose another name.", parameter=parameter
            )

    def _refuse_unused(self) -> None:
        unused = [] if self._kind == "video" and self._is_video else [*self._options.keys() - {"overwrite"}]
        if unused:
            raise OptionError(
                f"{min(unused)} is for a dubbed video only; leave it out.", parameter=min(unused)
            )

    def entries(self, document: Document, choices: Choices, review: Path | None) -> tuple[Entry, ...]:
        """Source and target, also as the table for review if there is to be one; where no network can be had,
        the table waits for a person.
        """
        try:
            if choices.by_hand is None:
                for share in downloaded(document, choices):
                    self.tell("download", share)
            entries = entries_of(document.lines, document.translations(choices))
        except CheckpointError as error:
            if review is None:
                raise
            unanswered = entries_of(document.lines, [""] * len(document.lines))
            write_review(review, unanswered, overwrite=self._overwrites)
            raise CheckpointError(
                f"{error} The lines are in {review} now, to be translated in its third column.",
                parameter=error.parameter,
            ) from error
        if review is not None:
            write_review(review, entries, overwrite=self._overwrites)
            self.files.append(review)
        return entries

    def require_networks(self) -> None:
        """Refuse the video whose voice or networks cannot be had, now that the table is written.

        Raises:
            CheckpointError: one cannot be had; the sentence says where the lines are.
        """
        if self._lacking is not None:
            raise CheckpointError(
                f"{self._lacking} The lines are in {self.files[-1]} now.", parameter=self._lacking.parameter
            ) from self._lacking

    def write(self, document: Document, entries: tuple[Entry, ...]) -> tuple[str, ...]:
        """Write the output, and return what there is to say about it."""
        assert self._output is not None, "claim() lets nothing pass without an output or a table"
        require_all(entries)
        translations = [entry.target for entry in entries]
        if isinstance(document, ScriptDocument):
            return self._write_script(document, translations)
        if self._is_video:
            return self._write_dub(document.written(translations, ".srt"))
        self._save(self._output, document.written(translations, self._output.suffix.lower()))
        return ()

    @property
    def _overwrites(self) -> bool:
        """Whether files may be replaced."""
        return bool(self._options.get("overwrite"))

    @property
    def _is_video(self) -> bool:
        return self._output is not None and self._output.suffix.lower() in _VIDEOS

    def _save(self, path: Path, text: str) -> None:
        with written_whole(path, overwrite=self._overwrites) as part:
            part.write_text(text, encoding="utf-8", newline="\n")
        self.files.append(path)

    def _write_script(self, document: ScriptDocument, translations: list[str]) -> tuple[str, ...]:
        assert self._output is not None, "see write()"
        path = self._output.with_suffix(".yaml") if self._is_video else self._output
        notes: tuple[str, ...] = ()
        if self.keeps_times:
            text, notes = document.kept_in_time(
                translations, self._to, path, lambda share: self.tell("speech", share)
            )
        else:
            text = document.moved(translations, self._to, path)
        self._save(path, text)
        if not self._is_video:
            return notes
        from pipeline.script import render

        film = render(
            path, self._output, overwrite=self._overwrites,
            progress=lambda event: self.tell("animation", event.fraction),
        )  # fmt: skip
        self.files += [each for each in (film.captions, film.video) if each is not None]
        return (*notes, *film.notes)

    def _write_dub(self, subtitles: str) -> tuple[str, ...]:
        assert self._output is not None, "see write()"
        result: Result | None = None
        for event in dub(self._source, self._output, subtitles, self._to, self._options):
            if isinstance(event, Progress):
                self.tell(event.stage, event.fraction)
            if isinstance(event, Result):
                result = event
        assert result is not None, "a render that raises nothing ends in a Result"
        self.files += [path for path in (result.captions, result.video) if path is not None]
        return result.notes


def downloaded(document: Document, choices: Choices) -> Iterator[float]:
    """Download the networks that a document needs, yielding the share of each that is done.

    Raises:
        StudioError: one cannot be had, or none knows the languages.
    """
    from pipeline.translation.instruct import fits
    from pipeline.translation.network import download

    card = choices.family is None and fits()
    languages = dict.fromkeys(line.language for line in document.lines)
    foreign = [each for each in languages if base_language(each) != base_language(choices.to)]
    for language in foreign:
        model = choose(language, choices.to, choices.family, card=card)
        try:
            yield from download(model)
        except CheckpointError:
            if not card or model.family != "instruct":
                raise
            yield from download(choose(language, choices.to))
