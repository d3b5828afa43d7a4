"""The voice: first its language, then a list that can be searched, with a button to hear each voice.

The language is nothing of its own: it is that of the voice, and picking another one picks a voice of it.
Whatever brings a voice back, a draft, a link or an earlier video, so brings its language back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.cards import VoiceCard
from pipeline.engines import DEFAULT_VOICE
from pipeline.service import catalog, messages, voice_samples
from pipeline.service.catalog import VoiceGroup, VoiceLanguage
from pipeline.service.languages import language_name
from pipeline.service.messages import Message
from pipeline.ui import consent, handlers, markup
from pipeline.ui.components import Clickable, clicked_data
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.widgets import Widget

_PLAY = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 2.5v11l9-5.5z"/></svg>'


@dataclass(frozen=True)
class Voices:
    """The components of this part."""

    voice: gr.Textbox
    """The name of the voice that is chosen; not seen."""
    picker: Clickable
    heard: Clickable
    """The sample that plays, or what has to be downloaded first."""
    offer: Clickable
    """The voice that reads the text's language, where the chosen one does not."""
    own: gr.Column
    """What a voice that imitates asks for."""
    recording: gr.Audio
    consent: gr.Radio

    def given(self, values: Mapping[Widget, Any]) -> dict[str, Any]:
        """The form's fields that are filled in here."""
        name = values[self.voice]
        if not catalog.imitates(name):
            return {"voice": name}
        return {
            "voice": name,
            "voice_from": values[self.recording],
            "voice_consent": values[self.consent],
        }


def draw() -> Voices:
    """Make the part's components where the page is being built."""
    voice = gr.Textbox(DEFAULT_VOICE, visible="hidden")
    picker = Clickable(_picker(), on_load="studioPage.voicePicker(element);", elem_id="voice")
    heard, offer = Clickable("", elem_id="heard"), Clickable("", elem_id="voice-offer")
    return Voices(voice, picker, heard, offer, *draw_own())


def draw_own(name: str = "") -> tuple[gr.Column, gr.Audio, gr.Radio]:
    """What a voice that imitates asks for, hidden at first: the recording, and why it may be imitated.

    Args:
        name: whose voice it is, where there are several; ids begin with it.
    """
    prefix = f"{name}-" if name else ""
    with gr.Column(visible=False, elem_id=f"{prefix}own-voice") as own:
        recording = gr.Audio(
            sources=["upload", "microphone"],
            type="filepath",
            label="Recording of the voice, 5 to 30 seconds of one person",
            buttons=[],
            elem_id=f"{prefix}voice-recording",
        )
        question = consent.draw(
            f"{prefix}voice-consent",
            label="Do you have permission to imitate this voice?",
            info="We ask once per recording and save your answer in the video file.",
            visible=True,
        )
    return own, recording, question


def wire(part: Voices, chosen: Callable[[str], list[Any]], outputs: list[Any]) -> None:
    """Say what happens when a voice is chosen, or is to be heard.

    Args:
        chosen: what else changes with the voice, for `outputs`.
    """
    part.voice.change(None, part.voice, js="(name) => studioPage.showVoice(name)", **QUIET)
    part.voice.change(chosen, part.voice, outputs, **AT_ONCE)
    part.voice.change(shown_own, part.voice, part.own, **AT_ONCE)

    def heard(before: str, event: gr.EventData) -> str:
        given = clicked_data(event)
        return hear(given.get("voice") or before, download="download" in given)

    # in the browser, at once: a server that answers one pick after the other drops those in between, and
    # Gradio runs a deferred one with the data of the first
    chooses: dict[str, Any] = {
        **QUIET,
        "js": "() => [studioPage.chosenVoice, '']",
        "trigger_mode": "multiple",
    }
    for component in (part.picker, part.heard, part.offer):
        component.select(None, None, [part.voice, part.heard], **chooses)
        component.click(heard, part.voice, part.heard, concurrency_id="look", concurrency_limit=2, **QUIET)


def choices_of(language: str, name: str) -> list[catalog.Choice]:
    """The voices of a language for a list that opens; `name` is among them, listed or not."""
    spoken = catalog.voice_languages().get(language)
    found = catalog.voices_by_title(spoken.voices if spoken else ())
    if name in [value for _, value in found]:
        return found
    title = catalog.voice_title(catalog.voice_card(name)) if catalog.voice_language(name) else name
    return [*found, (title, name)]


def of_language(language: str, name: str) -> gr.Dropdown:
    """The list of voices after a language was picked: the voice `name` stays if it speaks it."""
    chosen = catalog.voice_languages()[language].fitting(name)
    return gr.Dropdown(choices_of(language, chosen), value=chosen)


def shown_own(name: str) -> Any:
    """Whether the voice asks for a recording of its own."""
    return gr.update(visible=catalog.imitates(name))


def offered(text: str, name: str, *, presenter: int | None = None) -> str:
    """What to say where the text is in another language than the voice `name` speaks; otherwise nothing.

    Args:
        presenter: whose voice it is, counted from 1, where there are several.
    """
    other = catalog.voice_for_text(text, name)
    if other is None:
        return ""
    doubt = escape(catalog.language_doubt(other, name))
    value, title = escape(other.name), escape(catalog.voice_title(other))
    who = f"<b>Presenter {presenter}</b> " if presenter else ""
    return (
        f'<div class="notice note" role="status">{who}<span>{doubt}</span> <button '
        f'type="button" class="link" data-action="choose" data-voice="{value}" '
        f'data-presenter="{presenter or 1}">Use {title}</button></div>'
    )


def hear(name: str, *, download: bool = False) -> str:
    """A player that says a line in a voice; or, where its model is not here, what that would download.

    Args:
        download: whether the visitor agreed to the download.
    """
    if catalog.imitates(name):
        return (
            '<div class="notice note" role="status">This voice is that of your recording; add one, and it is '
            "heard in the video.</div>"
        )
    made = messages.attempt("page", partial(_sample, name, download))
    if isinstance(made, Message):
        return markup.problem(made)
    if isinstance(made, int):
        title = escape(catalog.voice_name(catalog.voice_card(name)))
        return (
            f'<div class="notice note" role="status">{title} needs a {markup.size(made)} download, once. '
            f'<button type="button" class="link" data-action="hear" data-voice="{escape(name)}" '
            'data-download="yes">Download and play</button></div>'
        )
    title = escape(catalog.voice_title(catalog.voice_card(name)))
    return f'<audio controls autoplay src="{markup.address(made)}" aria-label="Sample of {title}"></audio>'


def _sample(name: str, download: bool) -> Path | int:
    missing = voice_samples.needs_download(name)
    return missing if missing and not download else voice_samples.sample(name, handlers.cache())


def _picker() -> str:
    chosen = catalog.voice_card(DEFAULT_VOICE)
    languages = catalog.voice_languages().values()
    options = "".join(_option(each, catalog.voice_language(DEFAULT_VOICE)) for each in languages)
    groups = "".join(_group(index, group) for index, group in enumerate(catalog.voice_groups()))
    return (
        '<div class="voices"><label class="language"><span class="field">Language</span>'
        f'<select class="sorted">{options}<option value="" hidden>Other</option></select></label>'
        '<details><summary><span class="field">Voice</span>'
        f'<span class="chosen">{escape(catalog.voice_title(chosen))}</span></summary>'
        '<input type="search" placeholder="Search by name" aria-label="Search voices by name or id">'
        f'<div class="list" role="radiogroup" aria-label="Voice" tabindex="-1">{groups}</div>'
        '<p class="none hint" hidden>No voice matches. Clear the search, or choose another language.</p>'
        '</details><button type="button" class="play" data-action="hear">'
        f"{_PLAY}Listen</button></div>"
    )


def _option(language: VoiceLanguage, chosen: str) -> str:
    """A language; the voice to begin with in it goes along, and the one that imitates."""
    selected = " selected" if language.code == chosen else ""
    return (
        f'<option value="{language.code}" data-voice="{escape(language.first)}" '
        f'data-imitating="{escape(language.imitating)}"{selected}>'
        f"{escape(language.name)}</option>"
    )


def _group(index: int, group: VoiceGroup) -> str:
    rows = "".join(_row(card) for card in group.voices)
    language = catalog.voice_language(group.voices[0].name)
    return (
        f'<div class="group" role="group" data-language="{language}" aria-labelledby="language-{index}">'
        f'<p id="language-{index}">{escape(group.language)}</p>{rows}</div>'
    )


def _row(card: VoiceCard) -> str:
    name, details = catalog.voice_name(card), catalog.voice_details(card)
    title = catalog.voice_title(card)
    find = f"{title} {language_name(card.language)} {card.language} {card.name} {card.title}".lower()
    size = f"{markup.size(card.download_bytes)} download" if card.download_bytes else "no download"
    checked = " checked" if card.name == DEFAULT_VOICE else ""
    imitates = " data-imitates" if card.imitates else ""
    value = escape(card.name)
    return (
        f'<div class="row" data-find="{escape(find)}"><label><input type="radio" name="voice-choice" '
        f'value="{value}" data-action="choose" data-voice="{value}" data-title="{escape(title)}"'
        f"{imitates}{checked}>"
        f'<span>{escape(name)} <small>{escape(details)}</small></span><small class="size">{size}</small>'
        f'</label><button type="button" class="play" data-action="hear" data-voice="{value}" '
        f'aria-label="Hear {escape(title)}">{_PLAY}</button></div>'
    )
