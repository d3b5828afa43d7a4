"""Loops of the recogniser: found, searched again, and left out where that does not help."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from faster_whisper import WhisperModel

from benchmarks.sentences import SENTENCES
from pipeline.speech.recognition.repetition import PatientModel, left_out, repeats
from pipeline.speech.recognition.whisper import _model


@pytest.mark.parametrize("language", SENTENCES)
def test_speech_does_not_repeat_itself_in_any_script(language: str) -> None:
    assert not repeats(" ".join(SENTENCES[language]))


def test_a_list_whose_points_are_alike_is_no_loop() -> None:
    points = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    assert not repeats(
        " ".join(f"Item {point}: we read the plan and wrote it down, as they said." for point in points)
    )
    assert not repeats("No, no, no, no, no, no, no, no, no, no, no, no, no! " + "Ha" * 20)


@pytest.mark.parametrize(
    "loop", ["\u0939" * 60, "\u092a\u093f\u0932\u093f\u091f\u0947 " * 12, "They paint, " * 13]
)
def test_a_loop_is_found_behind_speech(loop: str) -> None:
    assert repeats(" ".join(SENTENCES["hi"][:3]) + loop)


@pytest.mark.parametrize("mended", [True, False])
def test_a_loop_is_searched_again_and_else_left_out(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = _model()
    tokenizer = SimpleNamespace(timestamp_begin=50364, decode=_decoded, language_code="en")
    good = [50364, *map(ord, "We walked along the river."), 50464]
    loop = [*good, 50464, *map(ord, "oh, " * 30), 50864]
    other = [*good, 50464, *map(ord, "It was cold."), 50564]

    def decoded(self: Any, encoded: Any, prompt: Any, tokenizer: Any, options: Any) -> tuple[Any, ...]:
        tokens = other if mended and options.repetition_penalty > 1 else loop
        return SimpleNamespace(sequences_ids=[tokens], no_speech_prob=0.1), -0.3, 0.0, 1.0

    monkeypatch.setattr(WhisperModel, "generate_with_fallback", decoded)
    assert isinstance(model, PatientModel)
    options = _Options()
    result, *_ = model.generate_with_fallback(None, [], tokenizer, options)
    assert result.sequences_ids == [other if mended else good]
    assert left_out(SimpleNamespace(transcription_options=options)) is not mended


@dataclass
class _Options:
    repetition_penalty: float = 1.0


def _decoded(tokens: list[int]) -> str:
    return "".join(chr(token) for token in tokens if token < 50364)
