"""One thread and no gradients for every parity test: others run beside it, and nothing is trained.

Nor is any network initialised, as each is filled.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from parity.harness import DEVICE

_DRAWS = (
    "kaiming_normal_", "kaiming_uniform_", "normal_", "trunc_normal_", "uniform_", "xavier_normal_",
    "xavier_uniform_",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def nothing_drawn() -> Iterator[None]:
    from torch.nn import init

    with pytest.MonkeyPatch.context() as patch:
        for name in _DRAWS:
            patch.setattr(init, name, lambda tensor, *given, **named: tensor)
        yield


@pytest.fixture(autouse=True)
def quiet_torch() -> Iterator[None]:
    import torch

    torch.set_num_threads(1)
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module", autouse=DEVICE != "cpu")
def on_the_device() -> Iterator[None]:
    """What a test makes lies where its network is, whose settings are the product's: no TF32."""
    import torch

    from pipeline.inference import placement

    placement._choose_kernels()
    read = torch.from_numpy
    with pytest.MonkeyPatch.context() as patch, torch.device(DEVICE):
        patch.setattr(torch, "from_numpy", lambda array: read(array).to(DEVICE))
        yield
