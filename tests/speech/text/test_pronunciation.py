"""Pronunciations: what can be listed, how it is said, and that it is shown as it is written."""

from __future__ import annotations

import pytest

from pipeline.errors import OptionError
from pipeline.speech import speak
from pipeline.speech.text.normalize import normalize_text
from pipeline.speech.text.pronunciation import parsed, typed, without_ipa
from pipeline.speech.voices.kokoro.front_end import front_end
from pipeline.speech.voices.piper import embedded_front_end
from pipeline.types import join

LISTED = parsed("SQL=sequel; GIF=/dʒˈɪf/\nDr Who=doctor who; 重庆=/ʈʂʰʊŋ/")


def said(text: str, language: str = "en-US") -> list[tuple[str, str]]:
    return [(word.written, word.spoken) for word in normalize_text(text, language, LISTED).words]


def test_a_listed_word_is_respelled_and_shown_as_written() -> None:
    assert said("Use (SQL), MySQL and Dr Who.") == [
        ("Use", "Use"), ("(SQL),", "(sequel),"), ("MySQL", "MySQL"), ("and", "and"),
        ("Dr Who.", "doctor who."),
    ]  # fmt: skip


def test_ipa_is_given_to_the_voice_as_it_is_between_words_that_are_read() -> None:
    spoken = " ".join(word for _, word in said('The "GIF", please.'))
    assert without_ipa(spoken) == 'The "GIF", please.'
    assert 'ʤˈɪf", p' in front_end("en-US")(spoken)
    assert 'dʒˈɪf", p' in "".join(embedded_front_end().symbols(spoken))


def test_a_word_of_a_script_without_spaces_is_found_inside_a_sentence() -> None:
    assert "ʈʂʰʊŋ" in said("我住在重庆市。", "zh-CN")[0][1]


def test_a_voice_says_it_and_its_words_stay_as_written() -> None:
    plain, listed = (
        join(speak("A GIF.", pronunciations=pronunciations)) for pronunciations in ((), parsed("GIF=/zˈuː/"))
    )
    assert [word.text for word in listed.words] == ["A", "GIF."]
    assert "z" in {phone.label for phone in listed.phones} - {phone.label for phone in plain.phones}


def test_a_dictionary_reads_what_it_writes() -> None:
    assert parsed(typed(LISTED)) == LISTED == parsed(dict(LISTED))


@pytest.mark.parametrize(
    "bad", ["SQL", "=sequel", "SQL=", "a=/b", "a=/b1/", "a=!", f"a={'b' * 61}", "a=b;" * 201]
)
def test_bad_entries_get_a_sentence(bad: str) -> None:
    with pytest.raises(OptionError) as refused:
        parsed(bad)
    assert refused.value.parameter == "pronunciations"
