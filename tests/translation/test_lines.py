"""Lines through real translation networks: what is translated, and all that stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from translation import tinynetworks

from pipeline.errors import CheckpointError, StudioError
from pipeline.translation import (
    MODELS,
    Glossary,
    TranslationError,
    choose,
    read_glossary,
    targets_from,
    translate_lines,
)


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """M2M100."""
    with pytest.MonkeyPatch.context() as patch, tinynetworks.one_thread():
        tinynetworks.place(patch, tmp_path_factory.mktemp("m2m") / "hub", "m2m100_418M")
        yield


def test_lines_keep_their_number_order_and_shape(spanish: None) -> None:
    lines = ["# Welcome", "", "  Hello there. The dog runs home.", "---", "- The cat sleeps here.", "42"]
    assert translate_lines(lines, "en", "es") == [
        "# Bienvenida", "", "  Hola amigo. El perro corre a casa.", "---", "- El gato duerme aquí.", "42",
    ]  # fmt: skip
    assert translate_lines(lines, "en", "es") == translate_lines(lines, "en", "es")


def test_pauses_and_placeholders_stay_where_they_are(spanish: None) -> None:
    translated = translate_lines(
        ["Hello there. [pause 1s] The dog runs home.", "{name} runs home.", "{{first}} runs home."],
        "en",
        "es",
    )
    assert translated == [
        "Hola amigo. [pause 1s] El perro corre a casa.", "{name} corre a casa.", "{{first}} corre a casa.",
    ]  # fmt: skip


def test_emphasis_is_on_one_word_again(spanish: None) -> None:
    (line,) = translate_lines(["The *dog* runs home."], "en", "es")
    assert line.count("*") == 2
    assert line.replace("*", "") == "El perro corre a casa."


def test_the_glossary_decides(spanish: None) -> None:
    glossary = read_glossary("# Names\nRover\nDOG\tcan\nhome, morada")
    names = Glossary((("Rover", "Rover"),))
    translated = translate_lines(["Rover runs home.", "Rover"], "en", "es", glossary=names)
    assert translated == ["Rover corre a casa.", "Rover"]
    (line,) = translate_lines(["The dog runs home."], "en", "es", glossary=glossary)
    assert "can" in line and "morada" in line


def test_another_network_knows_other_languages(multilingual: None) -> None:
    assert translate_lines(["The dog runs home."], "en", "es", family="m2m100") == ["El perro corre a casa."]
    (line,) = translate_lines(["The *cat* runs home."], "en-GB", "es-MX", family="m2m100")
    assert line.replace("*", "") == "El gato corre a casa." and line.count("*") == 2


def test_a_network_is_chosen_for_each_pair() -> None:
    assert choose("en-US", "es").name == "opus-mt-en-es"
    assert choose("en", "ja").name == "m2m100_418M"
    assert choose("de", "fr", "m2m100").licence == "MIT"
    assert choose("en", "de").licence.startswith("CC BY 4.0")
    tokens = {
        tag: choose("en", tag).token(tag)
        for tag in ("zh-CN", "zh_TW", "zh-Hant-HK", "zh-HK", "pt-PT", "es-MX")
    }
    assert list(tokens.values()) == [
        ">>cmn_Hans<<", ">>cmn_Hant<<", ">>cmn_Hant<<", ">>cmn_Hant<<", ">>por<<", "",
    ]  # fmt: skip
    assert {"es", "de", "ja", "ar"} <= set(targets_from("en")) and "en" not in targets_from("en")


@pytest.mark.parametrize(
    ("source", "target", "parameter"),
    [("en", "en-GB", "to"), ("en", "qq", "to"), ("qq", "en", "language"), ("en", "", "to")],
)
def test_languages_that_nobody_translates_get_a_sentence(source: str, target: str, parameter: str) -> None:
    with pytest.raises(TranslationError) as refused:
        choose(source, target)
    assert refused.value.parameter == parameter
    assert not target or (repr(source) in str(refused.value) and repr(target) in str(refused.value))


def test_without_the_network_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hubrepo

    hubrepo.point_at(monkeypatch, tmp_path, offline=True)
    with pytest.raises(CheckpointError, match="network opus-mt-en-it needs a download of"):
        translate_lines(["Hello there."], "en", "it")


def test_files_of_another_network_get_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hubrepo

    model = tinynetworks.place(monkeypatch, tmp_path / "hub", "opus-mt-en-es")
    weights = next(file for file in model.checkpoints if file.file == "pytorch_model.bin")
    other = hubrepo.place(tmp_path / "hub", weights, {"model.shared.weight": torch.zeros(3, 4)})
    files = tuple(other if file is weights else file for file in model.checkpoints)
    monkeypatch.setitem(MODELS, model.name, replace(model, checkpoints=files))
    with pytest.raises(CheckpointError, match="opus-mt-en-es do not fit each other"):
        translate_lines(["Hello there."], "en", "es")


def test_memory_that_runs_out_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.translation import network

    def full(*given: object, **more: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    tinynetworks.place(monkeypatch, tmp_path / "hub", "opus-mt-en-es")
    monkeypatch.setattr(network, "place", full)
    with pytest.raises(StudioError, match="memory"):
        translate_lines(["Hello there."], "en", "es")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\tb\nc\td\te", "Line 2 of the glossary is not"),
        ("dog,perro\nDog,can", "Line 2 of the glossary gives 'Dog' again"),
        ("dog,", "Line 1 of the glossary is not"),
        ("cat,gato\ndog = perro", "Line 2 of the glossary is not"),
        ("dog -> perro", "Line 1 of the glossary is not"),
        ("dog|perro", "Line 1 of the glossary is not"),
        ("x" * 200_000 + ",y", "Line 1 of the glossary is longer"),
        ("x" * 300, "Line 1 of the glossary is longer"),
    ],
)
def test_a_bad_line_of_a_glossary_is_named(text: str, sentence: str) -> None:
    with pytest.raises(TranslationError, match=sentence) as refused:
        read_glossary(text)
    assert refused.value.parameter == "glossary"
