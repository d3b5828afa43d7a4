"""A script becomes a list of shots: what is rendered in one go, kept under one key, and never cut.

A shot is a line with its pause, or a silent scene. All that shapes its picture and its sound stands in its
request, from which its key is made; nothing else may reach the code that draws it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline import engines, spec
from pipeline.cards import Layer
from pipeline.errors import StudioError
from pipeline.script.document import Line, Presenter, Scene, Script
from pipeline.script.error_places import error_at
from pipeline.script.errors import ScriptError
from pipeline.script.keys import code_version, file_sum, key_of, models
from pipeline.script.lines import background_of, is_film, seen_in, speakers_of, spoken_scene
from pipeline.stage.slots import Layout
from pipeline.trust.label import mark_text

_SPEAKING = ("face", "head", "lips", "head_options", "lips_options")
"""Fields of a speaker that shape the picture; the others stand in the line's own scene."""
_LISTENING = ("face", "style", "emotion", "blinks", "seed")


@dataclass(frozen=True)
class Role:
    """A presenter in a shot."""

    name: str
    presenter: Presenter
    speaks: bool
    attends: tuple[bool, bool] = (False, False)
    """Of a listener: whether they already look at the speaker as the shot begins, and still as it ends."""
    side: int = 0
    """Where the speaker is for a listener: -1 to the left in the picture, 1 to the right, 0 nowhere."""


@dataclass(frozen=True, eq=False)
class Shot:
    """One line, or one silent scene."""

    script: Script
    scene_number: int
    """From 0."""
    line_number: int | None
    """From 0; None for a silent scene."""
    roles: tuple[Role, ...]
    """Those who are seen, from left to right."""
    speaker: str | None
    """Who is heard."""
    earlier: tuple[Shot, ...] = ()
    """The shots of its scene that come before, where a video goes on from one to the next."""

    @property
    def scene(self) -> Scene:
        """The scene that it is part of."""
        return self.script.scenes[self.scene_number]

    @property
    def line(self) -> Line | None:
        """What is said."""
        return None if self.line_number is None else self.scene.lines[self.line_number]

    @property
    def opens(self) -> bool:
        """Whether the scene begins with it."""
        return not self.line_number

    @property
    def place(self) -> str:
        """Its place in the script, counted from 1."""
        where = f"scenes.{self.scene_number + 1}"
        return where if self.line_number is None else f"{where}.lines.{self.line_number + 1}"

    @property
    def layout(self) -> Layout:
        """How presenters and background share the frame."""
        return self.scene.arrangement if self.roles else Layout.VOICE_OVER

    @property
    def background(self) -> str | None:
        """What is behind the presenters, with a path that can be opened; None where they bring their own."""
        return background_of(self.script, self.scene)

    @property
    def moves(self) -> bool:
        """Whether the background is a video."""
        return is_film(self.background)

    @property
    def goes_on(self) -> bool:
        """Whether a video in it, of the background or a presenter, continues in the scene's next shot."""
        pictures = [str(self.script.located(role.presenter.subject)) for role in self.roles]
        return self.moves or any(is_film(picture) for picture in pictures)

    @property
    def transparent(self) -> bool:
        """Whether nothing is behind the presenters."""
        return self.script.output.background is not None and self.scene.background is None

    @property
    def cut_out(self) -> bool:
        """Whether presenters are shown without what is behind them in their picture."""
        free = self.layout in (Layout.LEFT, Layout.RIGHT)
        filling = self.layout in (Layout.FULL, Layout.SIDE_BY_SIDE)
        return free or (filling and (self.transparent or self.scene.background is not None))

    @property
    def matting(self) -> str | None:
        """The engine that cuts presenters out; None where nobody is cut out.

        Raises:
            StudioError: this machine does not have the device that was named.
        """
        return self.script.output.cuts_out if self.cut_out and self.roles else None

    @cached_property
    def spoken(self) -> spec.Scene | None:
        """The speaker's scene in the terms of a single render; None in a silent scene."""
        if self.line is None or self.speaker is None:
            return None
        try:
            return spoken_scene(self.script, self.script.presenters[self.speaker], self.line)
        except StudioError as error:
            raise self.concerning(error) from error

    @property
    def language(self) -> str | None:
        """Of what is said, or of the film's presenters where nobody speaks; None of a recording.

        Raises:
            ScriptError: the voice is not known.
        """
        if self.spoken is not None:
            return None if self.spoken.audio is not None else engines.voice(self.spoken.voice).language
        presenters = self.script.presenters.values()
        return next((engines.voice(each.voice).language for each in presenters), None)

    def concerning(self, error: StudioError) -> ScriptError:
        """An error about the spoken line, placed at the line, or at its speaker if the field is set there."""
        field, line = error.parameter or "", self.line
        speaker = self.script.presenters.get(self.speaker or "")
        theirs = speaker is not None and field in speaker.model_fields_set
        if theirs and (line is None or field not in line.model_fields_set):
            return error_at(f"presenters.{self.speaker}", error)
        return error_at(self.place, error)

    def request(self) -> dict[str, Any]:
        """All that shapes it, as plain values.

        Raises:
            ScriptError: a file that it needs is not there.
        """
        output = self.script.output
        titled = self.opens and (self.scene.title or self.scene.lower_third)
        return {
            "version": code_version(),
            "size": output.size,
            "fps": output.fps,
            "alpha": output.alpha,
            "mark": mark_text(self.language) if output.mark else None,
            "burn": output.captions == "burn",
            "background": self._background_sum(),
            "layout": self.layout.value,
            "cut_out": self.matting,
            "title": self.scene.title if self.opens else None,
            "lower_third": self.scene.lower_third if self.opens else None,
            "titles": self._titles_sum() if titled else None,
            "logo": self._logo(),
            "seconds": self.scene.seconds if self.line is None else None,
            "pause": self.line.pause if self.line is not None else None,
            "written": None if self.line is None else self.line.text,
            "spoken": self._spoken_sum(),
            "roles": [self._role(role) for role in self.roles],
            "earlier": [shot.key for shot in self.earlier],
        }

    @cached_property
    def key(self) -> str:
        """Under which its segment is kept.

        Raises:
            ScriptError: something that it needs is not there; the sentence begins with its place.
        """
        try:
            return key_of(self.request())
        except ScriptError:
            raise
        except StudioError as error:
            raise self.concerning(error) from error

    def _background_sum(self) -> list[str] | None:
        from pipeline.stage.backgrounds import colour, slide_of

        value = self.background
        if value is None or colour(value) is not None or value == "blur":
            return None if value is None else [value]
        slide = slide_of(value)
        path = Path(value) if slide is None else slide.deck
        return [
            file_sum(path, what=f"scenes.{self.scene_number + 1}.background"),
            str(slide.index if slide else ""),
        ]

    def _titles_sum(self) -> list[str | None]:
        """How titles look."""
        brand = self.script.brand
        font = None if brand.font is None else file_sum(self.script.located(brand.font), what="brand.font")
        return [brand.colour, brand.accent, font]

    def _logo(self) -> list[Any] | None:
        brand = self.script.brand
        if brand.logo is None:
            return None
        digest = file_sum(self.script.located(brand.logo), what="brand.logo")
        return [digest, brand.logo_place, brand.logo_size]

    def _spoken_sum(self) -> dict[str, Any] | None:
        scene = self.spoken
        if scene is None:
            return None
        values = scene.model_dump(
            mode="json",
            exclude={"subject", "teeth_from", "consent", "audio", "motion_in", "voice_from", "voice_consent"},
        )
        audio = None if scene.audio is None else file_sum(scene.audio, what=f"{self.place}.audio")
        imitated = (
            None if scene.voice_from is None else file_sum(scene.voice_from, what=f"{self.place}.voice_from")
        )
        needed = () if scene.audio is not None else engines.voice(scene.voice).checkpoints
        heard = scene.audio is not None and scene.text is None and self.script.output.captions is not None
        if imitated is not None:
            values["imitated"] = imitated
        return {**values, "audio": audio, "models": models(needed), "recognizes": heard}

    def _role(self, role: Role) -> dict[str, Any]:
        shaping = _SPEAKING if role.speaks else _LISTENING
        values = role.presenter.model_dump(mode="json", include=set(shaping))
        path = self.script.located(role.presenter.subject)
        return {
            **values,
            "picture": file_sum(path, what=f"presenters.{role.name}.subject"),
            "teeth": self._teeth_sums(role) if role.speaks else [],
            "models": models(self._checkpoints(role)),
            "speaks": role.speaks,
            "attends": role.attends,
            "side": role.side,
        }

    def _teeth_sums(self, role: Role) -> list[str]:
        what = f"presenters.{role.name}.teeth_from"
        return [file_sum(self.script.located(file), what=what) for file in role.presenter.teeth_from]

    def _checkpoints(self, role: Role) -> tuple[str, ...]:
        """Keys of the published files that a speaker's engines need."""
        if not role.speaks:
            return ()
        named: dict[Layer, str | None] = {"head": role.presenter.head, "lips": role.presenter.lips}
        cards = [engines.card(layer, name) for layer, name in named.items() if name is not None]
        return tuple(key for card in cards for key in card.checkpoints)


def shots(script: Script) -> list[Shot]:
    """The shots of a script in order.

    Raises:
        ScriptError: a scene shows more or fewer presenters than its layout.
    """
    return [shot for number in range(len(script.scenes)) for shot in _scene_shots(script, number)]


def _scene_shots(script: Script, number: int) -> Iterator[Shot]:
    scene = script.scenes[number]
    speakers = speakers_of(script, scene)
    seen = seen_in(script, scene, speakers, number)
    if scene.background == "blur" and not seen:
        raise ScriptError(
            f"scenes.{number + 1}: the background blur needs a presenter who is seen; choose a colour.",
            parameter=f"scenes.{number + 1}.background",
        )
    if not scene.lines:
        waiting = tuple(Role(name, script.presenters[name], False) for name in seen)
        yield Shot(script, number, None, waiting, None)
    earlier: tuple[Shot, ...] = ()
    for index, speaker in enumerate(speakers):
        following = speakers[index + 1] if index + 1 < len(speakers) else None
        beside = (speakers[index - 1] if index else None, following)
        shown = seen if scene.arrangement is Layout.SIDE_BY_SIDE else ((speaker,) if seen else ())
        roles = tuple(_role_in(script, name, shown, speaker, beside) for name in shown)
        shot = Shot(script, number, index, roles, speaker, earlier)
        if shot.goes_on:
            earlier = (*earlier, shot)
        yield shot


def _role_in(
    script: Script, name: str, shown: tuple[str, ...], speaker: str, beside: tuple[str | None, str | None]
) -> Role:
    """The role of a presenter while somebody speaks, `beside` being who speaks before and after."""
    presenter = script.presenters[name]
    if name == speaker:
        return Role(name, presenter, True)
    before, after = (other is not None and other != name for other in beside)
    side = 1 if shown.index(speaker) > shown.index(name) else -1
    return Role(name, presenter, False, (before, after), side)
