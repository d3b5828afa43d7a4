"""Kokoro's embedded voices: alphabet, front ends, exact times, the same bytes again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline import engines
from pipeline.assets import VOICES
from pipeline.protocols import Utterance, Voice
from pipeline.speech.synthesize import speak
from pipeline.speech.text.normalize import NormalizedWord, normalize
from pipeline.speech.voices.kokoro import alphabet, front_end, mandarin
from pipeline.speech.voices.kokoro.embedded import _pieces
from pipeline.speech.voices.kokoro.styles import ACCENTED, GAINS

TEXT = "Bob put the map up."

SENTENCES = {
    "en-US": "She thought about the weather.",
    "en-GB": "She drove the car to the fair.",
    "es": "El niño come chocolate en la calle.",
    "fr": "Un bon vin blanc et des garçons.",
    "it": "La pizza è pronta.",
    "pt-BR": "A televisão não funciona.",
    "hi": "आप कैसे हैं?",
    "zh": "今天天气很好。",
    "ja": "今日はいい天気です。",
    "de": "Ich möchte fünf Brötchen.",
}


@pytest.fixture(scope="module")
def heart() -> Voice:
    return engines.load_voice("kokoro:af_heart")


@pytest.fixture(scope="module")
def said(heart: Voice) -> Utterance:
    return heart.say(normalize(TEXT), pace=1.0, seed=0)


def test_a_phrase_is_timed_without_gaps_and_to_the_end_of_its_sound(said: Utterance) -> None:
    assert said.phones is not None and said.words is not None
    seconds = len(said.samples) / said.rate
    assert said.phones[0].start == 0 and said.phones[-1].end == pytest.approx(seconds)
    for before, after in itertools.pairwise(said.phones):
        assert before.end == pytest.approx(after.start)
    assert len(said.words) == 5
    labels = "".join(phone.label for phone in said.phones if phone.label)
    assert labels.startswith("bɑb") and labels.endswith("p")


def test_sound_is_where_the_phones_are(said: Utterance) -> None:
    """Vowels are louder than silences, and than the closures of the lips, by a wide margin."""
    assert said.phones is not None

    def level(label: str) -> float:
        spans = [phone for phone in said.phones or () if phone.label == label]
        cut = [said.samples[round(p.start * said.rate) : round(p.end * said.rate)] for p in spans]
        return float(np.sqrt(np.mean(np.concatenate(cut) ** 2)))

    assert level("ɑ") > 20 * level("")


def test_a_phrase_has_the_same_bytes_again(heart: Voice, said: Utterance) -> None:
    again = heart.say(normalize(TEXT), pace=1.0, seed=0)
    assert again.samples.tobytes() == said.samples.tobytes() and again.words == said.words


def test_japanese_words_have_the_times_of_their_phones() -> None:
    (part,) = speak("桜が咲いた。", voice="kokoro:jf_alpha")
    assert [word.text for word in part.words] == ["桜", "が", "咲いた。"]
    sounds = [
        "".join(phone.label for phone in part.phones if word.start <= phone.start < word.end)
        for word in part.words
    ]
    assert sounds == ["sakɯɾa", "ɡa", "saita"]


def test_pace_shortens_the_phrase(heart: Voice, said: Utterance) -> None:
    fast = heart.say(normalize(TEXT), pace=1.5, seed=0)
    assert len(fast.samples) < 0.85 * len(said.samples)


def test_words_of_nothing_readable_still_have_times(heart: Voice) -> None:
    nothing = heart.say([NormalizedWord("☂", "☂")], pace=1.0, seed=0)
    assert nothing.phones is None or len(nothing.words or ()) == 1


@pytest.mark.parametrize("style", [*GAINS])
def test_every_style_is_complete(style: str) -> None:
    styles = np.load(VOICES / f"{style}.npy")
    assert styles.shape == (510, 256) and styles.dtype == np.float16
    assert np.isfinite(styles).all() and 0.5 < GAINS[style] < 5
    card = engines.voice(f"kokoro:{style}")
    assert not card.checkpoints


def test_only_shipped_styles_are_embedded() -> None:
    assert {path.stem for path in VOICES.glob("*.npy")} == set(GAINS)
    assert {base for base, _, _ in ACCENTED.values()} <= set(GAINS)
    assert engines.voice("kokoro:if_sara-de").language == "de"
    assert "accent" in engines.voice("kokoro:if_sara-de").title


@pytest.mark.parametrize("language", [*SENTENCES])
def test_each_language_is_read_in_kokoros_alphabet(language: str) -> None:
    symbols = front_end.front_end(language)(SENTENCES[language])
    assert len(alphabet.phones(symbols)) >= 8
    assert alphabet.known(symbols) == symbols
    assert symbols[-1] in ".?"


def test_letters_of_kokoros_own() -> None:
    assert "ʤ" in front_end.front_end("it")("Giorgio")
    assert "ç" in front_end.front_end("de")("ich")
    assert "\u0303" in front_end.front_end("fr")("bon")
    assert "O" in front_end.front_end("en-US")("go") and "Q" in front_end.front_end("en-GB")("go")


def test_english_is_read_by_espeak_where_the_dictionary_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with_dictionary = front_end.front_end("en-US")("The butter got cold.")
    monkeypatch.setattr(front_end, "find_spec", lambda name: None)
    alone = front_end._english(british=False)("The butter got cold.")
    assert alphabet.phones(alone) == alphabet.phones(with_dictionary)


@pytest.mark.parametrize(
    ("pinyin", "symbols"),
    [
        ("zhong1", "ꭧʊ→ŋ"), ("guo2", "kwo↗"), ("ni3", "ni↓"), ("shi4", "ʂɨ↘"), ("zi5", "ʦɨ"), ("yu3", "y↓"),
        ("xue2", "ɕɥe↗"), ("er4", "ɚ↘"), ("wen2", "wə↗n"), ("liu4", "ljou↘"), ("qing3", "ʨʰi↓ŋ"), ("x", ""),
    ],
)  # fmt: skip
def test_pinyin(pinyin: str, symbols: str) -> None:
    assert mandarin.syllable(pinyin) == symbols


def test_mandarin_tones_change_in_context_and_latin_words_are_read() -> None:
    read = mandarin.phonemize("你好，OK！", lambda word: f"<{word}>")
    assert read == "ni↗xau↓, <OK>!"
    assert len(mandarin.phonemize("明天天气会更好", str).split()) == len(["明天", "天气", "会", "更好"])


def test_marks_belong_to_the_phone_before_them() -> None:
    spans = list(alphabet.timed("tʰa→ʧ", [10, 4, 2, 4, 2, 4, 4]))
    assert [symbol for symbol, _, _ in spans] == ["t", "a", "t", "ʃ"]
    assert [round(end - start, 4) for _, start, end in spans] == [0.15, 0.15, 0.05, 0.05]


def test_a_long_phrase_is_cut_between_words() -> None:
    symbols = "".join(f"a{n % 10} " for n in range(400))
    pieces = list(_pieces(symbols))
    assert "".join(pieces) == symbols
    assert max(map(len, pieces)) <= 509 and all(piece.endswith(" ") for piece in pieces)
    assert list(map(len, _pieces("a" * 1100))) == [509, 509, 82]
