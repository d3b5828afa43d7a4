"""The page speaks its visitors' languages: the table is complete, and the page uses it."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline import engines, ui
from pipeline.samples import SAMPLES
from pipeline.service import catalog
from pipeline.service.languages import language_name
from pipeline.ui import words

LANGUAGES = {"es", "de", "fr", "it", "pt", "zh", "ja", "hi", "ar"}
SCRIPTS = {"zh": "CJK", "ja": "CJK|HIRAGANA|KATAKANA", "hi": "DEVANAGARI", "ar": "ARABIC"}
HOLES = re.compile(r"\{n?\}")


def test_every_text_is_in_every_language_with_the_same_holes() -> None:
    tables = words.translations()
    assert set(tables) == LANGUAGES
    keys = set(tables["es"])
    assert len(keys) > 150
    for table in tables.values():
        assert set(table) == keys
        for text, translation in table.items():
            assert translation.strip()
            assert HOLES.findall(translation) == HOLES.findall(text), translation


@pytest.mark.parametrize(("language", "script"), SCRIPTS.items())
def test_languages_in_another_script_are_written_in_it(language: str, script: str) -> None:
    plain = {"{n} s"}
    for text, translation in words.translations()[language].items():
        names = [unicodedata.name(letter, "") for letter in translation if letter.isalpha()]
        assert text in plain or any(re.match(script, name) for name in names), (text, translation)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_nothing_is_translated_twice(language: str) -> None:
    """What the page puts in the place of a text is not the key of another one."""
    table = words.translations()[language]
    assert {text: said for text, said in table.items() if table.get(said, said) != said} == {}


def test_every_text_of_the_page_is_in_the_table() -> None:
    known = {plain(text) for text in words.translations()["es"]}
    patterns = [re.compile(pattern(text)) for text in known if HOLES.search(text)]
    seen = {plain(text) for text in texts(ui.build().get_config_file())}
    missing = {
        text
        for text in seen - known - names()
        if re.search("^[^/]*[A-Za-z]{2}", text) and not any(each.fullmatch(text) for each in patterns)
    }
    assert {"Create", "Choose a face", "Voice"} <= seen
    assert missing == set()


def pattern(text: str) -> str:
    """What a text with holes matches."""
    return re.escape(text).replace(r"\{n\}", r"[\d.,]+").replace(r"\{\}", ".+?")


def plain(text: str) -> str:
    return " ".join(text.split())


def names() -> set[str]:
    """What is the same in every language, or made of names: people, voices, engines, licences, languages."""
    voices = engines.voices()
    cards = [card for layer in ("head", "lips") for card in engines.cards(layer)]  # type: ignore[arg-type]
    named = {sample.name for sample in SAMPLES} | {card.title for card in cards}
    for spoken in catalog.voice_languages().values():
        named |= {title for title, _ in catalog.voices_by_title(spoken.voices)}
    for voice in voices:
        named |= {catalog.voice_name(voice), catalog.voice_details(voice), catalog.voice_title(voice)}
        named |= {language_name(voice.language), voice.licence}
    return named


def texts(config: dict[str, Any]) -> Iterator[str]:
    """What can be read on the page, but for options of published networks, named as in their papers."""
    hidden = set(expert(config["layout"], {each["id"]: each for each in config["components"]}))
    for component in config["components"]:
        properties = component["props"]
        if component["id"] in hidden or component["type"] == "api" or properties.get("visible") is False:
            continue
        yield from (properties[key] for key in ("label", "info", "placeholder") if properties.get(key))
        yield from (str(choice[0]) for choice in properties.get("choices") or [])
        value = properties.get("value")
        if component["type"] == "button" and isinstance(value, str) and not value.startswith("“"):
            yield value
        if component["type"] in ("html", "clickable") and isinstance(value, str):
            yield from map(html.unescape, re.findall(r">([^<>]+)<", f">{value}<"))
            yield from map(html.unescape, re.findall(r'(?:aria-label|placeholder|alt)="([^"]+)"', value))


def expert(
    node: dict[str, Any], components: dict[int, dict[str, Any]], inside: bool = False
) -> Iterator[int]:
    """Components of the panels of published networks, which show when such an engine is chosen."""
    component = components.get(node["id"], {"props": {}})
    title = str(component["props"].get("label") or "")
    inside = inside or (title.startswith("Options of") and not title.endswith("Piper"))
    if inside:
        yield node["id"]
    for child in node.get("children") or []:
        yield from expert(child, components, inside)
