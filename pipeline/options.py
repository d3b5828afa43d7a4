"""Options as pydantic models: declared once, parsed from values or text, described for any interface.

`spec.Scene` and `spec.Output` are such models, and so is the `Options` of each engine and voice family. The
docstring under a field is its help in the shell, on the page and in the HTTP schema; its annotation gives its
kind, choices and range. pydantic validates the values; each of its errors becomes one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from typing_extensions import Self

from pipeline.errors import OptionError, StudioError, shortened, unknown_name

Kind = Literal["choice", "flag", "integer", "number", "numbers", "file", "files", "text", "options"]

Model = TypeVar("Model", bound="Options")


def _several(given: Any) -> Any:
    if given is None:
        return ()
    return (given,) if isinstance(given, str | Path) else given


Files = Annotated[tuple[Path, ...], BeforeValidator(_several)]
"""Any number of files; one alone may be given as it is."""


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise PydanticCustomError(
            _OWN_SENTENCE, "There is no file {path}; check the name.", {"path": str(path)}
        )
    return path


_OWN_SENTENCE = "sentence"
"""Type of validation errors whose message is a whole sentence already."""

InputFile = Annotated[Path, AfterValidator(_existing)]
"""A file that must exist when the options are read."""


class Options(BaseModel):
    """Base of all options. Frozen and hashable, so that equal options share a loaded engine."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        validate_default=False,
    )

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_sentence(cls, given: Any, handler: ValidatorFunctionWrapHandler) -> Self:
        try:
            made: Self = handler(_split(cls, given) if isinstance(given, Mapping) else given)
            return made
        except ValidationError as error:
            raise _sentence(cls, error) from None


def read(kind: type[Model] | None, given: Mapping[str, Any], *, owner: str) -> Model | None:
    """An instance of `kind` with the fields in `given`; None where there are no options.

    Args:
        given: values by name, typed or as a person types them: `yes`, `5`, `-10:0:10` for a list.
        owner: the engine or voice whose options these are, for the error messages.

    Raises:
        UnknownNameError: there is no option of that name, or no such choice.
        OptionError: a value is of another kind or out of range.
    """
    if kind is None:
        if given:
            raise OptionError(f"{owner[:1].upper()}{owner[1:]} has no options; leave out {', '.join(given)}.")
        return None
    for name in given:
        if name not in kind.model_fields:
            raise unknown_name(f"option of {owner}", name, kind.model_fields)
    return kind(**given)


@dataclass(frozen=True)
class Field:
    """One option, described for whatever draws a flag, a widget or a table column for it."""

    name: str
    kind: Kind
    default: Any
    """The default; None where it depends on other choices."""
    required: bool
    choices: tuple[Any, ...]
    low: float | None
    """Smallest value of a number."""
    high: float | None
    """Largest value of a number."""
    help: str
    """The docstring under the field, as one paragraph."""
    group: str
    """Heading that it belongs under: "Presenter", "Words"."""

    @property
    def title(self) -> str:
        """The name as a label: "Pose style"."""
        return self.name.replace("_", " ").capitalize()


def fields(kind: type[Options] | None) -> list[Field]:
    """The options of a model in the order of their declaration; none for None."""
    return [] if kind is None else [_field(name, info) for name, info in kind.model_fields.items()]


def described(kind: type[Options] | None) -> list[str]:
    """Each option as `name=default`, as a person would type it."""
    return [f"{field.name}={typed(field.default)}" for field in fields(kind)]


def typed(value: Any) -> str:
    """A value as a person types it: "yes", "-10:0:10"; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        files = any(isinstance(each, Path) for each in value)
        return ("; " if files else ":").join(map(str, value))
    return str(value)


def _field(name: str, info: FieldInfo) -> Field:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    names = extra.get("choices")
    names = names if isinstance(names, list) else []
    hint = _without_none(info.annotation)
    bounds = {
        side: next((getattr(rule, side) for rule in info.metadata if hasattr(rule, side)), None)
        for side in ("ge", "le")
    }
    return Field(
        name=name,
        kind=_kind(hint),
        default=None if info.is_required() else info.get_default(call_default_factory=True),
        required=info.is_required(),
        choices=get_args(hint) if get_origin(hint) is Literal else tuple(names),
        low=bounds["ge"],
        high=bounds["le"],
        help=" ".join((info.description or "").split()),
        group=str(extra.get("group", "Options")),
    )


def _without_none(hint: Any) -> Any:
    """The type itself, without `None` and constraints."""
    if get_origin(hint) is Annotated:
        return _without_none(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return _without_none(next(part for part in get_args(hint) if part is not NoneType))
    return hint


def _kind(hint: Any) -> Kind:
    if get_origin(hint) is Literal:
        return "choice"
    if get_origin(hint) is tuple:
        return "files" if get_args(hint)[0] is Path else "numbers"
    if get_origin(hint) is not None:
        return "options"
    kinds: dict[Any, Kind] = {bool: "flag", int: "integer", float: "number", Path: "file"}
    return kinds.get(hint, "text")


def _split(kind: type[Options], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values with textual lists and choices converted to what pydantic expects."""
    return {name: _untyped(kind.model_fields.get(name), value) for name, value in given.items()}


def _untyped(info: FieldInfo | None, value: Any) -> Any:
    if info is None or not isinstance(value, str | bool):
        return value
    hint = _without_none(info.annotation)
    if isinstance(value, bool):  # pydantic would take it for 0 or 1
        return typed(value) if _kind(hint) in ("integer", "number") else value
    if _kind(hint) == "files":
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if get_origin(hint) is tuple:
        return tuple(value.split(":")) if value else ()
    if get_origin(hint) is Literal:
        return next((choice for choice in get_args(hint) if typed(choice) == value), value)
    return value


def _sentence(kind: type[Options], error: ValidationError) -> StudioError:
    """The first validation error, as one sentence."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return unknown_name("parameter", name, kind.model_fields, parameter=name)
    info = kind.model_fields.get(name)
    if info is None or first["type"] == _OWN_SENTENCE:
        message = first["msg"] if first["type"] == _OWN_SENTENCE else f"{first['msg']}."
        return OptionError(message, parameter=name or None)
    field, value = _field(name, info), first["input"]
    if first["type"] == "missing":
        return OptionError(f"{name} is missing; give one.", parameter=name)
    if value == "" and first["type"] == "string_too_short":
        return OptionError(f"{name} is empty; give one, or leave it out.", parameter=name)
    if (
        field.kind == "choice"
        and isinstance(value, str)
        and all(isinstance(each, str) for each in field.choices)
    ):
        return unknown_name(name.replace("_", " "), value, map(str, field.choices), parameter=name)
    sentence = f"{name}={shortened(typed(value))} is not possible; {_wanted(field)}."
    return OptionError(sentence, parameter=name)


def wanted(name: str, info: FieldInfo) -> str:
    """What a field of a model takes, as the end of a sentence: "give a number from 0 to 2"."""
    return _wanted(_field(name, info))


def _wanted(field: Field) -> str:
    if field.kind == "choice":
        return f"choose one of {', '.join(map(str, field.choices))}"
    if field.kind == "flag":
        return "choose yes or no"
    nouns = {"integer": "a whole number", "number": "a number", "numbers": "numbers with colons between them"}
    nouns |= {"file": "a file", "files": "files"}
    noun = nouns.get(field.kind, "text")
    if field.low is not None and field.high is not None:
        return f"give {noun} from {_figure(field.low)} to {_figure(field.high)}"
    if field.low is not None:
        return f"give {noun} of at least {_figure(field.low)}"
    return f"give {noun}" + (f" of at most {_figure(field.high)}" if field.high is not None else "")


def _figure(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"
