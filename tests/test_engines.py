"""Every engine has a card with all that a person needs to choose it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline import engines, hub
from pipeline.cards import Layer
from pipeline.errors import UnknownNameError, unknown_name

ALL = [(layer, name) for layer in ("head", "lips") for name in engines.ENGINES[layer]]


@pytest.mark.parametrize(("layer", "name"), ALL)
def test_card_is_complete(layer: Layer, name: str) -> None:
    card = engines.card(layer, name)
    assert (card.name, card.layer) == (name, layer)
    assert card.title and card.summary and card.speed and card.code_licence and card.weights_licence
    assert set(card.checkpoints) <= set(hub.CHECKPOINTS)


@pytest.mark.parametrize(("layer", "name"), [pair for pair in ALL if pair[0] != "voice"])
def test_only_embedded_engines_need_no_download(layer: Layer, name: str) -> None:
    assert bool(engines.card(layer, name).checkpoints) == (name not in ("puppet", "footage", "embedded"))


@pytest.mark.parametrize("name", ["pupet", "pu"])
def test_a_misspelt_name_gets_a_suggestion(name: str) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'puppet'"):
        engines.card("head", name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("spanish man", "such as kokoro:em_alex"),
        ("Male_Spanish", "such as kokoro:em_alex"),
        ("hindi", "such as kokoro:hf_alpha, kokoro:hm_omega or "),
        ("kokoro", "such as kokoro:af_heart, "),
        ("nobody", "that are listed, such as hibari:heart (American English), "),
        ("", "that are listed, such as hibari:heart (American English), "),
        ("kokoro:af_hart", "did you mean 'kokoro:af_heart'?"),
    ],
)
def test_a_wrong_voice_gets_one_of_its_language_sex_or_family(name: str, said: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        engines.voice(name)
    assert said in str(raised.value)


def test_of_many_names_a_sentence_gives_the_nearest() -> None:
    names = [f"en_US-{name}-medium" for name in ("amy", "kristin", "ryan", *map(str, range(100)))]
    assert "did you mean 'en_US-amy-medium'?" in str(unknown_name("voice", "Amy", names))
    assert str(unknown_name("voice", "kristal", names)).count("medium") == 3


HEAVY = {
    "torch", "cv2", "scipy", "numba", "mediapipe", "diffusers", "transformers", "onnxruntime", "gradio"
}  # fmt: skip
"""Packages that take long to import."""


def test_listing_cards_imports_nothing_heavy() -> None:
    script = (
        "import sys; from pipeline import engines, list_engines, list_voices; list_engines(); list_voices();"
        "[engines.option_type(card.layer, card.name) for card in list_engines()];"
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
