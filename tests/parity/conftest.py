"""Two threads and no gradients for every parity test: quick beside other work, and nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quiet_torch() -> Iterator[None]:
    import torch

    torch.set_num_threads(2)
    with torch.inference_mode():
        yield
