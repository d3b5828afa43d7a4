"""A recogniser that strays into letters of other languages is heard again without them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from faster_whisper import WhisperModel

from benchmarks.sentences import SENTENCES
from pipeline.speech.recognition.repetition import PatientModel
from pipeline.speech.recognition.strange_letters import is_astray, strange_tokens
from pipeline.speech.recognition.whisper import _model
from pipeline.speech.text.scripts import scripts_of_language

_URDU = "اس میں ہم آپ کو نیا دکھائیں گے"


@pytest.mark.parametrize("language", SENTENCES)
def test_no_language_is_strange_to_itself(language: str) -> None:
    assert not is_astray(" ".join(SENTENCES[language]), language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (_URDU, "hi"),
        (f"{_URDU} meeting", "hi"),
        (f"{_URDU} 5 кM", "hi"),
        ("The angle is π, or β.", "en"),
        ("TシャツとiPhone", "ja"),
    ],
)
def test_what_people_mix_is_not_astray(text: str, language: str) -> None:
    assert not is_astray(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [(f"{_URDU} βیڑیوں νیا", "hi"), (f"{_URDU} செய் வாக்கி", "hi"), ("The Ελλάδα ια", "en")],
)
def test_words_in_letters_of_other_languages_are_astray(text: str, language: str) -> None:
    assert is_astray(text, language)


def test_every_language_of_the_network_has_its_script() -> None:
    _, model = _model()
    latin = (code for code in model.supported_languages if scripts_of_language(code) == {"", "Latin"})
    assert " ".join(sorted(latin)) == (
        "af br ca cs cy da de en es et eu fi fo fr gl ha haw hr ht hu id is it jw la lb ln lt lv mg mi ms "
        "mt nl nn no oc pl pt ro sk sl sn so sq su sv sw tk tl tr vi yo"
    )


@pytest.mark.parametrize(("language", "other"), [("hi", "The Ελλάδα Москва செய்"), ("en", "Москва செய் 你好")])
def test_a_language_keeps_its_own_tokens_and_loses_the_others(language: str, other: str) -> None:
    _, model = _model()
    strange = set(strange_tokens(model.hf_tokenizer, language))

    def tokens(text: str) -> list[int]:
        return list(model.hf_tokenizer.encode(text, add_special_tokens=False).ids)

    said = " ".join(SENTENCES[language]) + (_URDU if language == "hi" else "") + " 0123456789, ?"
    assert not strange.intersection(tokens(said))
    assert all(strange.intersection(tokens(word)) for word in other.split())


@dataclass
class _Options:
    suppress_tokens: list[int] | None = None
    repetition_penalty: float = 1.0


@pytest.mark.parametrize(("better", "kept"), [(True, _URDU), (False, f"{_URDU} βیڑیوں νیا")])
def test_the_more_probable_text_is_kept(better: bool, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = _model()
    assert isinstance(model, PatientModel)

    def decoded(self: Any, encoded: Any, prompt: Any, tokenizer: Any, options: Any) -> tuple[Any, ...]:
        text, likely = (_URDU, -0.3 if better else -0.7) if options.suppress_tokens else (kept, -0.5)
        text = text if options.suppress_tokens else f"{_URDU} βیڑیوں νیا"
        return SimpleNamespace(sequences_ids=[[*map(ord, text)]], no_speech_prob=0.1), likely, 0.0, 1.0

    monkeypatch.setattr(WhisperModel, "generate_with_fallback", decoded)
    tokenizer = SimpleNamespace(
        decode=lambda tokens: "".join(map(chr, tokens)), language_code="hi", tokenizer=model.hf_tokenizer
    )
    result, *_ = model.generate_with_fallback(None, [], tokenizer, _Options())
    assert "".join(map(chr, result.sequences_ids[0])) == kept
