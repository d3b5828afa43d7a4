"""What a person asks for, declared once.

The shell's flags, the page's fields, the HTTP endpoint and the keyword arguments of `pipeline.render` are all
drawn from these models; the docstring under a field is its help everywhere. To add an option, add a field
here and use it in the code that it concerns.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.config import JsonDict

from pipeline.checksums import fingerprint
from pipeline.engines import DEFAULT_VOICE, ENGINES
from pipeline.errors import unknown_name
from pipeline.options import Files, Options
from pipeline.stage.mattes import Choice, chosen
from pipeline.types import STYLES, AlphaKind, ConsentBasis, Emotion, Style, StyleName

CaptionFormat = Literal["srt", "vtt", "burn"]

FILES = ("subject", "teeth_from", "audio", "motion_in", "voice_from")
"""The fields of `Scene` that name files to be read."""
SEVERAL = ("teeth_from",)
"""Those that name any number of them."""

Given = Mapping[str, Any]
"""Options of an engine by name, typed or as a person types them; the engine's own model reads them."""


def _encodable(text: str) -> str:
    """The text with U+FFFD in place of lone surrogates, which stand for bytes that could not be decoded."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


Words = Annotated[str, AfterValidator(_encodable)]
"""Text that can be spoken, written into files and sent on."""


def _dictionary(given: Any) -> Any:
    """The entries, checked, as text with one in each line; nothing where there are none."""
    from pipeline.speech.text.pronunciation import parsed, typed

    return (typed(parsed(given)) or None) if isinstance(given, str | Mapping) else given


Spelled = Annotated[Words | None, BeforeValidator(_dictionary)]
"""A dictionary of pronunciations as text; a mapping is taken too."""

_PRESENTER: JsonDict = {"group": "Presenter"}
_WORDS: JsonDict = {"group": "Words"}
_DELIVERY: JsonDict = {"group": "Delivery"}
_ENGINES: JsonDict = {"group": "Engines"}
_FILE: JsonDict = {"group": "File"}


class Scene(Options):
    """Who speaks, what they say, and how."""

    subject: Path = Field(json_schema_extra=_PRESENTER)
    """Photo or video of the person who speaks."""
    face: int = Field(1, ge=1, json_schema_extra=_PRESENTER)
    """Which face, where there are several; 1 is the largest."""
    teeth_from: Files = Field((), json_schema_extra=_PRESENTER)
    """Other photos, or short videos, in which this person shows their teeth; the puppet's mouth gets them."""
    consent: ConsentBasis | None = Field(None, json_schema_extra=_PRESENTER)
    """Why you may use this face: it is you (me), the person agreed (permission), or the person is not real
    (fictional). Asked once per picture."""

    text: Words | None = Field(None, json_schema_extra=_WORDS)
    """The words, those to emphasise between asterisks, as in *never*; together with a recording, its
    transcript."""
    audio: Path | None = Field(None, json_schema_extra=_WORDS)
    """A recording to speak, or a video with sound, instead of a synthetic voice."""
    motion_in: Path | None = Field(None, json_schema_extra=_WORDS)
    """A motion file to play instead of motion made from the words."""
    voice: str = Field(DEFAULT_VOICE, json_schema_extra=_WORDS)
    """Voice that says the text."""
    voice_from: Path | None = Field(None, json_schema_extra=_WORDS)
    """A recording of 5 to 30 seconds, or a video with sound, of one person whose voice is to be heard; for
    voices that imitate, such as pocket:en."""
    voice_consent: ConsentBasis | None = Field(None, json_schema_extra=_WORDS)
    """Why you may imitate this voice: it is yours (me), the person agreed (permission), or the person is not
    real (fictional). Asked once per recording."""
    pronunciations: Spelled | None = Field(None, json_schema_extra=_WORDS)
    """How words are said, such as SQL=sequel; GIF=/dʒɪf/. Captions show them as written."""
    timed: bool = Field(False, json_schema_extra=_WORDS)
    """Speak subtitles (SRT) at their own times, for a dub; the pace follows."""
    pace: float = Field(1.0, ge=0.5, le=2.0, json_schema_extra=_WORDS)
    """Speed of the voice: 0.5 is half as fast, 2 twice as fast."""

    style: StyleName = Field("calm", json_schema_extra=_DELIVERY)
    """How much the head and face move."""
    emotion: Emotion = Field("neutral", json_schema_extra=_DELIVERY)
    """What colours the face."""
    blinks: float = Field(1.0, ge=0.0, le=2.0, json_schema_extra=_DELIVERY)
    """How often the eyes blink: 0 never, 2 twice as often."""
    seed: int | None = Field(None, ge=0, le=2**32 - 1, json_schema_extra=_DELIVERY)
    """Same seed, same performance; another number gives another take. Left out, it follows from the picture
    and the words."""

    head: str | None = Field(None, json_schema_extra={**_ENGINES, "choices": [*ENGINES["head"]]})
    """Head engine; left out, puppet for a photo and footage for a video."""
    lips: str | None = Field(None, json_schema_extra={**_ENGINES, "choices": [*ENGINES["lips"]]})
    """Lips engine; left out, the head's own mouth where it has one, else puppet."""
    head_options: Given = Field({}, json_schema_extra=_ENGINES)
    """Option of the head engine, as NAME=VALUE."""
    lips_options: Given = Field({}, json_schema_extra=_ENGINES)
    """Option of the lips engine, as NAME=VALUE."""
    voice_options: Given = Field({}, json_schema_extra=_ENGINES)
    """Option of the voice, as NAME=VALUE."""

    @property
    def dictionary(self) -> tuple[tuple[str, str], ...]:
        """The words that are said otherwise than they would be read, each with how it is said."""
        from pipeline.speech.text.pronunciation import parsed

        return parsed(self.pronunciations or "")

    def seeded(self) -> Scene:
        """The same scene with its seed decided, so that every picture and every text has its own performance.

        The seed that is left out follows from the contents of the files and from the text, not from their
        names: the same request gives the same video anywhere.

        Raises:
            OSError: the picture or the recording cannot be read.
        """
        if self.seed is not None:
            return self
        digest = hashlib.sha256((self.text or "").encode())
        for path in (self.subject, self.audio, self.motion_in, self.voice_from):
            digest.update(b"" if path is None else fingerprint(path))
        return self.model_copy(update={"seed": int.from_bytes(digest.digest()[:4], "big")})

    def performance(self, fps: int) -> Style:
        """The style by its name, with what this scene sets of it, at a frame rate; see `seeded`."""
        seed = self.seeded().seed or 0
        return replace(STYLES[self.style], fps=fps, emotion=self.emotion, blinks=self.blinks, seed=seed)


class Output(Options):
    """The file to be made."""

    path: Path = Field(json_schema_extra=_FILE)
    """The MP4 to write; captions are written beside it under the same name."""
    background: Literal["transparent"] | None = Field(None, json_schema_extra=_FILE)
    """transparent cuts the person out, into a file with an alpha channel, whose name ends in .webm (VP9) or
    .mov (ProRes 4444)."""
    matting: Choice = Field("auto", json_schema_extra=_FILE)
    """What cuts the person out: embedded, or birefnet, which finds single hairs and wants a GPU and a
    download of 444 MB. auto is birefnet where there is a GPU and it was downloaded before, else embedded."""
    size: int | None = Field(None, ge=128, le=1080, json_schema_extra=_FILE)
    """Side in pixels of a square crop around the face; left out, the photo keeps its framing."""
    fps: Literal[24, 25, 30, 50, 60] = Field(25, json_schema_extra=_FILE)
    """Frames per second."""
    captions: CaptionFormat | None = Field(None, json_schema_extra=_FILE)
    """Captions as a file beside the video (srt, vtt), or burned into the picture (burn)."""
    motion: Path | None = Field(None, json_schema_extra=_FILE)
    """Also write the motion to this CSV file."""
    mark: bool = Field(True, json_schema_extra=_FILE)
    """A small visible mark that says that the video is AI-generated."""
    overwrite: bool = Field(False, json_schema_extra=_FILE)
    """Replace files that exist."""

    @property
    def alpha(self) -> AlphaKind | None:
        """The kind of a video that is transparent in places; None where none is.

        Raises:
            OutputError: files of that name cannot be transparent.
        """
        from pipeline.video.encode_alpha import alpha_kind

        return None if self.background is None else alpha_kind(self.path)

    @property
    def cuts_out(self) -> str | None:
        """The matting engine that will run; None where nobody is cut out.

        Raises:
            StudioError: this machine does not have the device that was named.
        """
        return None if self.background is None else chosen(self.matting)


def split(given: Mapping[str, Any]) -> tuple[Scene, Output]:
    """The scene and the output out of options that name the fields of both.

    Raises:
        UnknownNameError: a name is a field of neither; the sentence suggests the nearest.
        OptionError: a value is not possible.
    """
    for name in given:
        if name not in Scene.model_fields and name not in Output.model_fields:
            known = [*Scene.model_fields, *Output.model_fields]
            raise unknown_name("parameter", name, known, parameter=name)
    scene = Scene(**{name: value for name, value in given.items() if name in Scene.model_fields})
    return scene, Output(**{name: value for name, value in given.items() if name in Output.model_fields})
