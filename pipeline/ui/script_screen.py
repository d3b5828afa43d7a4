"""The states of the Script tab, each as the changes that a handler yields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.script import Film
from pipeline.service import catalog, session
from pipeline.service.messages import Message
from pipeline.trust import Memory
from pipeline.ui import (
    cancelling,
    handlers,
    markup,
    script_history,
    script_markup,
    script_project,
    script_saving,
)
from pipeline.ui.output import Changes
from pipeline.ui.script_presenters import Casting, casting_of, pictures_of
from pipeline.ui.script_project import Project
from pipeline.ui.script_tab import ASPECTS, HEIGHTS, ScriptTab
from pipeline.ui.voices import choices_of
from pipeline.ui.voices import offered as voices_offered


def showing(tab: ScriptTab, project: Project, casting: Casting, *, focus: str = "") -> Changes:
    """The scenes of a project, and what its size asks of the photos."""
    return {
        tab.project: project,
        tab.scenes: script_markup.cards(project, casting, focus=focus),
        tab.enlarged: script_markup.enlarged(casting),
        tab.offer: offered(project, casting),
    }


def offered(project: Project, casting: Casting) -> str:
    """Voices of the language that each presenter's lines are in, where their own speaks another one."""
    said = script_project.texts_of(project, casting)
    several = len(said) > 1
    return "".join(
        voices_offered(text, speaker.voice or "", presenter=number if several else None)
        for number, (speaker, text) in enumerate(zip(casting.speakers, said, strict=False), 1)
    )


def opened(
    tab: ScriptTab, project: Project, casting: Casting, visit: str, memory: Memory | None, file: Path
) -> Changes:
    """A project takes the place of what was there.

    Args:
        casting: who speaks in it; what it leaves open stays as it is on the page.
        file: its script.
    """
    film = script_saving.last_film(project.folder)
    return {
        **showing(tab, project, casting),
        **_cast(tab, project, casting, memory),
        tab.message: "",
        tab.outlook: "",
        tab.preview: "",
        tab.film: gr.update(value=film and str(film), visible=film is not None),
        tab.film_file: gr.update(value=film and str(film), visible=film is not None),
        tab.captions_file: gr.update(visible=False),
        tab.script_file: gr.update(value=str(file), visible=True),
        tab.history: history(project, visit),
    }


def merged(project: Project, chosen: Casting) -> Casting:
    """Who speaks in a project that was just opened: whom it names, else who is chosen on the page."""
    own = casting_of(project.content, project.folder)
    two = len(project.content.get("presenters") or {}) > 1
    output = project.content.get("output") or {}
    return Casting(
        photo=own.photo or chosen.photo,
        consent=chosen.consent if own.photo is None else None,
        voice=own.voice or chosen.voice,
        voice_from=own.voice_from if own.voice else chosen.voice_from,
        voice_consent=None if own.voice else chosen.voice_consent,
        second_photo=own.second_photo if two else None,
        second_consent=None,
        second_voice=own.second_voice or chosen.second_voice,
        second_voice_from=own.second_voice_from if own.second_voice else chosen.second_voice_from,
        second_voice_consent=None if own.second_voice else chosen.second_voice_consent,
        aspect=output.get("aspect", chosen.aspect),
        height=output["height"] if output.get("height") in HEIGHTS else chosen.height,
    )


def voices(tab: ScriptTab, casting: Casting) -> Changes:
    """The fields of the presenters' voices and of their languages; those of a voice that nobody has stay."""
    changes: Changes = {}
    for language, field, voice in (
        (tab.language, tab.voice, casting.voice),
        (tab.second_language, tab.second_voice, casting.second_voice),
    ):
        if voice and (spoken := catalog.voice_language(voice)):
            listed = spoken in [code for _, code in language.choices]
            changes[language] = spoken if listed else None
            changes[field] = gr.update(choices=choices_of(spoken, voice), value=voice)
    return changes


def history(project: Project | None, visit: str) -> str:
    """The list of versions and projects."""
    return script_history.listed(project, script_saving.all_of(visit, handlers.cache()))


def idle(tab: ScriptTab) -> Changes:
    """The buttons of a tab that renders nothing."""
    shown, hidden = gr.update(visible=True), gr.update(visible=False)
    return {tab.render: shown, tab.plan: shown, tab.cancel: hidden, tab.outlook: ""}


def busy(tab: ScriptTab) -> Changes:
    """The buttons while a render waits or runs."""
    hidden = gr.update(visible=False)
    buttons: Changes = {tab.render: hidden, tab.plan: hidden, tab.cancel: cancelling.offered()}
    return {**buttons, tab.message: "", tab.outlook: script_markup.waiting()}


def finished(tab: ScriptTab, film: Film) -> Changes:
    """A film was made."""
    said = f"{film.made} rendered, {film.kept} kept."
    captions = gr.update(value=film.captions and str(film.captions), visible=film.captions is not None)
    return {
        **idle(tab),
        tab.outlook: "".join(markup.notice(each, kind="note") for each in (said, *film.notes)),
        tab.film: gr.update(value=str(film.video), visible=True),
        tab.film_file: gr.update(value=str(film.video), visible=True),
        tab.captions_file: captions,
        tab.consent: gr.update(visible=False),
        tab.second_consent: gr.update(visible=False),
    }


def question(picture: Path | None, given: Any, memory: Memory | None) -> Any:
    """The question of consent: asked where there is a picture for which it was not answered yet."""
    asks = picture is not None and session.answered(picture, memory) is None
    return gr.update(value=given if asks else None, visible=asks)


def problem(message: Message, folder: Path | None) -> str:
    """The message, without the project's folder where there is one."""
    return markup.problem(message if folder is None else message.without(folder))


def _cast(tab: ScriptTab, project: Project, casting: Casting, memory: Memory | None) -> Changes:
    """The presenters' fields, filled in from a script as far as the page has fields for it."""
    two = len(project.content.get("presenters") or {}) > 1 or casting.second_photo is not None
    changes: Changes = {tab.photo: casting.photo, tab.second_photo: casting.second_photo}
    columns: Any = {tab.second: gr.Column(visible=two), tab.add_second: gr.Button(visible=not two)}
    changes |= columns
    first, second = pictures_of(project.content, casting, project.folder)
    changes[tab.consent] = question(first, casting.consent, memory)
    changes[tab.second_consent] = question(second, casting.second_consent, memory)
    changes |= voices(tab, casting)
    changes |= {tab.voice_from: casting.voice_from, tab.second_voice_from: casting.second_voice_from}
    changes |= {tab.voice_consent: casting.voice_consent}
    changes |= {tab.second_voice_consent: casting.second_voice_consent}
    changes |= {tab.aspect: casting.aspect} if casting.aspect in ASPECTS else {}
    changes |= {tab.height: casting.height} if casting.height in HEIGHTS else {}
    return changes
