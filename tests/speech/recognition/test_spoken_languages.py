"""Several languages in one recording: the first half minute decides, and the others are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.speech.recognition.spoken_languages import _foremost, spoken_languages
from pipeline.speech.recognition.whisper import _model

_RATE = 16_000


@pytest.mark.parametrize(
    ("seconds", "said", "others"),
    [
        (20, lambda at: "en", ()),
        (20, lambda at: "es" if at > 9 else "en", ("es",)),
        (60, lambda at: "fr" if at > 45 else "en", ("fr",)),
    ],
)
def test_another_language_in_a_stretch_is_named(
    seconds: int, said: Any, others: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network is real up to what it hears: each step of its encoding is put as the time that it is of."""
    import ctranslate2

    _, model = _model()
    speech = np.arange(seconds * _RATE, dtype=np.float32) / _RATE
    monkeypatch.setattr(model, "feature_extractor", lambda window: window[None, ::160])
    monkeypatch.setattr(
        model, "encode", lambda mels: ctranslate2.StorageView.from_array(mels[:, ::2, None].copy())
    )
    network = type("Heard", (), {})()
    network.detect_language = lambda view: [[(f"<|{said(float(np.array(view)[0, 0, 0]))}|>", 0.9)]]
    monkeypatch.setattr(model, "model", network)
    assert spoken_languages(model, speech) == ("en", 0.9, others)


@pytest.mark.parametrize(
    ("whole", "stretches", "language"),
    [
        ("hi", ["en", "en", "en", "hi"], "en"),
        ("es", ["en", "en", "es"], "en"),
        ("en", ["en", "es"], "en"),
        ("es", ["en", "es"], "es"),
        ("hi", ["ur", "ur"], "hi"),
        ("fr", [], "fr"),
    ],
)
def test_most_stretches_decide(whole: str, stretches: list[str], language: str) -> None:
    found, probability = _foremost([(whole, 0.6), *((code, 0.9) for code in stretches)])
    assert found == language
    assert probability == pytest.approx(0.6 if found == whole else 0.9 * np.mean(np.equal(stretches, found)))
    assert _foremost([("es", 0.5), ("en", 0.6), ("en", 0.6)]) == ("es", 0.5)
