"""An engine's own options, from the words a person types to the frozen dataclass that its `load` takes.

Engines with something to choose have an `Options` dataclass beside their card; its fields, types and
defaults are all that the shell needs to know.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipeline.errors import StudioError, unknown_name

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


def described(kind: type | None) -> list[str]:
    """Each option as `name=default`, for a list that a person reads."""
    if kind is None:
        return []
    return [f"{field.name}={_shown(field.default)}" for field in dataclasses.fields(kind)]


def _value(hint: Any, name: str, text: str) -> Any:
    """`text` as a value of the type `hint`."""
    if get_origin(hint) is Literal:
        return _one_of(get_args(hint), name, text)
    if get_origin(hint) is tuple:
        return tuple(_number(float, name, item) for item in text.split(":"))
    plain = next(part for part in get_args(hint) or (hint,) if part is not NoneType)
    if plain is bool:
        return _one_of(_YES + _NO, name, text.lower()) in _YES
    return text if plain is str else _number(plain, name, text)


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
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ":".join(map(str, value)) if isinstance(value, tuple) else str(value)
