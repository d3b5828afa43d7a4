"""Checks of a film's media other than presenters, before any piece is rendered: backgrounds, fonts, music."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipeline.errors import StudioError
from pipeline.script.document import Script
from pipeline.script.error_places import error_at
from pipeline.script.graphics import overlays, titles
from pipeline.script.pieces import Piece
from pipeline.script.shots import Shot
from pipeline.stage.backgrounds import check_background
from pipeline.stage.panels import check_font
from pipeline.video import sound_seconds

_SCENE_SECONDS = 10.0
"""Length of the scene for which its titles are drawn as a trial."""


def check_media(script: Script, waiting: Iterable[Piece]) -> None:
    """Refuse backgrounds, slides, fonts, titles, a logo and music that could not be used.

    Args:
        script: which.
        waiting: its pieces that are to be made.

    Raises:
        ScriptError: the first of them; the sentence begins with its place.
    """
    shots = [piece for piece in waiting if isinstance(piece, Shot)]
    if script.brand.music is not None:
        _try("brand.music", sound_seconds, script.located(script.brand.music))
    if script.brand.font is not None:
        _try("brand", check_font, script.located(script.brand.font))
    if script.brand.logo is not None and shots:
        _try("brand", overlays, shots[0])
    seen: set[str | None] = {None}
    for shot in shots:
        place = f"scenes.{shot.scene_number + 1}"
        if shot.background not in seen:
            _try(place, check_background, shot.background)
        seen.add(shot.background)
        if shot.opens:
            _try(place, titles, shot, _SCENE_SECONDS)


def _try(place: str, check: Callable[..., object], *values: object) -> None:
    try:
        check(*values)
    except StudioError as error:
        raise error_at(place, error) from error
