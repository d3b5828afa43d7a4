"""The parts of the page together, and what is filled in on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipeline.ui.components import Clickable
from pipeline.ui.examples import Examples
from pipeline.ui.output import Screen
from pipeline.ui.speech import Words
from pipeline.ui.style import Delivery
from pipeline.ui.subject import Subject
from pipeline.ui.widgets import Widget


@dataclass(frozen=True)
class Visit:
    """What the page knows a visitor's browser by; no component is seen."""

    secret: gr.Textbox
    """Random, from the browser itself."""
    tab: gr.Textbox
    """Which of the browser's tabs this is: random, and the same after a reload."""
    draft: gr.JSON
    """What was filled in when the page was left."""
    link: gr.JSON
    """What the address of the page asks to fill in."""


@dataclass(frozen=True)
class Parts:
    """The parts of the page."""

    who: Subject
    what: Words
    how: Delivery
    shown: Screen
    videos: Clickable
    """This visit's finished videos."""
    tries: Examples
    visit: Visit

    @property
    def named(self) -> dict[str, Widget]:
        """Every widget that a visitor fills in, by a name of its own; not consent, which is asked anew."""
        return {
            "kind": self.who.kind,
            "photo": self.who.photo,
            "video": self.who.video,
            "words": self.what.kind,
            "text": self.what.text,
            "voice": self.what.voices.voice,
            "recording": self.what.recording,
            "transcript": self.what.transcript,
            **self.how.named,
        }

    def answers(self, values: Mapping[Widget, Any]) -> dict[str, Any]:
        """What is filled in, by the names of the form's fields; where there are tabs, in the open one."""
        unseen = "video" if values[self.who.kind] == "photo" else "photo"
        fields = {**self.who.fields, "consent": self.shown.consent}
        chosen = {name: values[widget] for name, widget in fields.items()}
        words = self.what.given(values)
        return {**chosen, unseen: None, **words, **self.how.given(values, words.get("voice"))}
