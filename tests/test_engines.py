"""Every engine shows a card that a person can decide by."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline import engines, hub
from pipeline.errors import UnknownNameError

ALL = [(layer, name) for layer, names in engines.ENGINES.items() for name in names]


@pytest.mark.parametrize(("layer", "name"), ALL)
def test_card_is_complete(layer: engines.Layer, name: str) -> None:
    card = engines.card(layer, name)
    assert (card.name, card.layer) == (name, layer)
    assert card.title and card.summary and card.speed and card.code_licence and card.weights_licence
    assert set(card.checkpoints) <= set(hub.CHECKPOINTS)


@pytest.mark.parametrize(("layer", "name"), ALL)
def test_only_embedded_engines_need_no_download(layer: engines.Layer, name: str) -> None:
    assert bool(engines.card(layer, name).checkpoints) == (name not in ("puppet", "footage"))


@pytest.mark.parametrize("name", ["pupet", "pu"])
def test_a_misspelt_name_gets_the_nearest_or_the_first_that_begins_so(name: str) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'puppet'"):
        engines.card("head", name)


def test_listing_cards_loads_no_network_library() -> None:
    script = (
        "import sys; from pipeline import engines;"
        "[engines.cards(layer) for layer in engines.ENGINES];"
        "sys.exit(bool({'torch', 'diffusers', 'transformers', 'mediapipe', 'gradio'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
