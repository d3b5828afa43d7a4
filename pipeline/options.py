"""An engine's own options, from the words a person types to the frozen dataclass that its `load` takes.

Engines with something to choose have an `Options` dataclass beside their card; its fields, their types,
defaults and docstrings are all that the shell and the page need to know.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipeline.errors import StudioError, unknown_name

Kind = Literal["choice", "flag", "whole", "number", "file", "words"]

_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


def read(kind: type | None, given: Mapping[str, str], *, engine: str) -> Any:
    """An instance of the dataclass `kind` with the fields that `given` names; None where there is nothing.

    Args:
        kind: the engine's `Options`; None for an engine without any.
        given: names and values as typed; lists are separated by colons.
        engine: its name, for the sentences.

    Raises:
        UnknownNameError: the engine has no option of that name.
        StudioError: a value is not of the option's kind.
    """
    if not given:
        return None
    hints = get_type_hints(kind) if kind else {}
    if not hints:
        raise StudioError(f"The engine {engine!r} has no options; leave out {', '.join(given)}.")
    for name in given:
        if name not in hints:
            raise unknown_name(f"option of {engine}", name, hints)
    return kind(**{name: _value(hints[name], name, text) for name, text in given.items()})


@dataclass(frozen=True)
class Option:
    """One of the things that can be chosen about an engine, for whoever draws a field for it."""

    name: str
    kind: Kind
    """One of `choices`, yes or no, a whole number, a number, a file, or something to type."""
    default: str
    """As a person would type it; empty where the engine decides."""
    choices: tuple[str, ...]
    about: str
    """What it does, from the field's docstring."""


def listed(kind: type | None) -> list[Option]:
    """What can be chosen about an engine whose `Options` are `kind`, in the order of declaration."""
    if kind is None:
        return []
    hints, about = get_type_hints(kind), _docstrings(kind)
    return [
        Option(field.name, _sort(hint), _shown(field.default), _choices(hint), about.get(field.name, ""))
        for field in dataclasses.fields(kind)
        for hint in [hints[field.name]]
    ]


def described(kind: type | None) -> list[str]:
    """Each option as `name=default`, for a list that a person reads."""
    return [f"{option.name}={option.default}" for option in listed(kind)]


def _sort(hint: Any) -> Kind:
    if get_origin(hint) is Literal:
        return "choice"
    return {bool: "flag", int: "whole", float: "number", Path: "file"}.get(_plain(hint), "words")


def _choices(hint: Any) -> tuple[str, ...]:
    return tuple(map(str, get_args(hint))) if get_origin(hint) is Literal else ()


def _docstrings(kind: type) -> dict[str, str]:
    """The docstring under each field, on one line; none where the source is not at hand."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0].body
    except OSError:
        return {}
    return {
        field.target.id: " ".join(below.value.value.split())
        for field, below in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr)
    }


def _value(hint: Any, name: str, text: str) -> Any:
    """`text` as a value of the type `hint`."""
    if get_origin(hint) is Literal:
        return _one_of(get_args(hint), name, text)
    if get_origin(hint) is tuple:
        return tuple(_number(float, name, item) for item in text.split(":"))
    plain = _plain(hint)
    if plain is bool:
        return _one_of(_YES + _NO, name, text.lower()) in _YES
    return plain(text) if plain in (str, Path) else _number(plain, name, text)


def _plain(hint: Any) -> Any:
    """The type itself, without `None` beside it."""
    if get_origin(hint) is tuple:
        return tuple
    return next(part for part in get_args(hint) or (hint,) if part is not NoneType)


def _one_of(known: tuple[Any, ...], name: str, text: str) -> Any:
    for value in known:
        if str(value) == text:
            return value
    raise StudioError(f"{name}={text} is not possible; choose one of: {', '.join(map(str, known))}.")


def _number(kind: type, name: str, text: str) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        wanted = "a whole number" if kind is int else "a number"
        raise StudioError(f"{name}={text} is not possible; give {wanted}.") from error


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ":".join(map(str, value)) if isinstance(value, tuple) else str(value)
