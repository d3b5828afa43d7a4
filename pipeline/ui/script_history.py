"""Earlier versions of the script, and the other projects of this visit: a list to bring one of them back."""

from __future__ import annotations

import time
from html import escape

from pipeline.script.history import History, Occasion
from pipeline.ui.script_project import Project
from pipeline.ui.script_saving import Saved

_OCCASIONS: dict[Occasion, str] = {
    "opened": "When it was opened",
    "edited": "While it was edited",
    "rendered": "When it was rendered",
    "replaced": "Before an earlier version came back",
    "translated": "Before it was translated",
}
_SHOWN = 20
_MINUTE, _HOUR, _DAY = 60, 60 * 60, 24 * 60 * 60


def listed(project: Project | None, others: list[Saved]) -> str:
    """The list as markup.

    Args:
        project: the one that is open.
        others: all projects of the visit, this one too.
    """
    parts = []
    if project is not None:
        versions = History(project.folder).versions(_SHOWN)
        items = "".join(
            _item(
                _OCCASIONS[each.occasion],
                (_ago(each.made), _lines(each.lines)),
                f'data-action="restore" data-version="{each.name}"',
                "Restore",
            )
            for each in versions
        )
        parts.append(f"<h3>Earlier versions</h3><ul>{items}</ul>")
    rest = [each for each in others if project is None or each.project.folder != project.folder]
    if rest:
        items = "".join(
            _item(
                f'<span translate="no">{escape(each.title) or "–"}</span>',
                (_ago(each.time),),
                f'data-action="open" data-project="{escape(each.project.folder.name)}"',
                "Open",
            )
            for each in rest[:_SHOWN]
        )
        parts.append(f"<h3>Other projects</h3><ul>{items}</ul>")
    return "".join(parts) or '<p class="hint">Versions of your script are listed here.</p>'


def _item(name: str, about: tuple[str, ...], data: str, words: str) -> str:
    told = " ".join(f'<small class="hint">{each}</small>' for each in about)
    return f'<li><span>{name} {told}</span><button type="button" class="link" {data}>{words}</button></li>'


def _ago(then: float) -> str:
    """How long ago something was."""
    seconds = time.time() - then
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{round(seconds / _MINUTE)} min ago"
    if seconds < _DAY:
        return f"{round(seconds / _HOUR)} h ago"
    return f"{round(seconds / _DAY)} d ago"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
