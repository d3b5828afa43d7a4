"""From file to file, by networks and by hand: texts, captions and scripts; what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline import script, translate
from pipeline.cli import main
from pipeline.errors import CheckpointError, OptionError, OutputError, StudioError, TextError
from pipeline.script import Store
from pipeline.translation import TranslationError
from pipeline.translation.voices import voice_for

TALK = """
title: Welcome
output: {path: film.mp4, height: 480}
presenters:
  host: {subject: astronaut.jpg, consent: fictional, voice: "kokoro:am_puck"}
scenes:
  - background: "#204060"
    layout: voice-over
    title: Hello there.
    lines:
      - The dog runs home.
      - {text: "The *cat* sleeps here. [pause 0.5s] Welcome", pause: 0.5}
      - {text: Hola amigo., language: es}
  - {background: "#ffffff", seconds: 0.6}
"""


@pytest.fixture
def talk(tmp_path: Path, astronaut: Path) -> Path:
    """A script beside its presenter's photo."""
    shutil.copy(astronaut, tmp_path / "astronaut.jpg")
    (tmp_path / "talk.yaml").write_text(TALK, encoding="utf-8")
    return tmp_path / "talk.yaml"


def test_a_text_is_translated_line_by_line(spanish: None, tmp_path: Path) -> None:
    source, output = tmp_path / "notes.md", tmp_path / "notes.es.md"
    code = "```\nWelcome\n```\n"
    source.write_text(f"# Welcome\n\nHello there. The dog runs home.\n{code}", encoding="utf-8")
    told: list[tuple[str, float]] = []
    done = translate(source, output, to="es", progress=lambda stage, share: told.append((stage, share)))
    assert output.read_text(encoding="utf-8") == f"# Bienvenida\n\nHola amigo. El perro corre a casa.\n{code}"
    assert done.files == (output,) and done.language == "en" and told[-1] == ("translation", 1.0)
    assert done.entries[0].source == "# Welcome" and done.entries[0].target == "# Bienvenida"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_glossary_is_read_as_a_spreadsheet_program_saves_it(
    encoding: str, spanish: None, tmp_path: Path
) -> None:
    source, output, glossary = tmp_path / "notes.txt", tmp_path / "notes.es.txt", tmp_path / "terms.txt"
    source.write_text("The dog runs home.\n", encoding="utf-8")
    glossary.write_bytes("home\tcabaña\r\nRover\r\n".encode(encoding))
    translate(source, output, to="es", glossary=glossary)
    assert "cabaña" in output.read_text(encoding="utf-8")


def test_a_glossary_that_cannot_be_read_gets_a_sentence(tmp_path: Path) -> None:
    source, output, glossary = tmp_path / "notes.txt", tmp_path / "notes.es.txt", tmp_path / "terms.txt"
    source.write_text("The dog runs home.\n", encoding="utf-8")
    for content, sentence in (
        ("dog\tсобака\n".encode("koi8-r"), "encoding of terms.txt is unknown; save it as UTF-8"),
        ("dog\tcañón\ncat\tniño\n".encode() + "home\tcabaña\n".encode("cp1252"), "is not UTF-8 text"),
        (b"dog\tperro\ncat\0\tgato\n", "is not UTF-8 text"),
        (b"dog\tperro\ncat\tgato\tgata\n", "Line 2 of the glossary is not a term"),
    ):
        glossary.write_bytes(content)
        with pytest.raises(StudioError, match=sentence) as refused:
            translate(source, output, to="es", glossary=glossary)
        assert refused.value.parameter == "glossary"


def test_captions_keep_their_times(spanish: None, tmp_path: Path) -> None:
    source, output = tmp_path / "talk.vtt", tmp_path / "talk.es.srt"
    source.write_text("WEBVTT\n\n00:01.000 --> 00:02.500\nThe dog runs home.\n", encoding="utf-8")
    translate(source, output, to="es")
    assert output.read_text(encoding="utf-8") == "1\n00:00:01,000 --> 00:00:02,500\nEl perro corre a casa.\n"


@pytest.mark.parametrize(
    ("translation", "lines"),
    [
        ("Salut", "Salut"),
        ("使用OpenAI的方法", "使用OpenAI的方法"),
        ("我" * 30, "我" * 16 + "\n" + "我" * 14),
    ],
)
def test_captions_are_broken_where_a_line_may_end(translation: str, lines: str, tmp_path: Path) -> None:
    source, output = tmp_path / "talk.srt", tmp_path / "talk.fr.srt"
    source.write_text("1\n00:00:01,000 --> 00:00:02,500\nHi\n", encoding="utf-8")
    (tmp_path / "hand.txt").write_text(translation, encoding="utf-8")
    translate(source, output, to="fr", lines=tmp_path / "hand.txt")
    assert output.read_text(encoding="utf-8") == f"1\n00:00:01,000 --> 00:00:02,500\n{lines}\n"


def test_a_table_is_corrected_and_taken_back_in_the_shell(
    spanish: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, table, output = tmp_path / "a.txt", tmp_path / "a.tsv", tmp_path / "a.es.txt"
    source.write_text("The dog runs home.\nWelcome\n", encoding="utf-8")
    assert main(["translate", str(source), "--to", "es", "--review", str(table)]) == 0
    assert capsys.readouterr().out.strip() == str(table)
    corrected = table.read_text(encoding="utf-8").replace("Bienvenida", "Bienvenidos")
    table.write_text(corrected, encoding="utf-8")
    taken = ["translate", str(source), "--to", "es", "--lines", str(table), "-o", str(output)]
    assert main(taken) == 0
    assert output.read_text(encoding="utf-8") == "El perro corre a casa.\nBienvenidos\n"
    assert main(taken) == 2
    assert "Add --overwrite" in capsys.readouterr().err


def test_a_script_gets_its_lines_titles_and_voices(spanish: None, talk: Path) -> None:
    output = talk.with_name("talk.es.yaml")
    done = translate(talk, output, to="es")
    values = yaml.safe_load(output.read_text(encoding="utf-8"))
    assert values["title"] == "Bienvenida" and values["scenes"][0]["title"] == "Hola amigo."
    first, second, third = values["scenes"][0]["lines"]
    assert first == "El perro corre a casa." and third["text"] == "Hola amigo."
    assert second["text"].replace("*", "") == "El gato duerme aquí. [pause 0.5s] Bienvenida"
    assert second["text"].count("*") == 2 and second["pause"] == 0.5
    assert values["presenters"]["host"]["voice"] == "kokoro:em_alex"
    assert values["output"]["path"] == "film.es.mp4"
    assert values["scenes"][1] == {"background": "#ffffff", "seconds": 0.6}
    assert done.entries[2].place == "scenes.1.lines.1"
    read = script.read_script(output)
    assert read.scenes[0].lines[2].language == "es"


@pytest.mark.parametrize("marked", [False, True])
def test_a_translated_script_renders_its_lines_only(
    spanish: None, talk: Path, tmp_path: Path, *, marked: bool
) -> None:
    store = Store(tmp_path / "segments")
    short = {
        "output": {"height": 480, "mark": marked},
        "presenters": {
            "host": {"subject": "astronaut.jpg", "consent": "fictional", "voice": "hibari:heart"}
        },
        "scenes": [
            {"background": "#204060", "layout": "voice-over", "lines": ["Welcome"]},
            {"background": "#ffffff", "seconds": 0.6},
        ],
    }  # fmt: skip
    talk.write_text(yaml.safe_dump(short), encoding="utf-8")
    script.render(talk, store=store)
    output = talk.with_name("talk.es.yaml")
    translate(talk, output, to="es")
    ready = [shot.ready for shot in script.plan(output, store=store).shots]
    assert ready == [False, not marked]  # the visible mark is in the language of the film, silent scenes too


def test_lines_of_a_script_keep_their_times(talk: Path, tmp_path: Path) -> None:
    script_text = (
        "presenters: {host: {subject: astronaut.jpg, voice: 'hibari:heart'}}\n"
        "scenes:\n- lines: [We walked along., Good morning.]\n"
    )
    talk.write_text(script_text, encoding="utf-8")
    hand = tmp_path / "hand.txt"
    hand.write_text("We walk.\nA very good morning to you all.\n", encoding="utf-8")
    done = translate(talk, tmp_path / "talk.en.yaml", to="en-GB", lines=hand, keep_times=True)
    first, second = yaml.safe_load((tmp_path / "talk.en.yaml").read_text("utf-8"))["scenes"][0]["lines"]
    assert first["pace"] == 0.85 and first["pause"] > 0.3 and first["text"] == "We walk."
    assert second["pace"] == 1.25 and second["pause"] == 0.3
    assert len(done.notes) == 1 and done.notes[0].startswith("scenes.1.lines.2 takes")


def test_a_script_in_another_folder_finds_its_files(spanish: None, talk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "es"
    folder.mkdir()
    translate(talk, folder / "talk.yaml", to="es")
    read = script.read_script(folder / "talk.yaml")
    assert read.located(read.presenters["host"].subject).is_file()


def test_everything_but_the_network_works_without_it(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hubrepo

    hubrepo.point_at(monkeypatch, tmp_path / "empty", offline=True)
    output, lines = tmp_path / "talk.it.yaml", tmp_path / "lines.txt"
    with pytest.raises(CheckpointError, match="network opus-mt-en-it needs a download of"):
        translate(talk, output, to="it", review=tmp_path / "talk.tsv")
    assert not output.exists()
    table = (tmp_path / "talk.tsv").read_text("utf-8")
    assert "scenes.1.lines.1\tThe dog runs home.\t\n" in table
    lines.write_text("Benvenuti\nCiao.\nUno.\nDue.\nTre.\n", encoding="utf-8")
    translate(talk, output, to="it", lines=lines)
    values = yaml.safe_load(output.read_text(encoding="utf-8"))
    assert values["title"] == "Benvenuti" and values["scenes"][0]["lines"][0] == "Uno."
    assert values["presenters"]["host"]["voice"] == "kokoro:im_nicola"


def test_voices_are_chosen_by_language_and_sex() -> None:
    assert voice_for("es", "kokoro:am_puck") == "kokoro:em_alex"
    assert voice_for("es", "kokoro:af_heart") == "kokoro:ef_dora"
    assert voice_for("en", "joe") == "joe"
    assert voice_for("en-GB", "kokoro:am_puck") == "kokoro:bm_george"
    with pytest.raises(OptionError, match="No voice that is listed speaks qq"):
        voice_for("qq")


def test_the_original_is_never_replaced(talk: Path, tmp_path: Path) -> None:
    before = talk.read_bytes()
    (tmp_path / "hand.txt").write_text("1\n2\n3\n4\n5\n", encoding="utf-8")
    given: dict[str, Any] = {"to": "it", "lines": tmp_path / "hand.txt", "overwrite": True}
    with pytest.raises(OutputError, match=r"talk\.yaml would replace the original"):
        translate(talk, tmp_path / "talk.mp4", **given)
    with pytest.raises(OutputError, match=r"talk\.yaml would replace the original") as refused:
        translate(talk, review=talk, **given)
    assert refused.value.parameter == "review" and talk.read_bytes() == before
    with pytest.raises(OutputError, match="the output's name"):
        translate(talk, tmp_path / "b.yaml", review=tmp_path / "b.yaml", **given)


def test_options_of_a_dub_are_refused_elsewhere(talk: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="voice is for a dubbed video only") as refused:
        translate(talk, tmp_path / "b.yaml", to="it", voice="joe")
    assert refused.value.parameter == "voice"


def test_refusals(talk: Path, tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("One.\n", encoding="utf-8")
    (tmp_path / "silent.yaml").write_text("scenes: [{seconds: 1}]\n", encoding="utf-8")
    with pytest.raises(TextError, match="no words to translate"):
        translate(tmp_path / "silent.yaml", tmp_path / "b.yaml", to="es")
    with pytest.raises(OptionError, match="Name a file to write"):
        translate(text, to="es")
    with pytest.raises(OutputError, match=r"a\.txt cannot become a\.mp4; call it a\.txt or a\.md"):
        translate(text, tmp_path / "a.mp4", to="es")
    with pytest.raises(OutputError, match="already exists"):
        translate(text, text, to="es")
    with pytest.raises(TextError, match="There is no text at") as refused:
        translate(tmp_path / "none.txt", tmp_path / "b.txt", to="es")
    assert refused.value.parameter == "source"
    with pytest.raises(TranslationError, match="taken to be in 'en', and so is"):
        translate(text, tmp_path / "b.txt", to="en")
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 -->\nOne.\n", encoding="utf-8")
    with pytest.raises(TextError, match="times of caption 1, “00:00:01,000 -->”") as refused:
        translate(tmp_path / "a.srt", tmp_path / "b.srt", to="es")
    assert refused.value.parameter == "source"
    (tmp_path / "hand.tsv").write_text("place\tsource\ttarget\n1\tOne.\t\n", encoding="utf-8")
    with pytest.raises(TextError, match="Line 1 has no translation"):
        translate(text, tmp_path / "b.txt", to="es", lines=tmp_path / "hand.tsv")


@pytest.mark.parametrize("name", ["talk.it.srt", "talk.tsv"])
def test_a_translation_replaces_no_file_that_came_meanwhile(tmp_path: Path, name: str) -> None:
    (tmp_path / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,500\nHi\n", encoding="utf-8")
    (tmp_path / "hand.txt").write_text("Ciao", encoding="utf-8")
    with pytest.raises(OutputError, match=f"{name} already exists"):
        translate(
            tmp_path / "talk.srt",
            tmp_path / "talk.it.srt",
            to="it",
            lines=tmp_path / "hand.txt",
            review=tmp_path / "talk.tsv",
            progress=lambda stage, share: (tmp_path / name).write_text("precious"),
        )
    assert (tmp_path / name).read_text() == "precious"
