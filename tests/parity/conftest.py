"""One thread and no gradients for every parity test: others run beside it, and nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quiet_torch() -> Iterator[None]:
    import torch

    torch.set_num_threads(1)
    with torch.inference_mode():
        yield
