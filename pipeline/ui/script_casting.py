"""Who speaks in a script, and the size of its picture: chosen beside the scenes, and saved with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.samples import SAMPLES
from pipeline.service import catalog, session
from pipeline.ui import script_handlers, script_markup, script_screen
from pipeline.ui.components import clicked_data
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.script_handlers import HELD, go_on
from pipeline.ui.script_tab import ScriptTab
from pipeline.ui.voices import of_language
from pipeline.ui.widgets import Widget


def wire(tab: ScriptTab, visit: gr.Textbox) -> None:
    """Who speaks and the size are saved with the script; another photo is asked for, and shown."""
    inputs = {*tab.inputs, visit}
    # not at each change, which is also what a project brings that is opened
    for photo, consent, sample, portrait in (
        (tab.photo, tab.consent, tab.sample, SAMPLES[0]),
        (tab.second_photo, tab.second_consent, tab.second_sample, SAMPLES[-1]),
    ):
        changed = _other_photo(tab, visit, photo, consent)
        go_on(gr.on([photo.upload, photo.clear], changed, inputs, tab.outputs, js=HELD, **QUIET))
        tried = sample.click(partial(str, portrait.path), outputs=photo, **AT_ONCE)
        go_on(tried.then(changed, inputs, tab.outputs, js=HELD, **QUIET))

    fields: list[Any] = [tab.consent, tab.voice, tab.second_consent, tab.second_voice, tab.height]
    fields += [tab.voice_consent, tab.second_voice_consent]
    recordings = (tab.voice_from, tab.second_voice_from)
    events = [event for each in recordings for event in (each.upload, each.clear, each.stop_recording)]
    events += [field.input for field in fields]
    outputs = [tab.project, tab.message, tab.script_file, tab.enlarged, tab.offer]
    options: dict[str, Any] = {"js": HELD, "trigger_mode": "always_last", **AT_ONCE}
    go_on(gr.on(events, partial(chosen, tab, visit), inputs, outputs, **options))
    for language, voice in ((tab.language, tab.voice), (tab.second_language, tab.second_voice)):
        picked = language.input(of_language, [language, voice], voice, **AT_ONCE)
        go_on(picked.then(partial(chosen, tab, visit), inputs, outputs, **options))
    go_on(tab.offer.select(_taking(tab, visit), inputs, tab.outputs, **options))
    # another format is another frame, in which the scenes are shown
    reshaped = partial(chosen, tab, visit, drawn=True)
    go_on(tab.aspect.input(reshaped, inputs, [*outputs, tab.scenes], **options))


def _taking(tab: ScriptTab, visit: gr.Textbox) -> Callable[..., Changes]:
    """The handler of an offer: the voice takes the place of a presenter's, and its language with it."""

    def taken(values: dict[Widget, Any], event: gr.EventData) -> Changes:
        given = clicked_data(event)
        name, second = given.get("voice", ""), given.get("presenter") == "2"
        if not catalog.voice_language(name):
            return {tab.message: ""}
        changed = {**values, tab.second_voice if second else tab.voice: name}
        return {**script_screen.voices(tab, tab.cast(changed)), **chosen(tab, visit, changed)}

    return taken


def chosen(tab: ScriptTab, visit: gr.Textbox, values: dict[Widget, Any], *, drawn: bool = False) -> Changes:
    """What follows from another voice, answer or size; `drawn`: the scenes are shown anew."""
    project, casting = script_handlers.read(tab, values), tab.cast(values)
    noted: Changes = {tab.enlarged: script_markup.enlarged(casting)}
    if project is None:
        return noted
    if drawn:
        noted |= {tab.scenes: script_markup.cards(project, casting)}
    return {**noted, **script_handlers.saved(tab, project, casting, values[visit])}


def _other_photo(tab: ScriptTab, visit: gr.Textbox, photo: Widget, consent: Widget) -> Callable[..., Changes]:
    """The handler of a presenter's photo: it asks about the new one."""

    def changed(values: dict[Widget, Any], request: gr.Request) -> Changes:
        memory = session.memory(request, values[tab.answered])
        asked = {consent: script_screen.question(values[photo] and Path(values[photo]), None, memory)}
        project, casting = script_handlers.read(tab, values), tab.cast({**values, consent: None})
        if project is None:
            return {**asked, tab.enlarged: script_markup.enlarged(casting)}
        shown = script_screen.showing(tab, project, casting)
        return {**asked, **shown, **script_handlers.saved(tab, project, casting, values[visit])}

    return changed
