"""Scripts as people write them, and what they get wrong: one sentence with file, line and field."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pipeline.script import Script, ScriptError, parse_script, placeholders_of, read_script, script_of
from pipeline.stage.slots import Layout

LEAST = """\
output: {path: film.mp4, aspect: "16:9", height: 720, captions: srt}
presenters:
  host: {subject: host.jpg, consent: fictional}
scenes:
  - background: "#204060"
    layout: right
    lines:
      - Welcome to the team.
      - {text: This is the second line., pause: 0.5, emotion: warm}
  - background: deck.pdf#2
    lines: [{presenter: host, text: And this is a slide.}]
"""


def refusal(text: str, path: str = "talk.yaml") -> ScriptError:
    with pytest.raises(ScriptError) as caught:
        parse_script(text, Path(path))
    return caught.value


def test_the_least_script_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "talk.yaml"
    file.write_text(LEAST, encoding="utf-8")
    script = read_script(file)
    first, second = script.scenes
    assert (script.output.size, script.output.captions) == ((1280, 720), "srt")
    assert (first.background, first.layout) == ("#204060", Layout.RIGHT)
    assert [line.text for line in first.lines] == ["Welcome to the team.", "This is the second line."]
    assert (first.lines[1].pause, first.lines[1].emotion) == (0.5, "warm")
    assert (second.background, second.arrangement) == ("deck.pdf#2", Layout.CORNER)
    assert script.located(script.presenters["host"].subject) == tmp_path / "host.jpg"


def test_json_escapes_characters_in_pairs() -> None:
    text = '{"title": "\\ud83d\\ude00 \\\\ud83d", "scenes": [{}]}'
    assert parse_script(text, Path("talk.json")).title == "\N{GRINNING FACE} \\ud83d"


def test_json_is_read_too_with_tabs_between_its_values() -> None:
    script = parse_script(LEAST)
    text = json.dumps(script.model_dump(mode="json", exclude_defaults=True), indent="\t")
    assert parse_script(text, Path("talk.json")).model_dump() == script.model_dump()


@pytest.mark.parametrize(
    ("aspect", "height", "size"),
    [
        ("16:9", 1080, (1920, 1080)),
        ("9:16", 1080, (1080, 1920)),
        ("1:1", 720, (720, 720)),
        ("4:5", 720, (720, 900)),
    ],
)
def test_sizes_follow_from_aspect_and_height(aspect: str, height: int, size: tuple[int, int]) -> None:
    script = parse_script(f"output: {{aspect: {aspect}, height: {height}}}\nscenes: [{{}}]")  # unquoted
    assert script.output.size == size


def test_numbers_are_read_as_people_write_them() -> None:
    script = parse_script("title: 1.10\noutput: {height: 1080p, fps: '30'}\nscenes: [{seconds: 2.50}]")
    assert (script.title, script.output.height, script.output.fps) == ("1.10", 1080, 30)
    assert script.scenes[0].seconds == 2.5


def test_norwegian_is_a_language_and_numbers_are_words() -> None:
    script = parse_script(
        "presenters: {h: {subject: h.jpg}}\nscenes: [{lines: [2024, {text: Hei, language: no}]}]"
    )
    assert [line.text for line in script.scenes[0].lines] == ["2024", "Hei"]
    assert script.scenes[0].lines[1].language == "no"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("scenes:\n- lines:\n  - Hi\n  - {text: a, puase: 3}", 4, "did you mean 'pause'"),
        ("scenes:\n- layuot: right", 2, "did you mean 'layout'"),
        ("scenes:\n- layout: rihgt", 2, "rihgt is not possible"),
        ("output:\n  height: 700\nscenes: [{}]", 2, "output.height: 700 is not possible"),
        ("presenters:\n  h: {pace: 3}\nscenes: [{}]", 2, "presenters.h.subject is missing"),
        ("presenters:\n  h:\n    subject: a\n    pace: 9\nscenes: [{}]", 4, "presenters.h.pace: 9"),
        ("scenes:\n- {id: a}\n- id: a", 3, "the id 'a' is used twice"),
        ("presenters: {h: {subject: a}}\nscenes:\n- lines:\n  - {text: x, presenter: hh}", 4, "mean 'h'"),
        ("presenters: {h: {subject: a}}\nscenes:\n- lines:\n  - {pause: 1}", 4, "nothing to say"),
        ("scenes:\n- lines: [Hi]", 2, "no presenters"),
        ("scenes: []", 1, "scenes is empty"),
        ("scenes:\n- lines: Hi", 2, "list"),
        ("- a", 1, "has scenes and presenters"),
        ("", 1, "has scenes and presenters"),
        ("scenes: [{}]\ntitle: a\ntitle: b", 3, "title stands here twice"),
        ("scenes: [{}", 2, "not YAML"),
        ("scenes: [{}]\n---\nscenes: [{}]", 2, "one script"),
        ("scenes:\n- &a {title: x}\n- *a", 2, "Anchors and aliases"),
        ("scenes: &s\n- *s", 1, "Anchors and aliases"),
        ("scenes:\n- !!python/object/apply:os.system [ls]", 2, "tag"),
        ("scenes: " + "[" * 100_000, 1, ""),
        ("scenes:\n- lines:\n  - {text: Well, then., pause: 1}", 3, "comma in quotation marks"),
        ("scenes:\n- lines:\n  - Note: read this", 3, "colon in quotation marks"),
        ("scenes:\n- title: Note: read this", 2, "colon in quotation marks"),
        ("scenes:\n- background: #204060", 2, 'in quotation marks: "#204060"'),
        ("scenes:\n- {background: #204060, lines: [a]}\ntitle: b", 2, 'in quotation marks: "#204060"'),
        ('presenters: {h: {subject: "C:\\Users\\h.jpg"}}', 1, "write paths with /"),
        ("scenes:\n\t- title: a", 2, "indent with spaces"),
        ("scenes: [{}]\ntitle: a\0b", 2, "control character"),
        ("scenes:\n- Hello", 2, "scenes.1: Hello is not possible; give fields, such as lines."),
        ("presenters: {h: h.jpg}\nscenes: [{}]", 1, "give fields, such as subject."),
        ("presenters: {h: {subject: }}\nscenes: [{}]", 1, "h.subject is empty; give a file."),
        ("presenters: {'': {subject: a}}\nscenes: [{}]", 1, "presenters: '' cannot be a name"),
        ("brand: {colour: red}\nscenes: [{}]", 1, 'a colour such as "#204060"'),
        ("scenes:\n- lines: [{text: a, pause: .nan}]", 2, "give a number from 0 to 30."),
        ("scenes:\n- background: http://a.org/b.png", 2, "download the file"),
        (f"presenters: {{h: {{subject: {'a' * 300}}}}}\nscenes: [{{}}]", 1, "too long for the name"),
    ],
)  # fmt: skip
def test_mistakes_are_said_with_their_line(text: str, line: int, said: str) -> None:
    error = refusal(text)
    assert str(error).startswith(f"talk.yaml, line {line}: ") or said == ""
    assert said in str(error)
    assert "\n" not in str(error)


def test_bombs_and_endless_scripts_are_refused_at_once() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{one}: &{one} [{','.join([f'*{before}'] * 9)}]\n"
        for before, one in zip("abcdefgh", "bcdefghi", strict=True)
    )
    started = time.process_time()
    assert "Anchors" in str(refusal(bomb))
    assert "2,000 lines" in str(refusal("scenes:\n- lines:\n" + "  - Hi\n" * 10_000))
    assert time.process_time() - started < 5


def test_files_that_are_no_scripts(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="There is no script at"):
        read_script(tmp_path / "none.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"title: a\ntitle2: caf\xe9\n")
    with pytest.raises(ScriptError, match="line 2: This is not UTF-8"):
        read_script(latin)
    assert "not JSON" in str(refusal("{", "talk.json"))


def test_templates_are_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "mail.yaml"
    file.write_text(
        "output: {path: '{name}.mp4'}\npresenters: {h: {subject: h.jpg}}\nscenes:\n"
        "- lines:\n  - Hello {name}, {{welcome}}.\n  - Your town is {town}.",
        encoding="utf-8",
    )
    assert placeholders_of(file) == ["name", "town"]
    script = read_script(file, {"name": "Ada", "town": 7})
    assert script.output.path == Path("Ada.mp4")
    assert [line.text for line in script.scenes[0].lines] == ["Hello Ada, {welcome}.", "Your town is 7."]
    with pytest.raises(ScriptError, match=r"line 6: There is no value for \{town\}; did you mean 'twn'"):
        read_script(file, {"name": "Ada", "twn": "Rome"})
    assert read_script(file).scenes[0].lines[0].text == "Hello {name}, {{welcome}}."


def test_a_script_can_be_made_in_python(tmp_path: Path) -> None:
    values = {"presenters": {"h": {"subject": "h.jpg"}}, "scenes": [{"lines": ["Hi."]}]}
    script = script_of(values, folder=tmp_path)
    assert isinstance(script, Script)
    assert script.located(Path("h.jpg")) == tmp_path / "h.jpg"
    with pytest.raises(ScriptError, match=r"^scenes.1.lines.1: there is nothing to say"):
        script_of({**values, "scenes": [{"lines": [{"pause": 1}]}]})
