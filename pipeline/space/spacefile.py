"""The Spacefile: what a Space is made of, as a TOML file whose keys are the fields of the models here."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from pipeline.errors import SpaceError, StudioError
from pipeline.space.places import line_of
from pipeline.space.preload import needed_files
from pipeline.space.wording import refusal

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Colour = Literal["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"]

Hardware = Literal[
    "cpu-basic", "cpu-upgrade", "zero-a10g", "t4-small", "t4-medium", "l4x1", "l4x4", "l40sx1", "l40sx4",
    "l40sx8", "a10g-small", "a10g-large", "a10g-largex2", "a10g-largex4", "a100-large", "a100x4", "a100x8",
    "rtx-pro-6000", "rtx-pro-6000x2", "rtx-pro-6000x4", "rtx-pro-6000x8",
]  # fmt: skip

HARDWARE: tuple[str, ...] = get_args(Hardware)
"""The machines on which a Space runs, by the names that the Hub has for them."""

ZERO_GPU = "zero-a10g"

_FIXED_SLEEP = ("cpu-basic", ZERO_GPU)
"""Machines whose sleep time the Hub sets."""

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"


def _pattern(pattern: str, wanted: str) -> AfterValidator:
    """A check that a text is of this form; `wanted` says which, for the sentence that refuses it."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.DOTALL):
            raise ValueError(wanted)
        return value

    return AfterValidator(check)


def _known(model: str) -> str:
    try:
        needed_files(model)
    except StudioError as error:
        sentence = str(error)
        raise ValueError(sentence[:1].lower() + sentence[1:]) from error
    return model


_SpaceName = Annotated[
    str,
    _pattern(
        rf"(?!.*(?:--|\.\.))(?:{_NAME}/)?{_NAME}",
        "give a name or owner/name, each of letters, digits and single dashes, dots or underscores",
    ),
]
_Model = Annotated[str, AfterValidator(_known)]
_Variable = Annotated[str, _pattern(_VARIABLE, "give the name of an environment variable, such as HF_TOKEN")]
_Assigned = Annotated[str, _pattern(rf"{_VARIABLE}(?:=.*)?", "give NAME or NAME=value")]
_Duration = Annotated[str, _pattern(r"[1-9][0-9]{0,3}[smh]", "give a number with s, m or h, such as 45m")]
_Folder = Annotated[str, _pattern(r"/.*", "give an absolute path, such as /data")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Volume(_Part):
    """A repository or a bucket of the Hub that the Space sees as a folder."""

    type: Literal["bucket", "model", "dataset", "space"]
    """What is mounted; only a bucket can be written to."""
    source: Annotated[str, _pattern(rf"{_NAME}/{_NAME}", "give owner/name")]
    """`owner/name` on the Hub."""
    mount: _Folder
    """Where it is mounted, such as /data."""
    revision: str | None = None
    """Branch, tag or commit of a repository."""
    path: str | None = None
    """Only this folder of it."""
    read_only: bool = False
    """Mount a bucket so that it cannot be written to."""


class Spacefile(_Part):
    """What a Space is made of. The docstring under a field says what its key means."""

    name: _SpaceName
    """Name of the Space, or owner/name where it belongs to an organisation. [default owner: the token's]"""
    title: str
    """What the Space is called on its page."""
    emoji: str = "🎬"
    """Picture of its card."""
    color_from: Colour = "indigo"
    """Left colour of its card."""
    color_to: Colour = "pink"
    """Right colour of its card."""
    short_description: Annotated[str, Field(max_length=60)] = ""
    """One line under the title, up to 60 characters."""
    license: str = "apache-2.0"
    """Licence, as the Hub spells it."""
    visibility: Literal["public", "private"] = "public"
    """Who can open the Space: everybody, or only its owners."""
    sdk: Literal["gradio"] = "gradio"
    """What serves the page."""
    sdk_version: Annotated[str, _pattern(r"\d+\.\d+\.\d+", "give a version such as 6.31.0")]
    """Version of Gradio that the Space installs."""
    python: Annotated[str, _pattern(r"3\.\d+(?:\.\d+)?", "give a version such as 3.11")] = "3.11"
    """Version of Python."""
    app: str = "app.py"
    """The program that the Space runs."""
    hardware: Hardware = "cpu-basic"
    """The machine it runs on; zero-a10g lends a GPU for the length of a job."""
    sleep_time: Annotated[int, Field(ge=-1)] | None = None
    """Seconds without visitors after which paid hardware sleeps; -1 is never. [default: left as it is]"""
    startup_timeout: _Duration = "30m"
    """How long the first start may take, such as 30m or 1h."""
    volumes: tuple[Volume, ...] = ()
    """What is mounted, each as a table [[volumes]]."""
    secrets: tuple[_Variable, ...] = ()
    """Names of secrets, whose values come from the environment of whoever deploys."""
    variables: tuple[_Assigned, ...] = ()
    """Environment variables of the Space: NAME=value, or NAME, whose value comes from the environment."""
    preload: tuple[_Model, ...] = ()
    """Engines and voices, such as lips:wav2lip or voice:mms:deu, whose files are fetched beforehand."""
    include: Annotated[tuple[str, ...], Field(min_length=1)]
    """What is uploaded, of the files that git tracks: names, folders with a slash at the end, or patterns."""
    exclude: tuple[str, ...] = ()
    """What is left out of that."""

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, given: Any) -> Any:
        """TOML's arrays are lists; the fields are tuples, so that nobody changes them."""
        if not isinstance(given, dict):
            return given
        return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}

    @field_validator("sleep_time")
    @classmethod
    def _sleeps(cls, value: int | None, info: ValidationInfo) -> int | None:
        hardware = info.data.get("hardware")
        if value is not None and hardware in _FIXED_SLEEP:
            raise ValueError(f"leave it out, as {hardware} has a sleep time of its own")
        return value


def read_spacefile(path: Path) -> Spacefile:
    """Read and check a Spacefile.

    Raises:
        SpaceError: it is missing, not TOML, or a key is wrong; the sentence names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return Spacefile.model_validate(tomllib.loads(text))
    except FileNotFoundError as error:
        raise SpaceError(f"There is no {path}; run this where it is, or name another file.") from error
    except OSError as error:
        raise SpaceError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise SpaceError(f"{path} is not UTF-8 text; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SpaceError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        found = error.errors(include_url=False)
        first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
        line = line_of(text, first["loc"])
        place = f"{path}, line {line}" if line else str(path)
        raise SpaceError(f"{place}: {refusal(Spacefile, first)}", parameter=_key(first["loc"])) from None


def _key(place: tuple[int | str, ...]) -> str | None:
    return str(place[0]) if place else None
