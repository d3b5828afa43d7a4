"""A validation error of a Spacefile as one sentence."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_KINDS = {
    "string_type": "give text in quotation marks.",
    "int_type": "give a whole number.",
    "bool_type": "give true or false.",
    "tuple_type": 'give a list, such as ["a", "b"].',
    "model_type": "give a table.",
    "too_short": "name at least one.",
}
"""What is wanted, by pydantic's name of the error."""


def refusal(kind: type[BaseModel], error: ErrorDetails) -> str:
    """One sentence: what is wrong with a key, and what to write instead.

    Args:
        kind: the model of the whole file.
        error: an error of pydantic; its place leads through that model.
    """
    place = error["loc"]
    owner = _owner(kind, place)
    key = str(next((part for part in reversed(place) if isinstance(part, str)), ""))
    if error["type"] == "extra_forbidden":
        return f"there is no key {key!r}; {_nearest(key, owner.model_fields)}"
    if error["type"] == "missing":
        return f"{key} is missing; add it."
    value = json.dumps(error["input"], ensure_ascii=False, default=str)
    return f"{key} = {value} is not possible; {_wanted(owner, key, error)}"


def _owner(kind: type[BaseModel], place: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that the last key of a place belongs to: `kind`, or one that a list of it holds."""
    if len(place) < 3 or place[0] not in kind.model_fields:
        return kind
    held = get_args(kind.model_fields[str(place[0])].annotation)
    return next((each for each in held if isinstance(each, type) and issubclass(each, BaseModel)), kind)


def _wanted(owner: type[BaseModel], key: str, error: ErrorDetails) -> str:
    context: dict[str, Any] = error.get("ctx", {})
    if error["type"] == "literal_error":
        return _nearest(str(error["input"]), _choices(owner, key))
    if error["type"] == "value_error":
        sentence = str(context["error"])
        return sentence if sentence.endswith("?") else f"{sentence.rstrip('.')}."
    if error["type"] == "greater_than_equal":
        return f"give at least {context['ge']}."
    if error["type"] == "string_too_long":
        return f"give at most {context['max_length']} characters."
    return _KINDS.get(error["type"], f"{error['msg']}.")


def _choices(owner: type[BaseModel], key: str) -> list[str]:
    hint = owner.model_fields[key].annotation
    return [str(choice) for choice in get_args(hint)] if get_origin(hint) is not None else []


def _nearest(name: str, known: Iterable[str]) -> str:
    """A hint: the one that was probably meant, otherwise all of them."""
    names = list(known)
    begun = [each for each in names if name and each.startswith(name)]
    near = begun or difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(names)}."
