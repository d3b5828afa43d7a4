"""A scene as a card: its picture, its lines as text fields, and all that can be set of them, as markup."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, get_args

from pipeline import engines
from pipeline.cards import VoiceCard
from pipeline.script.contents import Content
from pipeline.service import catalog
from pipeline.service.languages import language_name
from pipeline.stage.slots import Layout
from pipeline.types import Emotion
from pipeline.ui import markup
from pipeline.ui.script_editing import COLOUR, DECKS

_LAYOUTS = (("", "Automatic"), *((each.value, each.value.replace("-", " ").capitalize()) for each in Layout))
_EMOTIONS = (("", "As the presenter"), *((each, each.capitalize()) for each in get_args(Emotion)))
_TRANSITIONS = (("cut", "Cut"), ("crossfade", "Crossfade"))
_PAUSE = 0.3
_SECONDS = 4.0
"""What the script's document has by default."""

Choices = Sequence[tuple[str, str]]


def line(scene: int, index: int, content: Content, presenters: Choices) -> str:
    """A line: its text, hearing and seeing it, and how it is said."""
    text = str(content.get("text") or "")
    rows = min(max(2, -(-len(text) // 48)), 8)
    place = f'data-scene="{scene}" data-line="{index}"'
    about = f"line {index + 1} of scene {scene + 1}"
    recording = str(content.get("audio") or "")
    heard = f'<p class="hint" translate="no">{escape(recording)}</p>' if recording else ""
    return (
        f'<div class="scene-line" {place}><textarea rows="{rows}" {place} placeholder="What is said here" '
        f'maxlength="10000" aria-label="{about.capitalize()}">{escape(text)}</textarea>{heard}'
        f'<div class="line-tools">'
        f'<button type="button" class="link" data-play="hear" {place} aria-label="Hear {about}">Hear</button>'
        f'<button type="button" class="link" data-play="see" {place} aria-label="See {about}">See</button>'
        f'<details data-fold="{scene}-{index}"><summary>Delivery</summary>'
        f'<div class="fields">{_delivery(place, content, presenters)}</div></details>'
        f'<button type="button" class="link" data-do="remove-line" {place} '
        f'aria-label="Remove {about}">Remove line</button></div>'
        f'<div class="line-preview" {place} aria-live="polite"></div></div>'
    )


def settings(scene: int, content: Content, files: Sequence[str]) -> str:
    """What is behind the presenters, where they stand, what is written, and how the scene begins."""
    place = f'data-scene="{scene}" data-line="-1"'
    silent = "" if content["lines"] else _seconds(place, content)
    words = (("title", "Title", 200), ("lower_third", "Name and role", 200))
    typed = "".join(
        _field(
            label,
            f'<input type="text" data-field="{name}" {place} maxlength="{most}" dir="auto" '
            f'value="{escape(str(content.get(name) or ""))}">',
        )
        for name, label, most in words
    )
    return (
        f'<details class="scene-settings" data-fold="{scene}"><summary>Background, layout, title</summary>'
        f'<div class="fields">{_background(place, content, files)}'
        f"{_select('Layout', 'layout', place, _LAYOUTS, str(content.get('layout') or ''))}"
        f"{typed}"
        f"{_select('Begins with', 'transition', place, _TRANSITIONS, content.get('transition') or 'cut')}"
        f"{silent}</div></details>"
    )


def voice_options() -> str:
    """All voices by language, for the fields that open; kept once, as there are many lines."""
    groups = "".join(
        f'<optgroup label="{escape(group.language)}" '
        f'data-language="{catalog.voice_language(group.voices[0].name)}">'
        + "".join(
            f'<option value="{escape(card.name)}">{escape(_voice_title(card))}</option>'
            for card in group.voices
        )
        + "</optgroup>"
        for group in catalog.voice_groups()
    )
    return f'<template data-options="voices">{groups}</template>'


def language_options() -> str:
    """All languages that a voice speaks, for the fields that open."""
    options = "".join(f'<option value="{tag}">{escape(name)}</option>' for name, tag in _languages().items())
    return f'<template data-options="languages">{options}</template>'


def _languages() -> dict[str, str]:
    """The tag of each language by its name, in the order of the voices."""
    found: dict[str, str] = {}
    for group in catalog.voice_groups():
        found.setdefault(group.language, group.voices[0].language)
    return found


def _voice_title(card: VoiceCard) -> str:
    size = f" · {markup.size(card.download_bytes)}" if card.download_bytes else ""
    return f"{', '.join(filter(None, (catalog.voice_name(card), catalog.voice_details(card))))}{size}"


def _delivery(place: str, content: Content, presenters: Choices) -> str:
    who = ""
    if len(presenters) > 1:
        choices = [("", "Who spoke before"), *presenters]
        who = _select("Presenter", "presenter", place, choices, str(content.get("presenter") or ""))
    voice = str(content.get("voice") or "")
    known = [card for card in engines.voices() if card.name == voice]
    language = str(content.get("language") or "")
    voices = [
        ("", "Automatic" if language else "The presenter's"),
        *((card.name, _voice_title(card)) for card in known),
    ]
    if voice and not known:
        voices.append((voice, voice))
    languages = [("", "As the presenter")]
    if language:
        languages.append((language, language_name(language)))
    pause = content.get("pause", _PAUSE)
    return (
        who
        + _select("Language", "language", place, languages, language, more='data-from="languages"')
        + _select("Voice", "voice", place, voices, voice, more='data-from="voices"')
        + _select("Emotion", "emotion", place, _EMOTIONS, str(content.get("emotion") or ""))
        + _number("Pause after it, in seconds", "pause", place, pause, 0, 30, 0.1)
    )


def _background(place: str, content: Content, files: Sequence[str]) -> str:
    value = str(content.get("background") or "")
    file, _, page = value.partition("#")
    is_colour = value.startswith("#")
    chosen = "colour" if is_colour else (file or "")
    choices = [("", "The presenter's own"), ("blur", "The presenter's own, blurred"), ("colour", "A colour")]
    choices += [(name, name) for name in files]
    if chosen and chosen not in dict(choices):
        choices.append((chosen, chosen))
    fields = _select("Background", "background", place, choices, chosen)
    if is_colour:
        shown = value if len(value) == 7 else COLOUR
        fields += _field("Colour", f'<input type="color" data-field="background" {place} value="{shown}">')
    elif Path(file).suffix.lower() in DECKS:
        fields += _number("Slide", "page", place, int(page or 1), 1, 2000, 1)
    more = f'<button type="button" class="link" data-upload {place}>Add a picture, video or slides</button>'
    return f'{fields}<p class="field-more">{more}</p>'


def _seconds(place: str, content: Content) -> str:
    shown = content.get("seconds", _SECONDS)
    return _number("Shown for, in seconds", "seconds", place, shown, 0.5, 600, 0.5)


def _field(label: str, control: str) -> str:
    return f'<label class="field-row"><span>{label}</span>{control}</label>'


def _select(label: str, name: str, place: str, choices: Choices, chosen: str, *, more: str = "") -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(shown)}</option>'
        for value, shown in choices
    )
    return _field(label, f'<select data-field="{name}" {place} {more}>{options}</select>')


def _number(label: str, name: str, place: str, value: Any, low: float, high: float, step: float) -> str:
    return _field(
        label,
        f'<input type="number" data-field="{name}" {place} value="{escape(str(value))}" min="{low}" '
        f'max="{high}" step="{step}" inputmode="decimal">',
    )
