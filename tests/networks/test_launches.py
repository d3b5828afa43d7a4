"""How many operations FlashHead's networks launch: on a card, that sets their pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from heads import flashheadparts
from torch.utils._python_dispatch import TorchDispatchMode

from pipeline.heads.flashhead import weights
from pipeline.networks import flashhead

META = torch.device("meta")
_FREE = {"alias", "detach", "empty", "empty_like", "flatten", "lift_fresh", "movedim", "reshape", "unflatten"}
"""Operations that launch nothing, or nothing here, without being known as views."""


class _Launches(TorchDispatchMode):
    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        given = [value for value in args if torch.is_tensor(value)]
        same = bool(given) and given[0] is made
        self.count += not (
            func.is_view or func.overloadpacket.__name__ in _FREE or (same and "to" in str(func))
        )
        return made


def launches(work: Callable[[], object]) -> int:
    with torch.inference_mode():
        work()  # tables are computed once
        with _Launches() as seen:
            work()
    return seen.count


def test_a_block_of_the_transformer() -> None:
    def step(layers: int) -> int:
        settings = replace(flashheadparts.REDUCED[weights.LITE], layers=layers)
        denoiser = flashhead.Denoiser(settings).to(META, torch.bfloat16)
        audio = torch.zeros(flashhead.FRAMES, 5, *settings.audio, device=META)
        latents = torch.zeros(settings.channels, 5, 2, 2, device=META)
        with torch.inference_mode():
            heard = denoiser.listen(audio)
        return launches(lambda: denoiser(latents, latents, 625.0, heard))

    one = step(1)
    assert step(2) - one <= 23
    assert one <= 45


@pytest.mark.parametrize(("variant", "most"), [(weights.LITE, 630), (weights.PRO, 3100)])
def test_the_autoencoder_of_a_window(variant: weights.Variant, most: int) -> None:
    vae = flashheadparts.autoencoder(variant).to(META, torch.bfloat16).eval()
    settings = flashheadparts.REDUCED[variant]
    side = settings.side // settings.stride[1]
    latents = torch.zeros(settings.channels, 32 // settings.stride[0] + 1, side, side, device=META)

    def window() -> None:
        vae.encode(vae.decode(latents)[:, -settings.overlap :], None)

    found = launches(window)
    assert most * 0.8 < found <= most
