"""BiRefNet gives the published numbers, and has the layout of the published file to the byte."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import DEVICE, Fixture

from pipeline.hub.checkpoints import CHECKPOINTS
from pipeline.inference.weights import empty_weights
from pipeline.networks.birefnet import BiRefNet, Widths
from pipeline.networks.deformable import deformed_convolution

COMPUTED = "relative_position_index"


@pytest.fixture(scope="module")
def fixture() -> Fixture:
    return Fixture("birefnet")


@pytest.fixture(scope="module")
def network(fixture: Fixture) -> BiRefNet:
    widths = Widths(**fixture.manifest["config"])
    made = BiRefNet(widths)
    assert {key: tuple(value.shape) for key, value in made.state_dict().items()} == fixture.shapes()
    return filling.fill(made, keep=(COMPUTED,)).to(DEVICE)


@pytest.mark.parametrize("size", ["64x64", "32x96"])
def test_logits(fixture: Fixture, network: BiRefNet, size: str) -> None:
    fixture.check(f"{size}/logits", network(fixture.tensor("image", call=size)))


def test_pictures_of_a_batch_are_independent(network: BiRefNet) -> None:
    images = torch.from_numpy(filling.signal("two images", (2, 3, 64, 64)))
    together = network.alpha(images)
    assert together.dtype == torch.float32
    assert 0 <= together.min() < together.max() <= 1
    torch.testing.assert_close(together[1:], network.alpha(images[1:]), atol=1e-5, rtol=0)


def test_the_published_file_has_this_layout() -> None:
    state = empty_weights(BiRefNet).state_dict()
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name in sorted(state, key=lambda name: (state[name].is_floating_point(), name)):
        kind, width = ("F16", 2) if state[name].is_floating_point() else ("I64", 8)
        start, end = end, end + width * state[name].numel()
        header[name] = {"dtype": kind, "shape": list(state[name].shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":"))
    assert 8 + len(text) + -len(text) % 8 + end == CHECKPOINTS["birefnet"].size


@pytest.mark.parametrize(("side", "size"), [(1, (5, 4)), (3, (4, 6)), (7, (1, 3))])
def test_deformed_convolution(side: int, size: tuple[int, int]) -> None:
    taps, (height, width) = side * side, size
    x = filling.signal("x", (2, 3, *size), -1, 1)
    offsets = filling.signal("offsets", (2, 2 * taps, *size), -4, 4)
    weights = filling.signal("weights", (2, taps, *size), 0, 2)
    kernel = filling.signal("kernel", (5, 3, side, side), -1, 1)
    expected = np.zeros((2, 5, *size))
    for picture, tap, row, column in np.ndindex(2, taps, height, width):
        down, right = offsets[picture, 2 * tap : 2 * tap + 2, row, column]
        place = row + tap // side - side // 2 + down, column + tap % side - side // 2 + right
        seen = weights[picture, tap, row, column] * bilinear(x[picture], *place)
        expected[picture, :, row, column] += kernel[:, :, tap // side, tap % side] @ seen
    made = deformed_convolution(*(torch.from_numpy(each) for each in (x, offsets, weights, kernel)))
    np.testing.assert_allclose(made.cpu(), expected, atol=2e-5)


def bilinear(picture: np.ndarray, row: float, column: float) -> np.ndarray:
    """The colours `(C,)` between pixels; outside of the picture there is nothing."""
    total = np.zeros(len(picture))
    for y in (int(np.floor(row)), int(np.floor(row)) + 1):
        for x in (int(np.floor(column)), int(np.floor(column)) + 1):
            if 0 <= y < picture.shape[1] and 0 <= x < picture.shape[2]:
                total += picture[:, y, x] * (1 - abs(row - y)) * (1 - abs(column - x))
    return total
