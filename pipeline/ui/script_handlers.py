"""What the Script tab does: opening, editing, planning, rendering."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.files import written_whole
from pipeline.script import Film, FilmProgress, Script, Store, plan, stream
from pipeline.service import jobs, messages, running, session
from pipeline.service.messages import Message
from pipeline.service.turns import TURNS
from pipeline.ui import handlers, markup, script_markup, script_project
from pipeline.ui.components import clicked_data
from pipeline.ui.output import Changes
from pipeline.ui.script_project import Casting, Project

if TYPE_CHECKING:
    from pipeline.trust import Memory
    from pipeline.ui.script_tab import ScriptTab

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

_COLLECT = """(...values) => [
    [...document.querySelectorAll("#scenes textarea")].map(
        (field) => [field.dataset.scene, field.dataset.line, field.value]),
    ...values.slice(1)]"""
"""Puts what stands in the text fields in the place of the first input."""

_STORE_LIMIT = 2_000_000_000
"""Bytes of finished lines that one visit keeps."""
_LOOK_SECONDS = 1.0

_OPEN_FIRST = "Open slides, a text or a script first."
_CANCELLED = "Cancelled. Finished lines are kept; Render goes on from there."


def wire(tab: ScriptTab) -> None:
    """Say what opening a file, the buttons of the scenes, Plan, Render and Cancel do."""
    _wire_opening(tab)
    _wire_editing(tab)
    _wire_job(tab)


def opened(tab: ScriptTab, files: list[str] | None, photo: str | None) -> Changes:
    """The scenes of the files that were dropped, or why there are none; an open script stays then."""
    if not files:
        return {tab.message: ""}
    folder = jobs.new_folder(handlers.cache())
    project = messages.attempt("page", partial(script_project.opened, files, folder))
    if isinstance(project, Message):
        jobs.discard(folder)
        return {tab.message: _problem(project, folder)}
    found, voice = script_project.first_photo(project)
    output = project.content.get("output") or {}
    changes: Changes = {tab.project: project, tab.message: "", tab.outlook: ""}
    changes[tab.scenes] = script_markup.cards(project, found or photo)
    changes |= {tab.photo: found} if found else {}
    changes |= {tab.voice: voice} if voice in [name for _, name in tab.voice.choices] else {}
    changes |= {tab.aspect: output["aspect"]} if "aspect" in output else {}
    changes |= {tab.height: output["height"]} if output.get("height") in (480, 720, 1080) else {}
    casting = Casting(found or photo, None, voice, output.get("aspect", "16:9"), output.get("height", 720))
    return {**changes, tab.script_file: _file(project, casting)}


def planned(tab: ScriptTab, project: Project | None, casting: Casting, memory: Memory | None) -> Changes:
    """What a render would do, or why it cannot be done."""
    made = messages.attempt("page", partial(_script, project, casting, memory))
    found = made if isinstance(made, Message) else messages.attempt("page", partial(_plan, made))
    if isinstance(found, Message):
        return {tab.message: _problem(found, project.folder if project else None)}
    return {tab.message: "", tab.outlook: script_markup.planned(found)}


def rendered(
    tab: ScriptTab, project: Project | None, casting: Casting, memory: Memory | None
) -> Iterator[Changes]:
    """Render, step by step. Closing it cancels; finished lines stay in the visit's store."""
    script = messages.attempt("page", partial(_script, project, casting, memory))
    if isinstance(script, Message):
        yield {**_idle(tab), tab.message: _problem(script, project.folder if project else None)}
        return
    with closing(messages.told("page", _events(script))) as events:
        for event in events:
            if isinstance(event, Message):
                yield {**_idle(tab), tab.message: _problem(event, script.folder)}
            elif isinstance(event, Film):
                yield {**_idle(tab), **_shown(tab, event)}
            else:
                yield {tab.outlook: script_markup.progress(event)}


def _wire_opening(tab: ScriptTab) -> None:
    tab.files.upload(
        lambda files, photo: opened(tab, files, photo),
        [tab.files, tab.photo],
        [*_cast(tab), tab.project, tab.message, tab.outlook, tab.scenes, tab.script_file],
        **{**_QUIET, "show_progress": "minimal", "show_progress_on": tab.scenes},
    )

    def looked(
        texts: Any, project: Project | None, photo: str | None, answered: Any, request: gr.Request
    ) -> list[Any]:
        kept = project and script_project.with_texts(project, texts)
        memory = session.memory(request, answered)
        asks = photo is not None and session.answered(Path(photo), memory) is None
        return [kept, script_markup.cards(kept, photo), gr.update(value=None, visible=asks)]

    tab.photo.change(
        looked,
        [tab.typed, tab.project, tab.photo, tab.answered],
        [tab.project, tab.scenes, tab.consent],
        js=_COLLECT,
        **_QUIET,
    )


def _wire_editing(tab: ScriptTab) -> None:
    def act(
        project: Any, photo: Any, consent: Any, voice: Any, aspect: Any, height: Any, event: gr.EventData
    ) -> Changes:
        if project is None:
            return gr.skip()
        given = clicked_data(event)
        typed: Any = None
        with suppress(ValueError):
            typed = json.loads(given.get("texts", ""))
        kept = script_project.with_texts(project, typed)
        casting = Casting(photo, consent, voice, aspect, height)
        action = given.get("action", "")
        if action == "type":
            return {tab.project: kept, tab.script_file: _file(kept, casting)}
        changed = script_project.edited(kept, action, _number(given, "scene"), _number(given, "line"))
        drawn = {tab.project: changed, tab.scenes: script_markup.cards(changed, photo)}
        return {**drawn, tab.script_file: _file(changed, casting)}

    outputs = [tab.project, tab.scenes, tab.script_file]
    tab.scenes.click(act, [tab.project, *tab.casting], outputs, queue=False, **_QUIET)


def _wire_job(tab: ScriptTab) -> None:
    read = [tab.typed, tab.project, tab.answered, *tab.casting]
    ends = [tab.message, tab.outlook, tab.render, tab.plan, tab.cancel, tab.film, tab.film_file]
    ends += [tab.captions_file, tab.project, tab.consent, tab.script_file]

    def look(
        texts: Any, project: Any, answered: Any, photo: Any, consent: Any, voice: Any, aspect: Any,
        height: Any, request: gr.Request,
    ) -> Changes:  # fmt: skip
        kept = project and script_project.with_texts(project, texts)
        casting = Casting(photo, consent, voice, aspect, height)
        changes = planned(tab, kept, casting, session.memory(request, answered))
        return {**changes, tab.project: kept, **({tab.script_file: _file(kept, casting)} if kept else {})}

    def begin(texts: Any, project: Any) -> Changes:
        busy: Changes = {tab.render: gr.update(visible=False), tab.plan: gr.update(visible=False)}
        kept = project and script_project.with_texts(project, texts)
        started = {tab.message: "", tab.outlook: script_markup.waiting(), tab.project: kept}
        return {**busy, **started, tab.cancel: gr.update(visible=True)}

    def run(
        project: Any, answered: Any, photo: Any, consent: Any, voice: Any, aspect: Any, height: Any,
        request: gr.Request,
    ) -> Iterator[Changes]:  # fmt: skip
        casting = Casting(photo, consent, voice, aspect, height)
        yield from rendered(tab, project, casting, session.memory(request, answered))

    tab.plan.click(look, read, ends, js=_COLLECT, concurrency_limit=2, **_QUIET)
    begun = tab.render.click(begin, [tab.typed, tab.project], ends, js=_COLLECT, queue=False, **_QUIET)
    job = begun.then(
        run,
        [tab.project, tab.answered, *tab.casting],
        ends,
        concurrency_id="render",
        concurrency_limit=1,
        **_QUIET,
    )
    tab.cancel.click(None, cancels=[job]).then(
        lambda: {**_idle(tab), tab.outlook: markup.notice(_CANCELLED, kind="note")},
        outputs=ends,
        queue=False,
        **_QUIET,
    )


def _cast(tab: ScriptTab) -> list[Any]:
    return [tab.photo, tab.voice, tab.aspect, tab.height]


def _script(project: Project | None, casting: Casting, memory: Memory | None) -> Script:
    from pipeline.script import ScriptError

    if project is None:
        raise ScriptError(_OPEN_FIRST, parameter="document")
    return script_project.script(project, casting, memory)


def _plan(script: Script) -> Any:
    return plan(script, store=_store(script))


def _store(script: Script) -> Store:
    return Store(script.folder / "segments", limit=_STORE_LIMIT)


def _events(script: Script) -> Generator[Any, None, None]:
    """The render's events, once it is this one's turn."""
    made = len(list(script.folder.glob("film-*.mp4")))
    target = script.folder / f"film-{made + 1}.mp4"  # a new name, as browsers keep what they have played
    with running.entered(script.folder), TURNS.joined() as turn:
        while not turn.come(_LOOK_SECONDS):
            running.require_open()
            yield FilmProgress(1, 1, "", 0.0)
        with closing(stream(script, target, overwrite=True, store=_store(script))) as events:
            for event in events:
                running.require_open()
                yield event


def _idle(tab: ScriptTab) -> Changes:
    """The buttons of a tab that renders nothing."""
    shown, hidden = gr.update(visible=True), gr.update(visible=False)
    return {tab.render: shown, tab.plan: shown, tab.cancel: hidden, tab.outlook: ""}


def _shown(tab: ScriptTab, film: Film) -> Changes:
    said = f"{film.made} rendered, {film.kept} kept."
    captions = gr.update(value=film.captions and str(film.captions), visible=film.captions is not None)
    return {
        tab.outlook: "".join(markup.notice(each, kind="note") for each in (said, *film.notes)),
        tab.film: gr.update(value=str(film.video), visible=True),
        tab.film_file: gr.update(value=str(film.video), visible=True),
        tab.captions_file: captions,
        tab.consent: gr.update(visible=False),
    }


def _file(project: Project, casting: Casting) -> Any:
    """The button that downloads the script, with the script as it is now."""
    target = project.folder / "download" / "talk.yaml"
    target.parent.mkdir(exist_ok=True)
    content = script_project.written(project, casting)
    with written_whole(target) as part:
        part.write_text(script_project.as_yaml(content), encoding="utf-8", newline="\n")
    return gr.update(value=str(target), visible=True)


def _problem(message: Message, folder: Path | None) -> str:
    """The message, in which files are named as the visitor does, without the server's folder."""
    if folder is None:
        return markup.problem(message)
    plain = re.sub(rf"\S*{re.escape(folder.name)}/", "", message.sentence)
    return markup.problem(replace(message, sentence=plain))


def _number(given: dict[str, str], name: str) -> int:
    """A number out of a button's data; -1 where it is none."""
    text = given.get(name, "")
    return int(text) if text.isdecimal() else -1
