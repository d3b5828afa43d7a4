"""What pydantic finds wrong with a script, in the words of the people who write scripts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from pipeline.options import wanted
from pipeline.script.document import Line, Script
from pipeline.script.located import Place, dotted

_LONGEST = 60
"""Characters of a value that are repeated in a sentence."""
_EXAMPLES = {
    "colour": 'give a colour such as "#204060", in quotation marks',
    "accent": 'give a colour such as "#ffbe3c", in quotation marks',
    "language": "give a code such as de or en-GB",
}
"""What a field whose text has a form wants."""


def sentence(error: ErrorDetails, place: Place, parent: Any) -> str:
    """One sentence about an error of validation.

    Args:
        error: as pydantic gives it.
        place: of the value in the script.
        parent: the mapping or the list that the value stands in.
    """
    name, value, kind = dotted(place), error["input"], error["type"]
    if "[key]" in error["loc"]:
        return (
            f"{dotted(place[:-1])}: {_shown(place[-1])!r} cannot be a name; begin it with a letter, and use "
            "at most 100 characters."
        )
    if kind == "extra_forbidden":
        return _unknown(place, parent)
    if kind == "missing":
        return f"{name} is missing; give one."
    if kind in ("too_short", "string_too_short"):
        return f"{name} is empty; give one."
    if kind == "value_error":
        return f"{name}: {error['msg'].removeprefix('Value error, ')}"
    wish = _wish(error, place)
    if value is None:
        return f"{name} is empty; {wish}."
    if isinstance(value, (str, int, float)):
        return f"{name}: {_shown(value)} is not possible; {wish}."
    return f"{name}: {wish}."


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: one that is like it, or those that there are."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names[:20])}."


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _unknown(place: Place, parent: Any) -> str:
    """About a name that no field has; punctuation in a text without quotation marks makes such names."""
    name, model = str(place[-1]), _model_at(place[:-1])
    known = [] if model is None else list(model.model_fields)
    if name == "<<":
        return f"{dotted(place[:-1])}: << is not read in scripts; write the values out."
    value = parent.get(name) if isinstance(parent, Mapping) else None
    if value is None and len(known) > 1 and isinstance(parent, Mapping) and parent.keys() & set(known):
        return f"{_shown(name)} is no field; put a text with a comma in quotation marks."
    if model is Line and isinstance(parent, Mapping) and not parent.keys() & set(known):
        return f"{dotted(place[:-1])}: put a text with a colon in quotation marks."
    return f"{dotted(place)} is unknown; {nearest(name, known)}"


def _wish(error: ErrorDetails, place: Place) -> str:
    kind = error["type"]
    if kind in ("tuple_type", "list_type"):
        return "give a list, each item on a line of its own after a dash"
    if kind.startswith("model_"):
        model = _model_at(place)
        names = [] if model is None else list(model.model_fields)
        first = "text" if model is Line else "lines" if "lines" in names else names[0] if names else "name"
        return f"give fields, such as {first}"
    if kind == "dict_type":
        return "give names, each with its value after a colon"
    if kind == "enum":
        return f"choose one of {error['ctx']['expected'].replace(' or ', ', ').replace(chr(39), '')}"
    if kind == "string_too_long":
        return f"give at most {error['ctx']['max_length']} characters"
    if kind == "string_pattern_mismatch":
        return _EXAMPLES.get(str(place[-1]), "give a name")
    field = _field_at(place)
    return "give a text" if field is None else wanted(str(place[-1]), field)


def _field_at(place: Place) -> FieldInfo | None:
    model = _model_at(place[:-1])
    return None if model is None else model.model_fields.get(str(place[-1]))


def _model_at(place: Place) -> type[BaseModel] | None:
    """The model whose fields stand at a place of the document."""
    hint: Any = Script
    for step in place:
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            field = hint.model_fields.get(str(step))
            hint = None if field is None else _item(field.annotation)
        else:
            hint = _item(hint)
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _item(hint: Any) -> Any:
    """The type itself, without None; kept for lists and mappings, whose items come with the next step."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _item(get_args(hint)[0])
    if origin in (Union, UnionType):
        return _item(next(part for part in get_args(hint) if part is not NoneType))
    if origin is tuple:
        return _Items(_item(get_args(hint)[0]))
    if origin is dict:
        return _Items(_item(get_args(hint)[1]))
    return hint.of if isinstance(hint, _Items) else hint


class _Items:
    """A list or a mapping of one type."""

    def __init__(self, of: Any) -> None:
        self.of = of
