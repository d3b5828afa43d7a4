"""The lines of a translation side by side, as markup."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pipeline.progress import Progress
from pipeline.ui import markup

EMPTY = '<div class="vacant script-vacant"><p>Original and translation appear here, side by side</p></div>'

LISTENING = "Listening…"
TRANSLATING = "Translating…"


def side_by_side(sources: Sequence[str], translations: Sequence[str], to: str) -> str:
    """Each line with its translation in a text field; `to`: the code of its language."""
    rows = "".join(
        _row(number, source, text, to)
        for number, (source, text) in enumerate(zip(sources, translations, strict=True), 1)
    )
    return f'<ol class="scenes translated">{rows}</ol>'


def busy(said: str) -> str:
    """What is being done, while nobody knows how long it takes."""
    return f'<div class="progress" role="status"><p class="script-now">{said}</p></div>'


def progress(event: Progress, own_ahead: int = 0) -> str:
    """A bar and the time left, or the place in the queue; `own_ahead`: as of `markup.waiting`."""
    if event.ahead:
        return markup.waiting(event.ahead, event.seconds_left or 0.0, own_ahead)
    left = f"About {markup.duration(event.seconds_left)} left" if event.seconds_left else ""
    return share(markup.STAGES.get(event.stage, "Waiting to start…"), event.fraction, left)


def share(said: str, fraction: float, left: str = "") -> str:
    """A bar for what is being done, of which a fraction is done."""
    return (
        '<div class="progress" role="status">'
        f'<p class="script-now"><span>{said}</span><span>{left}</span></p>'
        f'<div class="bar"><span style="width:{fraction:.1%}"></span></div></div>'
    )


def _row(number: int, source: str, translation: str, to: str) -> str:
    rows = min(max(2, -(-max(len(source), len(translation)) // 40)), 8)
    return (
        f'<li class="scene-line"><p translate="no" dir="auto">{escape(source)}</p>'
        f'<textarea rows="{rows}" lang="{escape(to)}" dir="auto" maxlength="10000" translate="no" '
        f'aria-label="Translation of line {number}">{escape(translation)}</textarea></li>'
    )
