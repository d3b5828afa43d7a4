"""The Script tab: slides become scenes, lines are typed, only what changed is rendered, and a film plays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from ui.serving import Served
from ui.visitor import Visitor, in_browser

from pipeline.errors import ConsentError, PhotoError, StudioError
from pipeline.samples import HOPPER
from pipeline.ui import script_markup, script_project
from pipeline.ui.script_project import Casting, Project

FILM = "document.querySelector('#script-film video')"


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
    values = {"photo": photo and str(photo), "consent": None, "voice": None, "aspect": "16:9", "height": 480}
    return Casting(**{**values, **changes})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "visit"
    folder.mkdir()
    return script_project.opened([str(deck(tmp_path))], folder)


def test_pages_become_scenes_with_thumbnails(project: Project) -> None:
    assert [scene["background"] for scene in project.content["scenes"]] == ["deck.pdf#1", "deck.pdf#2"]
    shown = script_markup.cards(project, None)
    thumbnails = list(project.folder.glob("thumbnails/*.jpg"))
    assert len(thumbnails) == 2
    assert all(thumbnail.name in shown for thumbnail in thumbnails)
    assert "<textarea" not in shown


def test_notes_of_the_deck_go_with_the_first_change(project: Project) -> None:
    assert "No slide has notes" in script_markup.cards(project, None)
    assert "No slide" not in script_markup.cards(script_project.edited(project, "add-line", 0, -1), None)


def test_scenes_and_lines_are_edited_and_undone(project: Project) -> None:
    spoken = script_project.with_texts(
        script_project.edited(project, "add-line", 0, -1), [["0", "0", "Hi <b>."], ["7", "0", "no"], 5]
    )
    assert spoken.content["scenes"][0]["lines"] == [{"text": "Hi <b>."}]
    assert "Hi &lt;b&gt;." in script_markup.cards(spoken, None)
    doubled = script_project.edited(spoken, "copy", 0, -1)
    assert [len(scene["lines"]) for scene in doubled.content["scenes"]] == [1, 1, 0]
    moved = script_project.edited(doubled, "down", 1, -1)
    assert [len(scene["lines"]) for scene in moved.content["scenes"]] == [1, 0, 1]
    removed = script_project.edited(moved, "remove", 0, -1)
    assert len(removed.content["scenes"]) == 2
    assert script_project.edited(removed, "undo", 0, -1).content == moved.content
    assert script_project.edited(project, "up", 0, -1) is project
    assert script_project.edited(project, "remove", 99, -1) is project


def test_a_script_needs_a_photo_and_consent_only_where_somebody_speaks(
    project: Project, tmp_path: Path
) -> None:
    assert script_project.script(project, casting(None), {}).presenters == {}
    spoken = script_project.with_texts(
        script_project.edited(project, "add-line", 0, -1), [["0", "0", "Hello."]]
    )
    with pytest.raises(PhotoError, match="Add a photo"):
        script_project.script(spoken, casting(None), {})
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
            script_project.opened([str(talk)], visit)
    host = tmp_path / "host.jpg"
    host.write_bytes(HOPPER.path.read_bytes())
    opened = script_project.opened([str(host), str(talk)], visit)
    assert script_project.first_photo(opened)[0] == str(visit / "host.jpg")
    assert "subject: host.jpg" in script_project.as_yaml(script_project.written(opened, casting(None)))


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
        visitor.click("#script-files button[aria-label=Clear]")
        upload(visitor, deck(tmp_path))
        visitor.wait("return document.querySelectorAll('#scenes .scene .thumb img').length == 2")
        visitor.click("#script-sample")
        visitor.click("#script-height label:nth-of-type(1)")
        visitor.click("#scenes [data-action=add-line]")
        visitor.find("#scenes textarea").send_keys("Hello.")
        visitor.click("#script-plan")
        assert "2 of 2" in visitor.text(".script-plan p")
        visitor.click("#script-render")
        film = visitor.wait(f"return {FILM}?.readyState >= 1 && {FILM}.currentSrc", 120)
        assert visitor.sees("#script-film-file") and visitor.sees("#script-yaml-file")
        visitor.find("#scenes textarea").send_keys(" Bye.")
        visitor.click("#script-render")
        visitor.wait(f"return {FILM}.currentSrc != {film!r} && {FILM}.readyState >= 1", 120)
        assert "1 rendered, 1 kept." in visitor.text("#script-outlook")


def wrong(folder: Path) -> Path:
    """A script with an error in its second line."""
    path = folder / "wrong.yaml"
    path.write_text("title: A\nscenes: [{lines: [Hi.], colour: 3}]\n", encoding="utf-8")
    return path


def upload(visitor: Visitor, file: Path) -> None:
    """Drop a file."""
    visitor.find("#script-files input[type=file]").send_keys(str(file))


def open_tab(visitor: Visitor) -> None:
    """Change to the Script tab."""
    visitor.wait("return document.querySelectorAll('#ways [role=tab]').length >= 2")
    visitor.run(
        "[...document.querySelectorAll('#ways [role=tab]')].find(t => t.innerText == 'Script').click()"
    )
    visitor.wait("return document.querySelector('#script-render')?.checkVisibility()")
