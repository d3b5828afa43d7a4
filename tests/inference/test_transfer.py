"""Pictures as a network takes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline.inference.transfer import network_input


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_table_holds_what_the_device_would_compute(dtype: torch.dtype) -> None:
    pictures = list(np.random.default_rng(0).integers(0, 256, (2, 24, 16, 3), dtype=np.uint8))

    def normalise(levels: torch.Tensor) -> torch.Tensor:
        return (levels.to(dtype) / 127.5).sub_(1)

    given = network_input(pictures, torch.zeros((), dtype=dtype), normalise)
    expected = normalise(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2))
    assert given.dtype == dtype and given.is_contiguous()
    assert torch.equal(given, expected)
