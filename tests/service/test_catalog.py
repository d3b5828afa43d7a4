"""What can be chosen, and what an empty choice stands for."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from pipeline import engines
from pipeline.cards import Subject
from pipeline.plan import check
from pipeline.service import catalog, languages
from pipeline.spec import split


@pytest.mark.parametrize("kind", get_args(Subject))
def test_every_choice_on_offer_can_be_planned_and_is_described_as_what_runs(
    kind: Subject, tmp_path: Path, own_photo: Path, clip: Path
) -> None:
    subject = {"photo": own_photo, "video": clip}[kind]
    for _, head in catalog.head_choices(kind):
        for _, lips in catalog.lips_choices(kind, head):
            asked = {"subject": subject, "path": tmp_path / "a.mp4", "text": "Hi."}
            chosen = {name: value for name, value in (("head", head), ("lips", lips)) if value}
            plan = check(*split({**asked, **chosen}))
            assert plan.head.card == catalog.head_card(kind, head)
            assert plan.lips_name == catalog.lips_card(kind, head, lips).name


def test_no_two_choices_of_lips_mean_the_same() -> None:
    offered = catalog.lips_choices("photo", "")
    assert offered[0] == (catalog.OWN_MOUTH, "") and "puppet" not in dict(offered).values()
    assert "puppet" in dict(catalog.lips_choices("photo", "liveportrait")).values()
    assert offered[0][0] != catalog.lips_choices("video", "")[0][0]


def test_voices_are_grouped_by_language_those_without_download_first() -> None:
    groups = catalog.voice_groups()
    assert groups[0].voices[0].name == engines.DEFAULT_VOICE
    assert [group.language for group in groups[1:]] == sorted(group.language for group in groups[1:])
    listed = [card for group in groups for card in group.voices]
    assert {card.name for card in listed} == {card.name for card in engines.voices()}
    for group in groups:
        downloads = [card.download_bytes > 0 for card in group.voices]
        assert downloads == sorted(downloads)


def test_no_two_voices_have_one_title_and_languages_are_words() -> None:
    titles = [catalog.voice_title(card) for group in catalog.voice_groups() for card in group.voices]
    assert len(set(titles)) == len(titles)
    assert "MMS, German" in titles and "Santa (Kokoro, man), Spanish" in titles
    assert not [group.language for group in catalog.voice_groups() if len(group.language) < 4]


def test_in_the_list_of_a_language_voices_are_named_without_it_and_told_apart_by_country() -> None:
    for language, spoken in catalog.voice_languages().items():
        titles = [title for title, _ in catalog.voices_by_title(spoken.voices)]
        assert len(set(titles)) == len(titles)
        assert not [
            title for title in titles if languages.language_name(language) in title.partition(" (")[2]
        ]
    english = dict(catalog.voices_by_title(catalog.voice_languages()["en"].voices)).keys()
    assert "Heart (Hibari, woman, United States)" in english
    assert any(title.endswith("United Kingdom)") for title in english)


def test_every_language_of_a_voice_has_a_line_to_hear_it_by() -> None:
    other = {card.language for card in engines.voices() if not card.language.startswith("en")}
    assert {tag for tag in other if languages.sample_line(tag) == languages.sample_line("en")} == set()


def test_a_text_in_another_language_is_offered_a_voice_that_needs_no_download() -> None:
    german = "Guten Morgen zusammen, heute zeige ich euch die Zahlen des letzten Quartals."
    other = catalog.voice_for_text(german, engines.DEFAULT_VOICE)
    assert other is not None and other.language.startswith("de") and other.download_bytes == 0
    assert catalog.voice_for_text(german, other.name) is None
    assert catalog.voice_for_text("Good morning everyone, these are the figures.", "kokoro:bf_emma") is None
    assert catalog.voice_for_text("Hi!", "kokoro:ef_dora") is None
    own = catalog.voice_for_text(german, "pocket:en")
    assert own is not None and own.name == "pocket:de"  # the recording's voice stays that of the recording
    assert catalog.voice_for_text(german, "nobody") is None


def test_a_language_has_the_voices_of_all_its_regions_and_one_to_begin_with() -> None:
    languages = catalog.voice_languages()
    assert [each.name for each in languages.values()] == sorted(each.name for each in languages.values())
    assert sum(len(each.voices) for each in languages.values()) == len(engines.voices())
    portuguese = languages["pt"]
    assert {card.language for card in portuguese.voices} == {"pt", "pt-BR"}
    assert not engines.voice(portuguese.first).download_bytes
    assert portuguese.fitting("pt_BR-faber-medium") == "pt_BR-faber-medium"
    assert portuguese.fitting("joe") == portuguese.first
    assert portuguese.fitting("pocket:en") == "pocket:pt"
    assert catalog.voice_language("sv_SE-nst-medium") == "sv" and catalog.voice_language("nobody") == ""
    assert catalog.imitates("pocket:en") and not catalog.imitates("nobody")
