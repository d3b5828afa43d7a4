"""What the browser keeps of a visit: a secret that its videos are listed by, and a draft of the form.

Both outlive a reload, and the server's loss and return. They are read and written by the script of the page.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from pipeline.service.visit_renders import RENDERS
from pipeline.ui import examples, output, settings, takes
from pipeline.ui.events import AT_ONCE
from pipeline.ui.parts import Parts, Visit
from pipeline.ui.settings import Widgets


def draw() -> Visit:
    """Make the part's components where the page is being built."""
    secret, tab = gr.Textbox("", visible=False), gr.Textbox("", visible=False)
    return Visit(secret, tab, gr.JSON(visible=False), gr.JSON(visible=False))


def wire(parts: Parts, page: gr.Blocks, others: Widgets) -> Any:
    """Fill in the draft and what a link asks for when the page opens, show a render that goes on, and
    keep the draft up to date.

    Args:
        others: what else the draft has, of the other tabs.

    Returns:
        Gradio's event after which the page is filled in.
    """
    names = [*parts.named, *others]
    widgets = [*parts.named.values(), *others.values()]

    def opened(secret: str, tab: str, draft: Any, link: Any) -> dict[Any, Any]:
        listed = {parts.videos: takes.listed(secret)}
        kept = draft if isinstance(draft, dict) else {}
        asked = settings.linked(parts.named, link)
        filled = examples.restored(parts.who, parts.what, parts.named, {**kept, **asked})
        kind = filled.get(parts.who.kind, "photo")
        subject = filled.get(parts.who.photo if kind == "photo" else parts.who.video)
        staged = output.showing_subject(parts.shown, subject, kind) if subject else {}
        render = RENDERS.last(secret, tab) if secret else None
        if render is not None:
            going = output.followed(parts.shown, render.name)
        elif secret and RENDERS.goes_on_elsewhere(secret, tab):
            going = output.another_tab(parts.shown)
        else:
            going = {}
        return {**listed, **filled, **settings.restore(others, kept), **staged, **going}

    # by the browser alone: what is made or opened before the server has answered is this visit's, too
    known = [parts.visit.secret, parts.visit.tab]
    page.load(None, outputs=known, js="() => studioPage.visit().slice(0, 2)", **AT_ONCE)
    filled_in = page.load(
        opened,
        [parts.visit.secret, parts.visit.tab, parts.visit.draft, parts.visit.link],
        [
            parts.videos,
            *widgets,
            parts.who.tabs,
            parts.what.tabs,
            *parts.shown.everything,
        ],
        js="() => studioPage.visit()",
        **AT_ONCE,
    )
    changes = [widget.change for widget in widgets if hasattr(widget, "change")]
    gr.on(changes, None, widgets, js=f"(...values) => studioPage.keepDraft({names!r}, values)", **AT_ONCE)
    return filled_in
