"""A script in another language: its lines and titles are translated, voices of the language speak them.

Scenes, slides, layouts and pauses stay, so that every line is said in front of the slide that it was written
for, and whatever is not said is found in the store of segments again.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline import engines
from pipeline.localization.documents import Choices, Line, read_file, translated
from pipeline.localization.timing import keep_times
from pipeline.script.document import Presenter, Script
from pipeline.script.lines import speakers_of
from pipeline.script.located import Place, parse_located
from pipeline.script.reading import parse_script
from pipeline.translation.models import base_language
from pipeline.translation.voices import voice_for

_TITLES = ("title", "chapter", "lower_third")
"""Texts of a scene that are shown."""
_BRAND_FILES = ("background", "font", "logo", "intro", "outro", "music")


@dataclass(frozen=True)
class ScriptDocument:
    """The lines and titles of a script."""

    script: Script
    values: dict[str, Any]
    """The script as its file has it."""
    language: str | None = None
    """Of all of it; each line's own, or its voice's, where None."""

    @classmethod
    def read(cls, path: Path, language: str | None = None) -> ScriptDocument:
        """The script in a file.

        Raises:
            ScriptError, TextError: it cannot be read, or something in it is not possible.
        """
        return cls.parse(read_file(path, "script", "script"), path, language)

    @classmethod
    def parse(cls, text: str, path: Path, language: str | None = None) -> ScriptDocument:
        """The script in a text that stands, or could stand, at `path`; see `read`."""
        return cls(parse_script(text, path), parse_located(text, path).value, language)

    @property
    def lines(self) -> list[Line]:
        """Titles and lines in the order of the script."""
        return [Line(_dotted(place), text, language) for place, text, language in self._texts()]

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be translated, a sentence each."""
        return tuple(
            f"scenes.{number}.lines.{index} is a recording whose words are not known and stays as it is; add "
            "them as text to have them translated."
            for number, scene in enumerate(self.script.scenes, 1)
            for index, line in enumerate(scene.lines, 1)
            if line.text is None
        )

    def translations(self, choices: Choices) -> list[str]:
        """See `documents.Document`."""
        return translated(self.lines, choices)

    def written(self, translations: Sequence[str], suffix: str) -> str:
        """See `documents.Document`; paths stay as they are."""
        return _dumped(self.with_texts(translations, None))

    def moved(self, translations: Sequence[str], to: str, path: Path) -> str:
        """The script in another language as the text of a file at `path`: its relative paths lead to the same
        files, and its film has the language in its name.
        """
        return _dumped(self._moved(translations, to, path))

    def kept_in_time(
        self, translations: Sequence[str], to: str, path: Path, told: Callable[[float], None]
    ) -> tuple[str, tuple[str, ...]]:
        """As `moved`, with lines that take as long as they did, and what there is to say about that; see
        `timing.keep_times`.
        """
        values = self._moved(translations, to, path)
        notes = keep_times(self.script, parse_script(_dumped(values), path), values, told)
        return _dumped(values), notes

    def _moved(self, translations: Sequence[str], to: str, path: Path) -> dict[str, Any]:
        values = self.with_texts(translations, to)
        _rebase(values, self.script.folder, path.parent)
        return values

    def with_texts(self, translations: Sequence[str], to: str | None) -> dict[str, Any]:
        """The script's values with other words; `to`: their language, whose voices speak them."""
        values = copy.deepcopy(self.values)
        for (place, _, _), text in zip(self._texts(), translations, strict=True):
            _put(values, place, text)
        if to is not None:
            self._cast(values, to)
            output = values.setdefault("output", {})
            film = self.script.output.path
            output["path"] = film.with_name(f"{film.stem}.{base_language(to)}{film.suffix}").as_posix()
        return values

    def _texts(self) -> Iterator[tuple[Place, str, str]]:
        """Every text with its place and its language."""
        usual = self._language_of(next(iter(self.script.presenters.values()), None), None, None)
        if self.script.title:
            yield ("title",), self.script.title, usual
        for number, scene in enumerate(self.script.scenes):
            for name in _TITLES:
                if text := getattr(scene, name):
                    yield ("scenes", number, name), text, usual
            for index, (line, name) in enumerate(
                zip(scene.lines, speakers_of(self.script, scene), strict=True)
            ):
                if line.text is not None:
                    presenter = self.script.presenters[name]
                    language = self._language_of(presenter, line.voice, line.language)
                    yield ("scenes", number, "lines", index), line.text, language

    def _language_of(self, presenter: Presenter | None, voice: str | None, language: str | None) -> str:
        if language or self.language:
            return language or self.language or ""
        speaking = voice or (presenter.voice if presenter else engines.DEFAULT_VOICE)
        return engines.voice(speaking).language

    def _cast(self, values: dict[str, Any], to: str) -> None:
        """Give everybody who speaks a voice of the language, also in place of recordings with known words."""
        for name, presenter in self.script.presenters.items():
            own = values["presenters"][name]
            voice = voice_for(to, presenter.voice)
            if voice != presenter.voice:
                own["voice"] = voice
                own.pop("voice_options", None)
        for number, scene in enumerate(self.script.scenes):
            for index, line in enumerate(scene.lines):
                own = values["scenes"][number]["lines"][index]
                if not isinstance(own, dict) or line.text is None:
                    continue
                own.pop("audio", None)
                if line.language is not None:
                    own["language"] = base_language(to)
                if line.voice is not None:
                    own["voice"] = voice_for(to, line.voice)


def _put(values: dict[str, Any], place: Place, text: str) -> None:
    owner: Any = values
    for step in place[:-1]:
        owner = owner[step]
    last = place[-1]
    if isinstance(owner, list) and isinstance(owner[int(last)], dict):
        owner[int(last)]["text"] = text
    else:
        owner[last] = text


def _rebase(values: dict[str, Any], before: Path, after: Path) -> None:
    """Let relative paths that began at one folder begin at another."""
    if before.absolute() == after.absolute():
        return
    owners: list[tuple[Any, Any]] = [(values.get("brand") or {}, name) for name in _BRAND_FILES]
    for presenter in (values.get("presenters") or {}).values():
        owners += [(presenter, name) for name in ("subject", "voice_from", "teeth_from")]
        several = presenter.get("teeth_from")
        owners += [(several, number) for number in range(len(several))] if isinstance(several, list) else []
    for scene in values.get("scenes") or []:
        owners.append((scene, "background"))
        owners += [(line, "audio") for line in scene.get("lines") or [] if isinstance(line, dict)]
    for owner, name in owners:
        given = owner[name] if isinstance(owner, list) else owner.get(name)
        if not isinstance(given, str):
            continue
        file, mark, page = given.partition("#") if name == "background" else (given, "", "")
        if file and (before / file).exists() and not Path(file).is_absolute():
            owner[name] = Path(os.path.relpath(before / file, after)).as_posix() + mark + page


def _dumped(values: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
    return text


def _dotted(place: Place) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
