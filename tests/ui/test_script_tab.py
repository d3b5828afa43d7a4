"""The Script tab: slides become scenes, lines are typed, only what changed is rendered, and a film plays."""

from __future__ import annotations

import json
import os
import shutil
import time
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import hubrepo
import pytest
from PIL import Image, ImageDraw
from ui.axe import serious
from ui.serving import Served
from ui.test_accessibility import show
from ui.test_languages import english, speaking
from ui.visitor import Visitor, in_browser

from pipeline.errors import ConsentError, PhotoError, StudioError
from pipeline.samples import HOPPER
from pipeline.script import ScriptError, plan
from pipeline.script.archive import read_archive
from pipeline.script.contents import as_yaml
from pipeline.script.history import History
from pipeline.service import messages
from pipeline.service.messages import Message
from pipeline.service.render_queue import RENDER_QUEUE
from pipeline.service.visit_renders import RENDERS
from pipeline.ui import (
    handlers,
    script_casting,
    script_editing,
    script_handlers,
    script_markup,
    script_opening,
    script_presenters,
    script_project,
    script_rendering,
    script_saving,
    script_screen,
    script_tab,
    script_teeth,
    script_translation_handlers,
    script_translation_panel,
    script_visit,
    voices,
)
from pipeline.ui.events import AT_ONCE
from pipeline.ui.parts import Visit
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project
from pipeline.ui.script_translation_panel import TranslatePanel

keys = pytest.importorskip("selenium.webdriver.common.keys").Keys

FILM = "document.querySelector('#script-film video')"
TEXTS = "[...document.querySelectorAll('#scenes textarea')].map(each => each.value)"


def deck(folder: Path) -> Path:
    """A PDF with two pages."""
    pages = []
    for number in (1, 2):
        page = Image.new("RGB", (640, 360), "white")
        ImageDraw.Draw(page).text((60, 60), f"Page {number}", fill="navy", font_size=60)
        pages.append(page)
    path = folder / "deck.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def casting(photo: Path | None = HOPPER.path, **changes: Any) -> Casting:
    return Casting(**{"photo": photo and str(photo), "height": 480, **changes})


def typed(project: Project, *texts: Any) -> Project:
    return script_editing.with_texts(project, [project.stamp, *texts])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "visit"
    folder.mkdir()
    return script_opening.opened([str(deck(tmp_path))], folder)


@pytest.fixture
def spoken(project: Project) -> Project:
    return typed(
        script_editing.edited(project, "add-line", 0, -1), ["0", "0", "Hi <b>."], ["7", "0", "no"], 5
    )


def rendered(tab: script_tab.ScriptTab, project: Project, chosen: Casting) -> Any:
    """Render as the button does, and follow the film as the page does."""
    begun = script_rendering.begun(tab, project, chosen, "secret", "first", {})
    render = RENDERS.find(begun[tab.job], "secret")
    assert render is not None
    return script_rendering.followed(tab, render)


def test_pages_become_scenes_with_thumbnails(project: Project) -> None:
    assert [scene["background"] for scene in project.content["scenes"]] == ["deck.pdf#1", "deck.pdf#2"]
    shown = script_markup.cards(project, casting(None))
    thumbnails = list(project.folder.glob("thumbnails/*.jpg"))
    assert len(thumbnails) == 2
    assert all(thumbnail.name in shown for thumbnail in thumbnails)
    assert "<textarea" not in shown


def test_notes_of_the_deck_go_with_the_first_change(project: Project) -> None:
    assert "No slide has notes" in script_markup.cards(project, casting(None))
    changed = script_editing.edited(project, "add-line", 0, -1)
    assert "No slide" not in script_markup.cards(changed, casting(None))


def test_scenes_and_lines_are_edited_and_undone(project: Project, spoken: Project) -> None:
    assert spoken.content["scenes"][0]["lines"] == [{"text": "Hi <b>."}]
    assert "Hi &lt;b&gt;." in script_markup.cards(spoken, casting(None))
    doubled = script_editing.edited(spoken, "copy", 0, -1)
    assert [len(scene["lines"]) for scene in doubled.content["scenes"]] == [1, 1, 0]
    moved = script_editing.edited(doubled, "down", 1, -1)
    assert [len(scene["lines"]) for scene in moved.content["scenes"]] == [1, 0, 1]
    removed = script_editing.edited(moved, "remove", 0, -1)
    assert len(removed.content["scenes"]) == 2
    assert script_editing.edited(removed, "undo", 0, -1).content == moved.content
    assert script_editing.edited(project, "up", 0, -1) is project
    assert script_editing.edited(project, "remove", 99, -1) is project


def test_texts_of_scenes_that_have_moved_since_are_not_taken(spoken: Project) -> None:
    moved = script_editing.edited(spoken, "down", 0, -1)
    assert script_editing.with_texts(moved, [spoken.stamp, ["0", "0", "Late."]]) is moved


def test_fields_are_set_within_their_ranges(project: Project, spoken: Project) -> None:
    Image.new("RGB", (20, 20)).save(project.folder / "sea.png")

    def scene(*fields: tuple[str, str]) -> dict[str, Any]:
        changed = spoken
        for name, value in fields:
            changed = script_editing.with_field(changed, 0, -1, name, value)
        return changed.content["scenes"][0]

    assert scene(("background", "sea.png"))["background"] == "sea.png"
    assert scene(("background", "deck.pdf"), ("page", "2"))["background"] == "deck.pdf#2"
    assert scene(("background", "colour"))["background"] == script_editing.COLOUR
    assert scene(("background", "colour"), ("background", "#ff0000"))["background"] == "#ff0000"
    assert "background" not in scene(("background", ""))
    titled = scene(("title", " A  b "), ("lower_third", "Ada, Boss"), ("layout", "left"), ("seconds", "9999"))
    assert (titled["title"], titled["lower_third"], titled["layout"]) == ("A b", "Ada, Boss", "left")
    assert titled["seconds"] == 600
    for wrong in (("background", "../key.png"), ("layout", "top"), ("seconds", "nan"), ("lines", "x")):
        assert script_editing.with_field(spoken, 0, -1, *wrong) is spoken

    def line(name: str, value: str) -> Project:
        return script_editing.with_field(spoken, 0, 0, name, value)

    for name, value, kept in (("emotion", "warm", "warm"), ("pause", "1,5", 1.5), ("voice", "joe", "joe")):
        assert line(name, value).content["scenes"][0]["lines"][0][name] == kept
    assert line("language", "es-ES").content["scenes"][0]["lines"][0]["language"] == "es-ES"
    voiced = line("voice", "joe")
    for tag, kept in (("en-GB", "joe"), ("es-ES", None)):  # the voice stays if it speaks the language
        told = script_editing.with_field(voiced, 0, 0, "language", tag).content["scenes"][0]["lines"][0]
        assert told.get("voice") == kept
    for wrong in (("voice", "nobody"), ("language", "xx"), ("emotion", "angry"), ("text", "x")):
        assert line(*wrong) is spoken
    assert script_editing.edited(line("emotion", "warm"), "undo", 0, -1).content == spoken.content


def test_a_presenter_is_offered_a_voice_of_the_language_that_is_spoken(
    tab: script_tab.ScriptTab, tmp_path: Path
) -> None:
    german = "Guten Morgen zusammen, das sind die Zahlen des letzten Quartals."
    lines = [{"text": german}, {"text": "Hello there, how are you today?", "presenter": "guest"}]
    project = Project(tmp_path, {"scenes": [{"lines": lines}], "presenters": {"host": {}, "guest": {}}})
    chosen = casting(voice="joe", second_voice="kokoro:bf_emma")
    offer = script_screen.offered(project, chosen)
    assert offer.count("<button") == 1 and 'data-voice="kokoro:if_sara-de" data-presenter="1"' in offer
    assert "<b>Presenter 1</b>" in offer and "seems to be in German" in offer
    assert script_screen.offered(project, replace(chosen, voice="de_DE-thorsten-medium")) == ""
    lines[0]["language"] = "de"
    assert script_screen.offered(project, chosen) == ""  # the line has a voice of its own
    fields = script_screen.voices(tab, replace(chosen, voice="sv_SE-nst-medium"))
    assert fields[tab.language] is None and fields[tab.voice]["value"] == "sv_SE-nst-medium"
    assert fields[tab.second_language] == "en"
    assert ("sv_SE-nst-medium, Swedish", "sv_SE-nst-medium") in fields[tab.voice]["choices"]
    listed = voices.of_language("de", "joe")
    assert listed.value == "kokoro:if_sara-de" and len(listed.choices) < 10
    assert tab.voice.preprocess(listed.value) == listed.value  # whatever the server knows of the list


def test_a_script_needs_a_photo_and_consent_only_where_somebody_speaks(
    project: Project, spoken: Project, tmp_path: Path
) -> None:
    assert script_project.script(project, casting(None), {}).presenters == {}
    with pytest.raises(ScriptError, match="Open slides"):
        script_project.script(None, casting(), {})
    with pytest.raises(PhotoError, match="Add a photo"):
        script_project.script(spoken, casting(None), {})
    heard = script_project.script(spoken, casting(None, voice="joe"), {}, heard_only=True)
    assert heard.presenters["host"].voice == "joe"
    own = tmp_path / "own.jpg"
    own.write_bytes(HOPPER.path.read_bytes() + b"mine")
    memory: dict[str, Any] = {}
    with pytest.raises(ConsentError):
        script_project.script(spoken, casting(own), memory)
    assert (
        script_project.script(spoken, casting(own, consent="me"), memory).presenters["host"].consent == "me"
    )
    again = script_project.script(spoken, casting(own), memory)
    assert again.presenters["host"].consent == "me"


def test_a_second_presenter_speaks_and_is_asked_for_too(spoken: Project, tmp_path: Path) -> None:
    other = tmp_path / "other" / HOPPER.path.name  # of the same name as the first one's
    other.parent.mkdir()
    other.write_bytes(HOPPER.path.read_bytes() + b"other")
    two = casting(second_photo=str(other), second_voice="joe")
    assert 'data-field="presenter"' not in script_markup.cards(spoken, casting())
    assert script_project.presenter_names(spoken, two) == ["host", "guest"]
    assert 'data-field="presenter"' in script_markup.cards(spoken, two)
    answered = script_editing.with_field(spoken, 0, 0, "presenter", "guest")
    with pytest.raises(ConsentError):
        script_project.script(answered, two, {})
    made = script_project.script(answered, replace(two, second_consent="permission"), {})
    assert made.scenes[0].lines[0].presenter == "guest"
    subjects = [made.located(each.subject).read_bytes() for each in made.presenters.values()]
    assert subjects == [HOPPER.path.read_bytes(), other.read_bytes()]


def test_an_uploaded_script_cannot_name_files_of_the_server(tmp_path: Path) -> None:
    talk, visit = tmp_path / "talk.yaml", tmp_path / "visit"
    visit.mkdir()
    for name, rest in (
        ("/etc/hostname", "scenes: [{background: /etc/hostname}]"),
        ("../key.png", "brand: {logo: ../key.png}\nscenes: [{title: A}]"),
        ("host.jpg", "presenters: {a: {subject: host.jpg}}\nscenes: [{lines: [Hi.]}]"),
    ):
        talk.write_text(rest, encoding="utf-8")
        with pytest.raises(StudioError, match=f"names {name}; drop that file"):
            script_opening.opened([str(talk)], visit)
    host = tmp_path / "host.jpg"
    host.write_bytes(HOPPER.path.read_bytes())
    opened = script_opening.opened([str(host), str(talk)], visit)
    assert script_presenters.casting_of(opened.content, visit).photo == str(visit / "host.jpg")
    assert "subject: host.jpg" in as_yaml(script_project.written(opened, casting(None)))


def test_an_uploaded_project_brings_neither_versions_nor_a_record(tmp_path: Path) -> None:
    foreign = {"scenes": [{"background": "/etc/secret.png", "lines": []}]}
    version = {"occasion": "edited", "content": foreign}
    packed = tmp_path / "some.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("talk.yaml", "scenes: [{title: A}]")
        archive.writestr("versions/1700000000000.json", json.dumps(version))
        archive.writestr("project.json", "{}")
    opened = script_opening.opened([str(packed)], tmp_path / "visit")
    assert [each.name for each in opened.folder.glob("**/*.json")] == []
    # nor where one is there for a moment
    folder = script_saving.new_folder(tmp_path)
    script_saving.save(replace(opened, folder=folder, content=foreign), casting(None), "secret")
    assert (folder / "project.json").is_file() and script_saving.latest("secret", tmp_path) is None
    assert any(folder.glob("versions/*")) and History(folder).versions() == []


def test_mistakes_are_told_without_the_servers_folders(tmp_path: Path) -> None:
    home = tmp_path / "Ann Smith"
    home.mkdir()
    packed = home / "some.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(wrong(tmp_path), "talk.yaml")
    for file in (packed, wrong(home)):
        folder = home / "visit"
        folder.mkdir()
        said = messages.attempt("page", partial(script_opening.opened, [str(file)], folder))
        assert isinstance(said, Message)
        shown = script_screen.problem(said, folder)
        assert f"{'talk' if file is packed else 'wrong'}.yaml, line 2" in shown and "Ann" not in shown
        shutil.rmtree(folder)


def test_what_the_quick_page_has_becomes_a_script(tmp_path: Path) -> None:
    answers = {
        "photo": str(HOPPER.path),
        "text": "One.\nStill one.\n\nTwo.",
        "voice": "joe",
        "style": "lively",
        "pace": 1.0,
        "seed": "",
    }
    made = script_opening.from_quick(answers, tmp_path)
    assert made.content["scenes"] == [{"lines": [{"text": "One. Still one."}, {"text": "Two."}]}]
    expected = {"style": "lively", "voice": "joe", "subject": HOPPER.path.name}
    assert made.content["presenters"]["host"] == expected
    clear = script_opening.from_quick({"background": "transparent", "format": "mov"}, tmp_path).content
    assert clear["output"] == {"path": "film.mov", "background": "transparent"}
    assert script_opening.from_quick({}, tmp_path).content["scenes"] == [{"lines": [{}]}]


def test_a_video_from_the_quick_page_is_asked_about_too(tmp_path: Path) -> None:
    video = tmp_path / "me.mp4"
    video.write_bytes(b"some video")
    folder = tmp_path / "project"
    folder.mkdir()
    made = script_opening.from_quick({"video": str(video), "text": "Hi."}, folder)
    without = casting(None)
    assert script_presenters.pictures_of(made.content, without, made.folder) == (made.folder / "me.mp4", None)
    with pytest.raises(ConsentError):
        script_project.script(made, without, {})
    answered = script_project.script(made, replace(without, consent="me"), {})
    assert answered.presenters["host"].consent == "me"


def test_projects_save_themselves_for_their_visit_only(spoken: Project, tmp_path: Path) -> None:
    folder = script_saving.new_folder(tmp_path)
    shutil.copytree(spoken.folder, folder, dirs_exist_ok=True)
    kept = replace(spoken, folder=folder)
    script_saving.save(kept, casting(consent="me"), "secret", "opened")
    back = script_saving.latest("secret", tmp_path)
    assert back is not None and back.project.content == spoken.content
    assert back.project.stamp != kept.stamp  # a page that was open before is not listened to
    assert (back.casting.consent, back.casting.photo) == ("me", str(folder / HOPPER.path.name))
    assert script_saving.latest("other", tmp_path) is None and script_saving.latest("", tmp_path) is None
    assert back.title == "Slide 1"
    long_ago = time.time() - (script_saving.KEEP_DAYS + 1) * 24 * 60 * 60
    os.utime(folder, (long_ago, long_ago))
    script_saving.new_folder(tmp_path)
    assert script_saving.latest("secret", tmp_path) is None


def test_steps_for_undo_outlive_the_server(
    spoken: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = script_saving.new_folder(tmp_path)
    project = replace(spoken, folder=folder, before=())
    for _ in range(3):
        project = script_editing.edited(project, "add", 0, -1)
    script_saving.save(project, casting(None), "secret")
    back = script_saving.latest("secret", tmp_path)
    assert back is not None and len(back.project.before) == 3
    undone = back.project
    for _ in range(3):
        undone = script_editing.edited(undone, "undo", 0, -1)
    assert undone.content == spoken.content
    monkeypatch.setattr(script_saving, "_UNDO_BYTES", 2 * len(json.dumps(project.before[-1])))
    script_saving.save(project, casting(None), "secret")
    back = script_saving.latest("secret", tmp_path)
    assert back is not None and back.project.before == project.before[-2:]
    foreign = {"scenes": [{"background": "/etc/passwd"}]}
    script_saving.save(replace(project, before=(foreign,)), casting(None), "secret")
    assert script_saving.latest("secret", tmp_path) is None


def test_a_project_is_saved_as_a_zip_and_opened_again(spoken: Project, tmp_path: Path) -> None:
    recording = tmp_path / "mine.wav"
    recording.write_bytes(b"RIFF")
    own = {"voice_from": str(recording), "voice_consent": "permission"}
    other = script_project.written(spoken, casting(voice="joe", **own))["presenters"]["host"]
    assert other["voice"] == "joe" and "voice_from" not in other
    packed = script_saving.packed(spoken, casting(consent="me", voice="pocket:en", **own), "secret")
    again = script_opening.opened([str(packed)], tmp_path / "again")
    assert [scene["background"] for scene in again.content["scenes"]] == ["deck.pdf#1", "deck.pdf#2"]
    assert again.content["scenes"][0]["lines"] == [{"text": "Hi <b>."}]
    chosen = script_presenters.casting_of(again.content, again.folder)
    assert (chosen.photo, chosen.voice) == (str(again.folder / HOPPER.path.name), "pocket:en")
    assert (chosen.voice_from, chosen.voice_consent) == (str(again.folder / "mine.wav"), "permission")
    assert script_screen.merged(again, casting()).voice_consent is None  # asked for again


def test_a_transparent_film_keeps_its_kind(tmp_path: Path) -> None:
    output = {"path": "old/talk.webm", "background": "transparent"}
    project = Project(tmp_path, {"output": output, "scenes": [{"seconds": 1}]})
    assert script_project.written(project, casting())["output"]["path"] == "film.webm"
    script_saving.film_path(tmp_path, ".webm").touch()
    assert script_saving.last_film(tmp_path) == tmp_path / "films" / "film-1.webm"
    assert script_saving.film_path(tmp_path).name == "film-2.mp4"


@pytest.fixture
def tab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> script_tab.ScriptTab:
    """The tab, whose files all go into a folder of the test."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    with gr.Blocks(analytics_enabled=False):
        return script_tab.draw(gr.State({}))


def silent(folder: Path) -> Project:
    """A project of one short scene in which nobody speaks."""
    return Project(folder, {"scenes": [{"background": "#204060", "seconds": 0.5, "lines": []}]})


@pytest.fixture
def panel(tab: script_tab.ScriptTab) -> TranslatePanel:
    """The panel for other languages."""
    with gr.Blocks(analytics_enabled=False):
        return script_translation_panel.draw()


def english_talk(tab: script_tab.ScriptTab) -> tuple[Project, Casting]:
    """A project of one spoken and one silent scene, and who speaks: the voice is not the script's own."""
    first: dict[str, Any] = {"background": "#204060", "layout": "voice-over", "title": "Welcome"}
    first["lines"] = [{"text": "The dog runs home."}]
    scenes = [first, {"background": "#ffffff", "seconds": 0.5, "lines": []}]
    content = {"output": {"mark": False}, "scenes": scenes}  # a mark is in the language of the film
    project = Project(script_saving.new_folder(handlers.cache()), content)
    chosen = casting(voice="hibari:heart")
    script_saving.save(project, chosen, "secret", "opened")
    return project, chosen


def test_a_script_is_opened_in_another_language_and_taken_back(
    spanish: None, tab: script_tab.ScriptTab, panel: TranslatePanel
) -> None:
    project, chosen = english_talk(tab)
    first, *_, last = script_translation_handlers.translated(panel, project, chosen, "es", "")
    assert first[panel.lines].count("<textarea") == 2 and first[panel.cancel]["visible"]
    assert "El perro corre a casa." in last[panel.lines] and last[panel.use]["visible"]
    shown = first[panel.work]
    texts = ["Bienvenidos", "El perro corre a casa."]
    *_, made = script_translation_handlers.made(panel, project, chosen, shown, texts)
    changes = script_translation_handlers.used(panel, tab, project, chosen, made[panel.made], shown, "secret")
    changed, voice = changes[tab.project], changes[tab.voice]["value"]
    assert changes[tab.language] == "es"
    scene, silence = changed.content["scenes"]
    assert scene["title"] == "Bienvenidos" and scene["lines"][0]["text"] == "El perro corre a casa."
    assert silence == project.content["scenes"][1] and voice == "kokoro:ef_dora"
    assert "now in Spanish" in changes[panel.message] and changes[panel.lines] == ""
    written = script_project.written(changed, replace(chosen, voice=voice))
    assert written["presenters"]["host"]["voice"] == voice and written["output"]["path"] == "film.mp4"
    # the original is a version, and comes back with its voice
    assert "Before it was translated" in changes[tab.history]
    undone = script_editing.edited(changed, "undo", 0, -1)
    assert undone.content["scenes"] == project.content["scenes"]
    spoken_again = script_presenters.voiced_again(
        replace(chosen, voice=voice), changed.content, undone.content
    )
    assert spoken_again == chosen
    version = next(each for each in History(project.folder).versions() if each.occasion == "translated")
    restored = script_visit._restored(tab, changed, version, replace(chosen, voice=voice), "secret")
    assert (restored[tab.language], restored[tab.voice]["value"]) == ("en", "hibari:heart")


def test_a_presenters_teeth_are_picked_and_undone(tmp_path: Path) -> None:
    content = {"scenes": [{"lines": [{"text": "Hi."}]}]}
    project = Project(tmp_path, content)
    casting = Casting(photo=str(HOPPER.path), consent="fictional")
    picked = script_teeth.with_row(project, casting, 0, "lower")
    presenter = script_project.script(picked, casting, {}).presenters["host"]
    assert (presenter.head, presenter.head_options) == ("puppet", {"teeth": "lower"})
    assert picked.before == (content,)
    other = Project(
        tmp_path, {**content, "presenters": {"host": {"head": "sadtalker", "head_options": {"a": 1}}}}
    )
    again = script_teeth.with_row(other, casting, 0, "upper").content["presenters"]["host"]
    assert again == {"head": "puppet", "head_options": {"teeth": "upper"}}


def test_only_what_is_said_renders_again_in_the_other_language(
    spanish: None, tab: script_tab.ScriptTab, panel: TranslatePanel
) -> None:
    project, chosen = english_talk(tab)
    *_, film = rendered(tab, project, chosen)
    assert tab.film in film
    first, *_ = script_translation_handlers.translated(panel, project, chosen, "es", "")
    texts = ["Hola", "El perro."]
    *_, made = script_translation_handlers.made(panel, project, chosen, first[panel.work], texts)
    used = script_translation_handlers.used(
        panel, tab, project, chosen, made[panel.made], first[panel.work], "secret"
    )
    there = replace(chosen, voice=used[tab.voice]["value"])
    found = plan(
        script_project.script(used[tab.project], there, {}), store=script_saving.store(handlers.cache())
    )
    assert [shot.ready for shot in found.shots] == [False, True]


def test_lines_keep_their_times_where_the_voice_is_here(
    tab: script_tab.ScriptTab, panel: TranslatePanel
) -> None:
    project, chosen = english_talk(tab)
    chosen = replace(chosen, voice="joe")
    shown = script_translation_handlers.Shown(("Welcome", "The dog runs home."), "en-GB")
    *steps, made = script_translation_handlers.made(panel, project, chosen, shown, ["Hi", "It goes."])
    assert any("Fitting the lines" in step[panel.outlook] for step in steps)
    line = made[panel.made].content["scenes"][0]["lines"][0]
    assert line["pace"] == 0.85 and line["pause"] > 0.3


def test_a_translation_is_typed_by_hand_without_a_network_and_refused_where_it_does_not_fit(
    tab: script_tab.ScriptTab, panel: TranslatePanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubrepo.point_at(monkeypatch, tmp_path / "empty", offline=True)
    project, chosen = english_talk(tab)
    (nothing,) = script_translation_handlers.translated(panel, None, chosen, "de", "")
    assert "Open slides" in nothing[panel.message]
    first, *_, failed = script_translation_handlers.translated(panel, project, chosen, "de", "")
    assert "opus-mt-en-de needs" in failed[panel.message] and "yourself" in failed[panel.message]
    assert failed[panel.use]["visible"]
    shown = first[panel.work]
    *_, refused = script_translation_handlers.made(panel, project, chosen, shown, ["Willkommen"])
    assert "has no translation" in refused[panel.message]
    texts = ["Willkommen", "Der Hund läuft heim."]
    *_, made = script_translation_handlers.made(panel, project, chosen, shown, texts)
    ready = made[panel.made]
    assert ready.content["scenes"][0]["title"] == "Willkommen"
    assert "times of the lines could not be kept" in ready.notes[0]
    other = script_editing.with_field(project, 0, -1, "title", "Other")
    *_, refused = script_translation_handlers.made(panel, other, chosen, shown, texts)
    assert "changed after it was translated" in refused[panel.message]
    meanwhile = script_translation_handlers.used(panel, tab, other, chosen, ready, shown, "secret")
    assert "changed meanwhile" in meanwhile[panel.message] and tab.project not in meanwhile


def test_another_format_is_seen_in_the_scenes_at_once(tab: script_tab.ScriptTab) -> None:
    with gr.Blocks(analytics_enabled=False):
        visit = gr.Textbox()
    project = silent(script_saving.new_folder(handlers.cache()))
    values = {**dict.fromkeys(tab.inputs), tab.project: project, tab.aspect: "9:16", tab.height: 480}
    values |= {tab.typed: [project.stamp], visit: "secret"}
    changes = script_casting.chosen(tab, visit, values, drawn=True)
    assert "aspect-ratio:480/854" in changes[tab.scenes]
    assert tab.scenes not in script_casting.chosen(tab, visit, values)


def test_a_page_goes_on_after_the_servers_restart(tab: script_tab.ScriptTab) -> None:
    project = silent(script_saving.new_folder(handlers.cache()))
    spoken = script_editing.edited(project, "add-line", 0, -1)
    photo = project.folder / "me.jpg"
    photo.write_bytes(HOPPER.path.read_bytes() + b" mine")
    script_saving.save(spoken, casting(photo, consent="me"), "secret")
    told = {"texts": [spoken.stamp, ["0", "0", "Typed."]], "visit": "secret"}
    values: dict[Any, Any] = {**dict.fromkeys(tab.inputs), tab.typed: told, tab.answered: {}}
    back = script_handlers.read(tab, values)
    assert back is not None and back.content["scenes"][0]["lines"] == [{"text": "Typed."}]
    assert back.stamp == spoken.stamp  # what the page reports next is for it too
    assert [each.basis for each in values[tab.answered].values()] == ["me"]
    assert script_handlers.read(tab, values, {**told, "visit": "other"}) is None
    older = {**told, "texts": [project.stamp, ["0", "0", "Meant for another line."]]}
    behind = script_handlers.read(tab, values, older)
    assert behind is not None and behind.content == spoken.content and behind.stamp != project.stamp


def test_a_render_does_not_take_back_what_is_typed_meanwhile(tab: script_tab.ScriptTab) -> None:
    cache = handlers.cache()
    project = silent(script_saving.new_folder(cache))
    changes = rendered(tab, project, casting(None))
    next(changes)
    later = script_editing.with_field(project, 0, -1, "title", "Later")
    script_saving.save(later, casting(None), "secret")
    *_, last = changes
    assert last[tab.film]["value"].endswith("film-1.mp4")
    back = script_saving.latest("secret", cache)
    assert back is not None and back.project.content["scenes"][0]["title"] == "Later"
    assert History(project.folder).versions()[0].content == project.content


def test_whatever_answers_with_a_project_holds_the_cards_changes_back_meanwhile() -> None:
    with gr.Blocks(analytics_enabled=False) as blocks:
        tab = script_tab.draw(gr.State({}))
        visit = gr.Textbox()
        opened = blocks.load(None, **AT_ONCE)
        script_handlers.wire(tab, visit)
        script_rendering.wire(tab, Visit(visit, gr.Textbox(), gr.JSON(), gr.JSON()), opened)
        script_casting.wire(tab, visit)
        script_translation_handlers.wire(script_translation_panel.draw(), tab, visit)
    events = list(blocks.fns.values())
    held = [each for each in events if each.js == script_handlers.HELD]
    assert all(each.inputs[1] is tab.typed for each in events if each.js and "slice(2)" in each.js)
    assert held == [each for each in events if each.js and tab.project in each.outputs]
    let_go = {target for each in events if each.js == "() => studioPage.sent()" for target in each.targets}
    followed = {each.trigger_after for each in events if each.js == "() => studioPage.sent()"}
    assert let_go and {each._id for each in held} <= followed


def test_a_render_that_waits_for_others_says_so(
    tab: script_tab.ScriptTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_rendering, "_LOOK_SECONDS", 0.01)
    project = silent(script_saving.new_folder(handlers.cache()))
    with RENDER_QUEUE.joined("visits"):
        changes = rendered(tab, project, casting(None))
        assert "1 video is ahead of yours" in next(changes)[tab.outlook]
        changes.close()  # the page is reloaded, as the film waits
        again = script_rendering.going_on(tab, "secret", "first")
        assert again[tab.cancel]["visible"] and not again[tab.render]["visible"]
        assert script_rendering.going_on(tab, "other", "first") == {}
    render = RENDERS.find(again[tab.job], "secret")
    assert render is not None
    *_, last = script_rendering.followed(tab, render)
    assert last[tab.film]["value"].endswith("film-1.mp4") and last[tab.render]["visible"]


def test_a_cancelled_film_ends_and_says_so(
    tab: script_tab.ScriptTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_rendering, "_LOOK_SECONDS", 0.01)
    project = silent(script_saving.new_folder(handlers.cache()))
    with RENDER_QUEUE.joined("visits"):
        begun = script_rendering.begun(tab, project, casting(None), "secret", "first", {})
        render = RENDERS.find(begun[tab.job], "secret")
        assert render is not None
        render.cancel()
        *_, last = script_rendering.followed(tab, render)
        assert "Finished lines are kept" in last[tab.outlook] and last[tab.render]["visible"]
        assert len(RENDER_QUEUE) == 1
        assert script_rendering.going_on(tab, "secret", "first") == {}


def test_a_photo_with_fewer_pixels_than_the_film_is_said_to_be_enlarged(tmp_path: Path) -> None:
    assert script_markup.enlarged(casting(height=720)) == ""
    assert "(512 × 600) is enlarged" in script_markup.enlarged(casting(height=1080))
    large = tmp_path / "large.png"
    Image.new("RGB", (2200, 2160)).save(large)
    assert script_markup.enlarged(casting(large, height=2160)) == ""
    second = casting(large, height=2160, second_photo=str(HOPPER.path))
    assert "(512 × 600)" in script_markup.enlarged(second)


def test_only_the_last_films_stay(tmp_path: Path) -> None:
    for expected in ("film-1.mp4", "film-2.mp4", "film-3.mp4"):
        path = script_saving.film_path(tmp_path)
        assert path.name == expected
        path.touch()
        path.with_suffix(".srt").touch()
    names = sorted(each.name for each in path.parent.iterdir())
    assert names == ["film-2.mp4", "film-2.srt", "film-3.mp4", "film-3.srt"]
    assert script_saving.last_film(tmp_path) == path


class TestInBrowser:
    """The whole way, as a person goes it."""

    pytestmark = in_browser

    def test_slides_become_a_film_of_which_only_changes_render(
        self, browser: Any, served: Served, tmp_path: Path
    ) -> None:
        visitor = Visitor(browser, served.address)
        open_tab(visitor)
        visitor.click("#script-render")
        assert "first" in visitor.wait("return document.querySelector('#script-message .notice')?.innerText")
        upload(visitor, wrong(tmp_path))
        said = "document.querySelector('#script-message .notice')?.innerText"
        assert visitor.wait(f"return {said}?.includes('colour') && {said}").startswith("wrong.yaml, line 2: ")
        visitor.sees("#script-files button[aria-label=Clear]")
        visitor.click("#script-files button[aria-label=Clear]")
        upload(visitor, deck(tmp_path))
        visitor.wait("return document.querySelectorAll('#scenes .scene .thumb img').length == 2")
        visitor.click("#script-sample")
        visitor.click("#script-height label:nth-of-type(1)")
        visitor.click("#scenes [data-do=add-line]")
        visitor.find("#scenes textarea").send_keys("Hello.")
        visitor.click("#scenes [data-play=hear]")
        visitor.wait("return document.querySelector('.line-preview audio')?.duration > 0.2")
        visitor.click("#scenes [data-play=see]")
        visitor.wait("return document.querySelector('.line-preview video')?.videoHeight === 480")
        visitor.click("#script-plan")
        assert "1 of 2" in visitor.text(".script-plan p")  # what was seen at 480p is kept
        visitor.click("#script-render")
        film = visitor.wait(f"return {FILM}?.readyState >= 1 && {FILM}.currentSrc")
        assert visitor.sees("#script-film-file") and visitor.sees("#script-yaml-file")
        visitor.find("#scenes textarea").send_keys(" Bye.")
        visitor.click("#script-render")
        visitor.wait(f"return {FILM}.currentSrc != {film!r} && {FILM}.readyState >= 1")
        assert "1 rendered, 1 kept." in visitor.text("#script-outlook")

    def test_a_script_from_the_quick_page_is_edited_by_keyboard_and_comes_back(
        self, browser: Any, served: Served
    ) -> None:
        visitor = Visitor(browser, served.address)
        visitor.sample()
        visitor.say("First.")
        visitor.find("#text textarea").send_keys(keys.ENTER, keys.ENTER, "Second.")
        visitor.click("#turn-into-script")
        visitor.wait(f"return {TEXTS}.length == 2 && document.querySelector('#script-photo img')")
        press(visitor, "[data-do=add-line]")
        visitor.wait("return document.activeElement.ariaLabel === 'Line 3 of scene 1'")
        browser.switch_to.active_element.send_keys("Third.")
        press(visitor, "[data-do=copy]")
        visitor.wait("return document.activeElement.ariaLabel === 'Line 1 of scene 2'")
        press(visitor, "[data-do=remove-line]")
        visitor.wait("return document.activeElement.dataset.do === 'undo'")
        assert visitor.run(f"return {TEXTS}") == ["Second.", "Third.", "First.", "Second.", "Third."]
        browser.switch_to.active_element.send_keys(keys.ENTER)
        visitor.wait(f"return {TEXTS}.length === 6")
        press(visitor, "[data-do=down]")
        visitor.wait("return document.activeElement.matches('[data-do=up][data-scene=\"1\"]')")
        assert "moved down" in visitor.text("#script-said")
        # a card that is drawn anew takes nothing from who is typing, and folds stay open
        visitor.click("#scenes .scene-settings summary")
        visitor.run("document.querySelector('#scenes textarea').focus()")
        visitor.run("document.activeElement.setSelectionRange(5, 5)")
        visitor.run(choose("background", "colour"))
        browser.switch_to.active_element.send_keys(" and only")
        visitor.wait("return document.querySelector('input[type=color]')?.checkVisibility()")
        assert visitor.run("return document.activeElement.value") == "First and only."
        visitor.run(choose("title", "A beginning"))
        visitor.wait("return document.querySelector('#scenes h3').innerText.includes('beginning')")
        browser.refresh()
        visitor.ready()
        assert visitor.sees("#script-render"), "the tab that was open is open again"
        leaves_no_list_open(visitor)
        visitor.wait(f"return {TEXTS}.length === 6 && {TEXTS}[0] === 'First and only.'")
        visitor.wait("return document.querySelector('#script-photo img')")
        visitor.click("#script-history button")
        visitor.click("#script-versions li:last-child [data-action=restore]")
        visitor.wait(f"return {TEXTS}.length === 2")
        translate_by_hand(visitor, "Primera.", "Segunda.")
        visitor.wait(f"return {TEXTS}.join(' ') === 'Primera. Segunda.'")
        assert "now in Spanish" in visitor.text("#script-translate-message")
        visitor.click("#scenes [data-do=undo]")
        visitor.wait(f"return {TEXTS}.join(' ') === 'First. Second.'")
        visitor.click("#scenes [data-do=undo]")
        visitor.wait(f"return {TEXTS}.length === 6")
        visitor.click("#script-pack")
        visitor.wait("return document.querySelector('#script-message .error') ? 'no' : 1")
        self.wait_for_zip(served)

    def wait_for_zip(self, served: Served) -> None:
        for _ in range(100):
            if found := list(served.folder.glob("projects/*/a-beginning.zip")):
                assert read_archive(found[0]).scenes[0].title == "A beginning"
                return
            time.sleep(0.1)
        pytest.fail("no project was saved")

    def test_the_tab_has_no_serious_violation_and_speaks_other_languages(
        self, browser: Any, served: Served, axe: str, tmp_path: Path
    ) -> None:
        found = {}
        with speaking(browser, "ar", 390):
            visitor = Visitor(browser, f"{served.address}/?__theme=dark")
            open_tab(visitor)
            upload(visitor, deck(tmp_path))
            visitor.wait("return document.querySelectorAll('#scenes .scene .thumb img').length == 2")
            visitor.click("#scenes [data-do=add-line]")
            visitor.wait(f"return {TEXTS}.length == 1")
            visitor.run("document.querySelectorAll('#scenes details').forEach(each => each.open = true)")
            visitor.click("#script-second")
            visitor.click("#script-history button")
            visitor.click("#script-translate button")
            visitor.wait("return document.querySelector('#script-translate-go')?.checkVisibility()")
            visitor.wait("return document.querySelector('#second-photo')?.checkVisibility()")
            visitor.click("#scenes [data-play=see]")
            visitor.wait("return document.querySelector('.line-preview [role=alert]')")
            found["phone, dark"] = serious(browser, axe)
            assert visitor.run("return document.documentElement.scrollWidth") <= 390
            assert english(visitor, "ar") == set()
            show(browser, 1440, "light")
            found["desktop, light"] = serious(browser, axe)
        assert {state: each for state, each in found.items() if each} == {}


def press(visitor: Visitor, selector: str) -> None:
    """Focus a button of the scenes and press Enter."""
    visitor.find(f"#scenes {selector}")
    visitor.run(f"document.querySelector('#scenes {selector}').focus()")
    visitor.browser.switch_to.active_element.send_keys(keys.ENTER)


def translate_by_hand(visitor: Visitor, *texts: str) -> None:
    """Write the Spanish lines where no network can be had, and use them."""
    fields = "document.querySelectorAll('#script-translation textarea')"
    visitor.click("#script-translate button")
    visitor.click("#script-translate-go")
    visitor.wait("return document.querySelector('#script-translate-message')?.innerText.includes('yourself')")
    for number, text in enumerate(texts):
        visitor.run(f"return {fields}[{number}]").send_keys(text)
    visitor.click("#script-translate-use")


def choose(field: str, value: str) -> str:
    """A script that sets a field of the first scene."""
    return (
        f"const field = document.querySelector('#scenes [data-field={field}]'); field.value = '{value}';"
        "field.dispatchEvent(new Event('change', { bubbles: true }))"
    )


def wrong(folder: Path) -> Path:
    """A script with an error in its second line."""
    path = folder / "wrong.yaml"
    path.write_text("title: A\nscenes: [{lines: [Hi.], colour: 3}]\n", encoding="utf-8")
    return path


def upload(visitor: Visitor, file: Path) -> None:
    """Drop a file."""
    visitor.find("#script-files input[type=file]").send_keys(str(file))


def leaves_no_list_open(visitor: Visitor) -> None:
    """The Tab key goes from a list's field to the next one, and closes the list."""
    field = visitor.find("#script-language input")
    field.click()
    visitor.wait("return document.querySelector('#script-language [role=listbox]')?.checkVisibility()")
    field.send_keys(keys.TAB)
    visitor.wait("return !document.querySelector('#script-language [role=listbox]')?.checkVisibility()")
    assert visitor.run("return document.activeElement.closest('#script-voice') !== null")
    visitor.browser.switch_to.active_element.send_keys(keys.ESCAPE)
    visitor.wait("return !document.querySelector('#script-voice [role=listbox]')?.checkVisibility()")


def open_tab(visitor: Visitor) -> None:
    """Change to the Script tab."""
    visitor.wait("return document.querySelectorAll('#ways [role=tab]').length >= 2")
    visitor.run("document.querySelectorAll('#ways [role=tab]')[1].click()")
    visitor.wait("return document.querySelector('#script-render')?.checkVisibility()")
