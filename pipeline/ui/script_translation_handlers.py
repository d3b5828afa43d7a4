"""What the panel for other languages does: lines are translated, corrected, and take the original's place."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from pipeline.errors import TextError
from pipeline.localization.scripts import ScriptDocument
from pipeline.script import ScriptError, script_of
from pipeline.script.contents import Content
from pipeline.service import messages, script_translations, translations
from pipeline.service.languages import language_name
from pipeline.service.messages import Message
from pipeline.service.script_translations import Fitted
from pipeline.ui import (
    cancelling,
    markup,
    script_editing,
    script_handlers,
    script_opening,
    script_project,
    script_saving,
    script_screen,
    translate_markup,
)
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.script_handlers import HELD, TYPED, Values, go_on
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import OPEN_FIRST, Project
from pipeline.ui.script_tab import ScriptTab
from pipeline.ui.script_translation_panel import TranslatePanel

_WRITTEN = """async (...values) => [values[0], { ...await studioPage.settled(), translated:
    [...document.querySelectorAll("#script-translation textarea")].map((field) => field.value) },
    ...values.slice(2)]"""
"""As `TYPED`, with what stands in the fields of the translation."""

_BY_HAND = "You can also write the translation yourself."
_CANCELLED = "Cancelled."
_CHANGED = "The script was changed after it was translated; translate it again."
_CHANGED_MEANWHILE = "The script was changed meanwhile; use the translation again."
_USED = "The script is now in {}. Undo brings the original back."
_FITTING = "Fitting the lines to their times…"


@dataclass(frozen=True)
class Shown:
    """What the lines in the panel are."""

    texts: tuple[str, ...]
    to: str


@dataclass(frozen=True)
class Made:
    """A translated script that waits to take the original's place."""

    before: Project
    """The original, whose content names its voices."""
    content: Content
    voices: tuple[str | None, str | None]
    notes: tuple[str, ...]


def wire(panel: TranslatePanel, tab: ScriptTab, visit: gr.Textbox) -> None:
    """Say what Translate, "Use this script" and Cancel do.

    Args:
        tab: whose script it is.
        visit: the secret that the visitor's projects are saved under.
    """

    def translate(values: Values) -> Iterator[Changes]:
        project, casting = script_handlers.read(tab, values), tab.cast(values)
        yield from translated(panel, project, casting, values[panel.to], values[panel.glossary])

    def fit(values: Values) -> Iterator[Changes]:
        typed = values[tab.typed]
        texts = typed.get("translated") if isinstance(typed, dict) else None
        project, casting = script_handlers.read(tab, values), tab.cast(values)
        yield from made(panel, project, casting, values[panel.work], texts)

    def take(values: Values) -> Changes:
        if values[panel.made] is None:
            return {panel.made: None}
        project, casting = script_handlers.read(tab, values), tab.cast(values)
        return used(panel, tab, project, casting, values[panel.made], values[panel.work], values[visit])

    one_at_a_time: Any = {**QUIET, "concurrency_id": "translate", "concurrency_limit": 1}
    asked = {*tab.inputs, panel.to, panel.glossary}
    translating = panel.translate.click(translate, asked, panel.outputs, js=TYPED, **one_at_a_time)
    fitting = panel.use.click(fit, {*tab.inputs, panel.work}, panel.outputs, js=_WRITTEN, **one_at_a_time)
    waiting = {*tab.inputs, panel.made, panel.work, visit}
    go_on(fitting.then(take, waiting, [*tab.outputs, *panel.outputs], js=HELD, **AT_ONCE))
    cancelling.wire(
        panel.cancel,
        [translating, fitting],
        lambda shown: {**_idle(panel, shown), panel.outlook: markup.notice(_CANCELLED, kind="note")},
        panel.work,
        panel.outputs,
    )


def translated(
    panel: TranslatePanel, project: Project | None, casting: Casting, to: str, glossary: str
) -> Iterator[Changes]:
    """Show the script's lines and fill in their translation; where that fails, they wait for a person's."""
    document = messages.attempt("page", partial(_document, project, casting))
    if isinstance(document, Message):
        yield {panel.message: script_screen.problem(document, project.folder if project else None)}
        return
    sources = tuple(line.text for line in document.lines)
    shown = Shown(sources, to)
    yield {
        **_busy(panel, translate_markup.TRANSLATING),
        panel.work: shown,
        panel.lines: translate_markup.side_by_side(sources, [""] * len(sources), to),
        panel.message: "".join(markup.notice(note, kind="note") for note in document.notes),
    }
    steps = script_translations.suggestions(document, to, glossary)
    with closing(messages.told("page", steps)) as told:
        for step in told:
            if isinstance(step, Message):
                by_hand = markup.notice(_BY_HAND, kind="note")
                yield {**_idle(panel, shown), panel.message: markup.problem(step) + by_hand}
            elif isinstance(step, list):
                lines = translate_markup.side_by_side(sources, step, to)
                yield {**_idle(panel, shown), panel.lines: lines}
            else:
                yield {panel.outlook: translate_markup.share(translate_markup.TRANSLATING, step)}


def made(
    panel: TranslatePanel, project: Project | None, casting: Casting, shown: Shown | None, texts: Any
) -> Iterator[Changes]:
    """Make the script of what stands in the fields, with lines as long as they were.

    Args:
        texts: of the fields, as the browser sent them; it may be anything.
    """
    yield {**_busy(panel, _FITTING), panel.made: None, panel.message: ""}
    with closing(messages.told("page", _made(project, casting, shown, texts))) as told:
        for step in told:
            if isinstance(step, Message):
                said = script_screen.problem(step, project.folder if project else None)
                yield {**_idle(panel, shown), panel.message: said}
            elif isinstance(step, Made):
                yield {panel.made: step}
            else:
                yield {panel.outlook: translate_markup.share(_FITTING, step)}


def used(
    panel: TranslatePanel,
    tab: ScriptTab,
    project: Project | None,
    casting: Casting,
    made: Made,
    shown: Shown,
    visit: str,
) -> Changes:
    """The translated script takes the place of the original, which stays as a version, and for Undo."""
    if project is None or script_project.voiced(project, casting) != made.before:
        said = markup.problem(Message(_CHANGED_MEANWHILE))
        return {**_idle(panel, shown), panel.made: None, panel.message: said}
    kept = messages.attempt("page", partial(script_saving.save, made.before, casting, visit, "translated"))
    if isinstance(kept, Message):
        return {**_idle(panel, shown), panel.made: None, panel.message: markup.problem(kept)}
    changed = replace(script_editing.with_undo(made.before, made.content), revision=project.revision + 1)
    casting = replace(casting, voice=made.voices[0], second_voice=made.voices[1])
    notes = (_USED.format(language_name(shown.to)), *made.notes)
    return {
        **script_screen.showing(tab, changed, casting),
        **script_screen.voices(tab, casting),
        tab.outlook: "",
        **script_handlers.saved(tab, changed, casting, visit),
        tab.history: script_screen.history(changed, visit),
        **_idle(panel, None),
        panel.work: None,
        panel.made: None,
        panel.lines: "",
        panel.message: "".join(markup.notice(note, kind="note") for note in notes),
    }


def _document(project: Project | None, casting: Casting) -> ScriptDocument:
    if project is None:
        raise ScriptError(OPEN_FIRST, parameter="document")
    content = script_project.heard(project, casting)
    document = ScriptDocument(script_of(content, folder=project.folder), content)
    translations.require_shown(document)
    return document


def _made(
    project: Project | None, casting: Casting, shown: Shown | None, texts: Any
) -> Generator[float | Made, None, None]:
    document = _document(project, casting)
    assert project is not None, "see _document()"
    if shown is None or shown.texts != tuple(line.text for line in document.lines):
        raise TextError(_CHANGED, parameter="text")
    given = [str(text) for text in texts] if isinstance(texts, list) else []
    given = [*given, *[""] * len(shown.texts)][: len(shown.texts)]
    for step in script_translations.fitted(document, shown.to, given):
        yield _installed(project, casting, step) if isinstance(step, Fitted) else step


def _installed(project: Project, casting: Casting, done: Fitted) -> Made:
    """The project's own presenters and output, with the words and voices of the other language."""
    before = script_project.voiced(project, casting)
    content = script_opening.with_mappings(dict(done.values))
    speaking = content.pop("presenters")
    own: Content = {name: dict(each) for name, each in before.content["presenters"].items()}
    for name, presenter in own.items():
        presenter.pop("voice_options", None)
        presenter |= {
            field: speaking[name][field]
            for field in ("voice", "voice_options")
            if field in speaking.get(name, {})
        }
    output = before.content.get("output")
    content = {**content, "presenters": own, **({"output": output} if output else {})}
    if not output:
        content.pop("output", None)
    names = script_project.presenter_names(project, casting)
    first, second = (own.get(name, {}).get("voice") for name in (*names, "", "")[:2])
    return Made(before, content, (first or casting.voice, second or casting.second_voice), done.notes)


def _busy(panel: TranslatePanel, said: str) -> Changes:
    """The panel's buttons while something is going on."""
    hidden = gr.update(visible=False)
    buttons: Changes = {panel.translate: hidden, panel.use: hidden, panel.cancel: cancelling.offered()}
    return {**buttons, panel.outlook: translate_markup.share(said, 0.0)}


def _idle(panel: TranslatePanel, shown: Shown | None) -> Changes:
    """The buttons of a panel in which nothing goes on."""
    return {
        panel.translate: gr.update(visible=True),
        panel.use: gr.update(visible=shown is not None),
        panel.cancel: gr.update(visible=False),
        panel.outlook: "",
    }
