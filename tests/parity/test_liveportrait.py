"""LivePortrait's networks give the published networks' numbers for the published layout."""

from __future__ import annotations

import pytest
import torch
from parity.harness import Fixture
from torch import nn

from pipeline.networks import liveportrait
from pipeline.networks.spade import fold_spectral_norm

TOLERANCE = 5e-5
"""About ten times the difference between machines; another input changes outputs by more than 0.1."""


@pytest.mark.parametrize("call", [None, "small"])
def test_appearance(call: str | None) -> None:
    fixture = Fixture("liveportrait_appearance")
    network = fixture.fill(liveportrait.AppearanceExtractor())
    fixture.check(key("feature_3d", call), network(fixture.tensor("image", call=call)), tolerance=TOLERANCE)


@pytest.mark.parametrize("call", [None, "small"])
def test_motion(call: str | None) -> None:
    fixture = Fixture("liveportrait_motion")
    network = fixture.fill(liveportrait.MotionExtractor())
    heads = network(fixture.tensor("image", call=call))
    assert set(heads) == set(fixture.manifest["outputs"])
    for name, value in heads.items():
        fixture.check(key(name, call), value, tolerance=TOLERANCE)


WHOLE = pytest.param(None, marks=pytest.mark.slow, id="whole")
"""At the size in use: minutes of processor time for what a quarter of it shows as well."""


@pytest.mark.parametrize("call", [WHOLE, "small"])
def test_warping(call: str | None) -> None:
    fixture = Fixture("liveportrait_warping")
    network = fixture.fill(liveportrait.WarpingModule())
    arguments = [fixture.tensor(name, call=call) for name in ("feature_3d", "kp_driving", "kp_source")]
    maps = network.warp(*arguments)
    for name in ("occlusion_map", "deformation", "out"):
        fixture.check(key(name, call), maps[name], tolerance=TOLERANCE)
    assert torch.equal(network(*arguments), maps["out"])


@pytest.fixture(scope="module")
def generator() -> nn.Module:
    return Fixture("liveportrait_spade").fill(liveportrait.SpadeGenerator())


@pytest.mark.parametrize("call", [WHOLE, "small"])
def test_spade(generator: nn.Module, call: str | None) -> None:
    fixture = Fixture("liveportrait_spade")
    image = generator(fixture.tensor("feature", call=call))
    fixture.check(key("image", call), image, tolerance=TOLERANCE)


def test_spade_divides_by_the_spectral_norm(generator: nn.Module) -> None:
    # The rule makes the norm 1, so only a scaled weight shows a missing division.
    fixture = Fixture("liveportrait_spade")
    scaled = liveportrait.SpadeGenerator().eval()
    state = generator.state_dict()
    scaled.load_state_dict(state | {k: 3 * v for k, v in state.items() if k.endswith("weight_orig")})
    feature = fixture.tensor("feature", call="small")
    fixture.check("small/image", scaled(feature), tolerance=TOLERANCE)
    fixture.check("small/image", fold_spectral_norm(scaled)(feature), tolerance=TOLERANCE)
    assert not any("weight_orig" in name for name in scaled.state_dict())


def test_stitching_and_retargeting() -> None:
    fixture = Fixture("liveportrait_stitching")
    networks = fixture.fill(liveportrait.retargeting())
    for name in ("stitching", "eye", "lip"):
        fixture.check(name, networks[name](fixture.tensor(name)), tolerance=TOLERANCE)


def key(output: str, call: str | None) -> str:
    return f"{call}/{output}" if call else output
