"""The document of a script: presenters, scenes, lines, brand and output, as frozen models.

Fields that mean the same as in `pipeline.spec` are taken from there, with their ranges and their help. The
docstring under a field is its help in the JSON Schema that editors read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeline import spec
from pipeline.options import Files
from pipeline.script.errors import ScriptError
from pipeline.script.fields import Background, File, FrameRate, Height, Storable
from pipeline.stage.mattes import Choice, chosen
from pipeline.stage.slots import Layout
from pipeline.types import AlphaKind, ConsentBasis, Emotion, StyleName

Aspect = Literal["16:9", "9:16", "1:1", "4:5"]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]

LONGEST_SCRIPT = 2_000
"""Lines of a script: about three hours."""
_SLIDE = re.compile(r"\.(pdf|pptx)(#\d+)?$", re.IGNORECASE)
_COLOUR = r"^#[0-9a-fA-F]{6}$"
_NAME = r"^[^\s#{}\[\]:,][^\n]*$"


def _same(name: str, **changes: Any) -> Any:
    """The field of `spec.Scene` or `spec.Output` with this name, with another default if one is given."""
    field = copy((spec.Scene.model_fields | spec.Output.model_fields)[name])
    for attribute, value in changes.items():
        setattr(field, attribute, value)
    return field


class Part(BaseModel):
    """Base of all parts of a script."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )


class Presenter(Part):
    """A person who speaks."""

    subject: File
    """Photo or video of the person, relative to the script."""
    face: int = _same("face")
    teeth_from: Annotated[Files, Storable] = _same("teeth_from")
    consent: ConsentBasis | None = _same("consent")
    voice: str = _same("voice")
    voice_from: Annotated[Path | None, Storable] = _same("voice_from")
    voice_consent: ConsentBasis | None = _same("voice_consent")
    pace: float = _same("pace")
    style: StyleName = _same("style")
    emotion: Emotion = _same("emotion")
    blinks: float = _same("blinks")
    seed: int | None = _same("seed")
    head: str | None = _same("head")
    lips: str | None = _same("lips")
    head_options: dict[str, Any] = _same("head_options")
    lips_options: dict[str, Any] = _same("lips_options")
    voice_options: dict[str, Any] = _same("voice_options")


class Line(Part):
    """Something that a presenter says; a plain text is a line too."""

    id: str | None = None
    """A name of its own, for tools that edit scripts."""
    presenter: str | None = None
    """Who says it; left out, who spoke before in the scene, else the first presenter."""
    text: str | None = Field(None, min_length=1)
    """The words, those to emphasise between asterisks; together with a recording, its transcript."""
    audio: File | None = None
    """A recording to speak instead of a synthetic voice, relative to the script."""
    voice: str | None = _same("voice", default=None)
    language: str | None = Field(None, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")
    """Language of the text, such as de or en-GB, where the presenter's voice speaks another one."""
    pace: float | None = _same("pace", default=None)
    style: StyleName | None = _same("style", default=None)
    emotion: Emotion | None = _same("emotion", default=None)
    pause: float = Field(0.3, ge=0.0, le=30.0)
    """Seconds of silence after it."""


def _line(given: Any) -> Any:
    """A line that is a plain text is one with this text."""
    if isinstance(given, bool):
        return {"text": str(given).lower()}
    return {"text": str(given)} if isinstance(given, (str, int, float)) else given


class Scene(Part):
    """One background with the lines that are said in front of it."""

    id: str | None = None
    """A name of its own, for tools that edit scripts."""
    title: str | None = Field(None, max_length=200)
    """Shown as the scene begins, and the name of its chapter."""
    chapter: str | None = Field(None, max_length=200)
    """Name of its chapter, where that is not to be shown or is not the title."""
    lower_third: str | None = Field(None, max_length=200)
    """Name of who speaks and, behind a comma, their role, shown in the lower third as the scene begins."""
    background: Background | None = None
    """A colour (#204060), an image, a video, a slide (deck.pdf#2) or blur, which is the presenter's own
    picture, blurred; relative to the script. Left out, a presenter who fills the picture keeps their own."""
    layout: Layout | None = None
    """Where the presenter stands; left out, in the corner of a slide, side by side where two are named, and
    else over the whole picture."""
    presenters: tuple[str, ...] = ()
    """Who is seen; left out, those who speak in the scene."""
    seconds: float = Field(4.0, ge=0.5, le=600.0)
    """How long a scene without lines is shown."""
    transition: Literal["cut", "crossfade"] = "cut"
    """How the scene before turns into this one."""
    lines: tuple[Annotated[Line, BeforeValidator(_line)], ...] = ()
    """What is said, in order; a scene without lines is silent."""

    @property
    def arrangement(self) -> Layout:
        """The layout, decided."""
        if self.layout is not None:
            return self.layout
        if len(self.presenters) == 2:
            return Layout.SIDE_BY_SIDE
        return Layout.CORNER if _SLIDE.search(self.background or "") else Layout.FULL


class Output(Part):
    """The file to be made."""

    path: File = Path("film.mp4")
    """The MP4 to write, relative to the script, or a WebM or MOV with a transparent background; captions are
    written beside it under the same name."""
    background: Literal["transparent"] | None = None
    """transparent for a film with an alpha channel, whose path ends in .webm (VP9) or .mov (ProRes 4444):
    presenters are cut out, with nothing behind them in scenes that name no background."""
    matting: Choice = _same("matting")
    aspect: Aspect = "16:9"
    """Width to height of the picture."""
    height: Height = 720
    """Shorter side of the picture in pixels, as in 720p."""
    fps: FrameRate = _same("fps")
    captions: spec.CaptionFormat | None = _same("captions")
    mark: bool = _same("mark")
    overwrite: bool = _same("overwrite")

    @property
    def alpha(self) -> AlphaKind | None:
        """The kind of a film that is transparent in places; None where none is.

        Raises:
            OutputError: files of that name cannot be transparent.
        """
        from pipeline.video.encode_alpha import alpha_kind

        return None if self.background is None else alpha_kind(self.path)

    @property
    def cuts_out(self) -> str:
        """The matting engine that cuts presenters out where the script asks for it.

        Raises:
            StudioError: this machine does not have the device that was named.
        """
        return chosen(self.matting)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in px, both even."""
        across, down = (int(side) for side in self.aspect.split(":"))
        longer = round(self.height * max(across, down) / min(across, down) / 2) * 2
        return (longer, self.height) if across >= down else (self.height, longer)


class Brand(Part):
    """What all scenes share."""

    background: Background = Field("#f2f2f0", min_length=1)
    """Background of scenes that name none and need one."""
    colour: str = Field("#1b3a5b", pattern=_COLOUR)
    """Colour behind titles and lower thirds."""
    accent: str = Field("#ffbe3c", pattern=_COLOUR)
    """Colour of the strip beside a lower third."""
    font: File | None = None
    """A TrueType or OpenType file for titles and lower thirds, relative to the script."""
    logo: File | None = None
    """An image with transparency, shown in a corner of every scene."""
    logo_place: Corner = "bottom-left"
    """The corner."""
    logo_size: float = Field(0.1, ge=0.02, le=0.5)
    """Height of the logo as a share of the picture's shorter side."""
    intro: File | None = None
    """A video that is shown first."""
    outro: File | None = None
    """A video that is shown last."""
    music: File | None = None
    """Music under the speech, repeated to the end; it is quieter while somebody speaks."""
    music_level: float = Field(-18.0, ge=-40.0, le=0.0)
    """Decibels of the music relative to the speech, where nobody speaks."""
    pronunciation: dict[str, str] = Field(default_factory=dict)
    """How words are said that voices get wrong: written word to respelling, or to IPA between slashes."""


class Script(Part):
    """A whole script."""

    title: str | None = Field(None, max_length=200)
    """Of the film, written into the file."""
    output: Output = Output()
    """The file to be made."""
    brand: Brand = Brand()
    """What all scenes share."""
    presenters: dict[Annotated[str, Field(pattern=_NAME, max_length=100)], Presenter] = Field(
        default_factory=dict
    )
    """Who speaks, by names that lines use; the first is the default."""
    scenes: tuple[Scene, ...] = Field(min_length=1)
    """The scenes in order."""

    _folder: Path = Path()
    """Where relative paths begin: the folder of the script's file."""
    _source: tuple[Path, dict[str, int]] | None = None
    """The file, and the line of each value by its place: "scenes.1.lines.2"."""
    _keeps: object = None
    """What has to stay as long as the script does."""

    @property
    def folder(self) -> Path:
        """Where relative paths begin."""
        return self._folder

    def within(
        self, folder: Path, *, source: tuple[Path, dict[str, int]] | None = None, keeps: object = None
    ) -> Script:
        """The same script, whose relative paths begin at a folder.

        Args:
            folder: where.
            source: its file, and the line of each value by its place, for errors that are found later.
            keeps: what has to stay as long as the script does.
        """
        moved = self.model_copy()
        private = {
            "_folder": folder,
            "_source": source or self._source,
            "_keeps": self._keeps if keeps is None else keeps,
        }
        object.__setattr__(moved, "__pydantic_private__", private)
        return moved

    @contextmanager
    def locating(self) -> Iterator[None]:
        """Errors of this script that are raised in the block say file and line."""
        try:
            yield
        except ScriptError as error:
            if self._source is None or error.path is not None or error.parameter is None:
                raise
            path, lines = self._source
            place = error.parameter
            while place not in lines and "." in place:
                place = place.rpartition(".")[0]
            raise ScriptError(
                error.sentence, path=path, line=lines.get(place), parameter=error.parameter
            ) from error

    @property
    def file(self) -> Output:
        """The output, with a path that can be opened."""
        return self.output.model_copy(update={"path": self.located(self.output.path)})

    def located(self, path: Path) -> Path:
        """A path of the script as one that can be opened."""
        return self._folder / path.expanduser()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a script, for editors; a line may also be a plain text."""
    schema = Script.model_json_schema()
    lines = schema["$defs"]["Scene"]["properties"]["lines"]
    lines["items"] = {"anyOf": [{"type": "string"}, lines["items"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Script", **schema}
