"""Errors of a script with their place in it: the scene, line or presenter, and the field."""

from __future__ import annotations

from pipeline.errors import StudioError
from pipeline.script.document import Brand, Line, Presenter, Scene
from pipeline.script.errors import ScriptError

_FIELDS = frozenset().union(*(model.model_fields for model in (Brand, Presenter, Scene, Line)))
"""Fields of a script, by which parameters of errors are recognised."""


def error_at(place: str, error: StudioError) -> ScriptError:
    """The error with its place before the sentence; a script's own error has one already.

    Args:
        place: such as "scenes.1.lines.2". Where it names no field and the error is about a field of scripts,
            that field is added.
        error: what went wrong there.
    """
    if isinstance(error, ScriptError):
        return error
    names_field = place.rpartition(".")[2] in _FIELDS
    if not names_field and error.parameter in _FIELDS:
        place = f"{place}.{error.parameter}"
    return ScriptError(f"{place}: {error}", parameter=place)
