"""Every engine with networks as a large card would run it, on a CPU: half precision, layouts, few shapes.

The decisions are those for CUDA; only the place is this machine's. Networks are narrow, as in `test_matrix`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hubrepo
import numpy as np
import pytest
import torch
from heads import flashheadparts, liveportraitparts, sadtalkerparts
from lips import parts as lips_parts

from pipeline import engines, faces
from pipeline.heads.flashhead import weights as flashhead_weights
from pipeline.heads.sadtalker import weights as sadtalker_weights
from pipeline.inference.placement import PRECISION, Placement
from pipeline.lips.inpainter import LipInpainter
from pipeline.lips.latentsync import engine as latentsync_engine
from pipeline.lips.musetalk import engine as musetalk_engine
from pipeline.networks.sadtalker_render import MappingNet
from pipeline.types import Portrait, Style

FRAMES = 3
"""No power of two, so that batches are filled up."""
OPTIONS = {
    "latentsync": {"steps": 1, "guidance": 1.5}, "flashhead": {"steps": 2}, "flashhead_lite": {"steps": 2},
}  # fmt: skip
HEADS, LIPS = ("liveportrait", "sadtalker"), ("wav2lip", "musetalk", "latentsync")
WINDOWED = ("flashhead", "flashhead_lite")
"""Heads that run in bfloat16 on a card, whatever else runs there."""


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_DEVICE", "cpu")
        patch.setattr(latentsync_engine, "_SIZE", 128)
        patch.setattr(musetalk_engine, "_PARSED", (128, 128))
        patch.setattr(MappingNet, "WIDTH", 32)
        patch.setattr(flashhead_weights, "empty_networks", flashheadparts.reduced)
        filled = sadtalkerparts.audio_networks()
        patch.setattr(
            sadtalker_weights,
            "empty_networks",
            lambda options: sadtalkerparts.networks(sadtalkerparts.unfilled(), options.framing),
        )
        mappings = {framing: filled[framing] for framing in ("full", "crop")}
        files = {
            **liveportraitparts.use_small_renderer(patch),
            **sadtalkerparts.files(sadtalkerparts.networks(filled), mappings),
            **lips_parts.wav2lip_files(),
            **lips_parts.musetalk_files(),
            **lips_parts.latentsync_files(),
            **flashheadparts.files(flashhead_weights.PRO),
            **flashheadparts.files(flashhead_weights.LITE),
        }
        hubrepo.use(patch, tmp_path_factory.mktemp("hub"), files)
        yield


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Portrait:
    return faces.portrait(astronaut, size=256)


def frames(name: str, portrait: Portrait) -> list[np.ndarray]:
    """What a newly loaded engine makes of the portrait."""
    layer = "lips" if name in LIPS else "head"
    chosen = engines.options(layer, name, OPTIONS.get(name, {}))
    module = engines._module(layer, name)
    engine = module.load(chosen) if chosen is not None else module.load()
    sound = lips_parts.speech(FRAMES)
    if isinstance(engine, LipInpainter):
        made = lips_parts.synced(engine, lips_parts.still(portrait, FRAMES), sound)
    else:
        made = engine.animate(portrait, sound, Style(), speaking=True).frames
    return [frame.image for frame in made]


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        *((name, "float16") for name in (*HEADS, *LIPS)),
        *((name, "bfloat16") for name in ("wav2lip", *WINDOWED)),
    ],
)
def test_the_way_of_a_card_gives_the_same_pictures(
    name: str, precision: str, portrait: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION, "float32")
    exact = frames(name, portrait)
    choose, placed = Placement.choose, []

    def chosen(where: torch.device, *, half: bool, bfloat16: bool = False) -> Placement:
        placed.append(replace(choose(torch.device("cuda"), half=half), where=where))
        return placed[-1]

    monkeypatch.setenv(PRECISION, precision)
    monkeypatch.setattr(Placement, "choose", chosen)
    quick = frames(name, portrait)
    assert getattr(torch, precision) in {each.dtype for each in placed}
    assert all(each.fixed_shapes for each in placed)
    assert len(quick) == len(exact) == FRAMES
    apart = np.abs(np.stack(quick).astype(int) - np.stack(exact))
    # Two steps of denoising carry what the first rounds off into the second.
    assert apart.mean() < (0.2 if precision == "float16" else 2.0 if name in WINDOWED else 1.0)
    assert np.percentile(apart, 99.9) <= (4 if precision == "float16" else 30)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="compares a CUDA device with the CPU")
@pytest.mark.parametrize("name", [*HEADS, *LIPS, *WINDOWED])
def test_a_card_gives_the_pictures_of_the_cpu(
    name: str, portrait: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION, "float32")
    exact = frames(name, portrait)
    monkeypatch.setenv("STUDIO_DEVICE", "cuda")
    found = frames(name, portrait)
    assert len(found) == len(exact) == FRAMES
    apart = np.abs(np.stack(found).astype(int) - np.stack(exact))
    assert apart.mean() < 0.1
    assert np.percentile(apart, 99.9) <= 2
