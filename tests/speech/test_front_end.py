"""What will be said of a text, and what is refused, before anything is loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import engines
from pipeline.errors import TextError, UnknownNameError
from pipeline.speech import check_text, front_end, phonemize, speak, spoken, text_warnings
from pipeline.types import Speech

ROOT = Path(__file__).parents[2]


def test_phrases_are_in_words() -> None:
    text = 'Dr. Lee paid $5.20 in 2005. "No!" he cried.'
    assert spoken(text) == [
        "Doctor Lee paid five dollars and twenty cents in two thousand five.",
        '"No!" he cried.',
    ]


def test_phrases_are_those_of_synthesis(parts: list[Speech]) -> None:
    text = " ".join(part.text for part in parts)
    assert len(spoken(text, "en-US")) == len(parts)
    long = "When the rain had stopped at last, " + "the children ran out into the garden, " * 8 + "laughing."
    assert len(spoken(long)) == len(list(speak(long)))


def test_phrases_of_another_language() -> None:
    assert spoken("21 Leute kamen.", "de") == ["einundzwanzig Leute kamen."]


def test_phonemes_are_those_that_the_embedded_voice_is_given() -> None:
    assert phonemize("Bob saw 2 maps. Hi!") == ["bˈɑːb sˈɔː tˈuː mˈæps.", "hˈaɪ!"]


def test_phonemes_of_a_voice_that_is_not_here_are_those_of_its_language() -> None:
    (phrase,) = phonemize("Guten Tag.", "de_DE-thorsten-medium")
    assert phrase.startswith("ɡˈuːtən")


@pytest.mark.parametrize("text", ["", "…", "\n"])
def test_no_words_no_phrases(text: str) -> None:
    assert spoken(text) == []
    assert phonemize(text) == []


def test_an_unknown_voice_has_no_phonemes() -> None:
    with pytest.raises(UnknownNameError, match="joe"):
        phonemize("Hello.", "jo")


@pytest.mark.parametrize(
    ("text", "hint", "parameter"),
    [
        ("", "no words", "text"),
        ("😀😀 👍", "no words", "text"),
        ("word " * 20_000, "split", "text"),
        ("x" * 5_000, "spaces", "text"),
        ("Привет, как дела?", "ru_RU-irina-medium", "voice"),
        ("你好，世界。", "kokoro:zf_xiaobei", "voice"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_refused_in_a_sentence(text: str, hint: str, parameter: str) -> None:
    with pytest.raises(TextError, match=hint) as caught:
        check_text(text)
    assert caught.value.parameter == parameter
    with pytest.raises(TextError) as spoken_error:
        speak(text)
    assert str(spoken_error.value) == str(caught.value)


def test_a_text_is_checked_against_the_voice_that_will_speak_it() -> None:
    check_text("Привет, как дела?", "ru_RU-irina-medium")
    with pytest.raises(TextError, match="Latin script"):
        check_text("Hello, how are you?", "ru_RU-irina-medium")


def test_warnings_name_what_a_voice_leaves_out() -> None:
    text = "My friend is called 太郎, you know."
    assert ["太郎" in warning for warning in text_warnings(text)] == [True]
    assert text_warnings(text, "zh_CN-huayan-medium") == []
    assert text_warnings("Hello there.") == []
    assert text_warnings("9" * 50_000) == []


def test_markup_does_not_count_as_an_endless_word() -> None:
    check_text(f"Title\n{'=' * 400}\nSee [this](https://example.com/{'a' * 400}).")


def test_checking_loads_no_voice() -> None:
    code = (
        "import sys; from pipeline.speech import check_text\n"
        "check_text('On May 3, 2024 we paid $5.20.')\n"
        "check_text('Guten Tag.', 'de_DE-thorsten-medium')\n"
        "heavy = {'piper', 'onnxruntime', 'torch', 'transformers', 'soxr', 'scipy', 'librosa'}\n"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, timeout=300).returncode == 0


def test_no_public_name_hides_a_module() -> None:
    import pipeline.speech as room

    modules = {path.stem for path in Path(room.__file__).parent.iterdir()}
    assert not modules & set(room.__all__)
    assert engines.DEFAULT_VOICE == "hibari:heart"


def test_a_plain_word_is_said_in_every_language() -> None:
    for language in {voice.language for voice in engines.voices()}:
        for word in ("and", "Hello", "pause"):
            for text in (word, f"12 {word}."):
                assert front_end._PLAIN_WORD.search(text) and spoken(text, language), (language, text)
