"""SadTalker's renderer: coefficients of a photo, keypoints and pictures, against recorded outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
import torch
from parity import filling
from parity.harness import DEVICE, Fixture

from pipeline.networks.face_coefficients import FaceCoefficients
from pipeline.networks.sadtalker_coefficients import pad_ends
from pipeline.networks.sadtalker_render import (
    Generator,
    HeadMotion,
    KeypointDetector,
    MappingNet,
    degrees,
    rotation,
    transform,
)

ANIMATION = Fixture("sadtalker_animation")
GENERATOR = Fixture("sadtalker_generator")
HEADS = ("yaw", "pitch", "roll", "t", "exp")


@pytest.fixture(scope="module")
def generator() -> Generator:
    return GENERATOR.fill(Generator())


@pytest.fixture(scope="module")
def detector() -> KeypointDetector:
    return Fixture("sadtalker_kp_detector").fill(KeypointDetector())


@pytest.fixture(scope="module")
def mapping() -> MappingNet:
    return Fixture("sadtalker_mapping").fill(MappingNet(70))


@contextmanager
def multiplied(parameters: Iterable[torch.Tensor], factor: float) -> Iterator[None]:
    """The parameters times `factor`, for a while."""
    kept = [(parameter, parameter.clone()) for parameter in parameters]
    for parameter, _ in kept:
        parameter.mul_(factor)
    yield
    for parameter, value in kept:
        parameter.copy_(value)


def test_face_coefficients() -> None:
    fixture = Fixture("sadtalker_face_recon")
    network = fixture.fill(FaceCoefficients())
    fixture.check("coefficients", network(fixture.tensor("x")))
    fixture.check("blocks.coefficients", network(fixture.tensor("x", call="blocks")))


def test_mapping(mapping: MappingNet) -> None:
    fixture = Fixture("sadtalker_mapping")
    heads = mapping.logits(fixture.tensor("input_3dmm"))
    for name in HEADS:
        fixture.check(name, heads[name][:, 0])


def test_mapping_of_the_whole_photo() -> None:
    fixture = Fixture("sadtalker_mapping")
    heads = filling.fill(MappingNet(73)).to(DEVICE).logits(fixture.tensor("input_3dmm", call="still"))
    for name in HEADS:
        fixture.check(f"still.{name}", heads[name][:, 0])


def test_one_pass_serves_every_window(mapping: MappingNet) -> None:
    clip = torch.from_numpy(filling.signal("clip", (70, 30), -1, 1))
    windows = clip.unfold(1, 27, 1).transpose(0, 1)
    whole = mapping.logits(clip[None])
    for name, value in mapping.logits(windows).items():
        assert torch.allclose(value[:, 0], whole[name][0], atol=1e-5)


def test_keypoints_move() -> None:
    fixture = Fixture("sadtalker_keypoints")
    angles = [degrees(fixture.tensor(name)) for name in ("yaw", "pitch", "roll")]
    for name, angle in zip(("yaw", "pitch", "roll"), angles, strict=True):
        fixture.check(f"degree.{name}", angle)
    fixture.check("rotation", rotation(*angles))
    expression = fixture.tensor("exp").unflatten(1, (15, 3))
    motion = HeadMotion(*angles, fixture.tensor("t"), expression)
    keypoints = fixture.tensor("kp")
    fixture.check("transformed", transform(keypoints, motion))
    call = fixture.manifest["more_calls"]["override"]
    yaw, roll = torch.tensor(call["yaw_in"]), torch.tensor(call["roll_in"])
    fixture.check("override.transformed", transform(keypoints, motion._replace(yaw=yaw, roll=roll)))
    calm = motion._replace(expression=torch.zeros_like(expression))
    fixture.check("no_expression.transformed", transform(keypoints, calm))


def test_keypoint_detector(detector: KeypointDetector) -> None:
    fixture = Fixture("sadtalker_kp_detector")
    logits = detector.logits(fixture.tensor("x"))
    fixture.check("logits", logits)
    fixture.check("value", detector.soft_argmax(logits))
    # Large values on purpose: an ordinary picture hardly moves the points under filled weights.
    logits = detector.logits(fixture.tensor("x", call="blocks"))
    fixture.check("blocks.logits", logits)
    fixture.check("blocks.value", detector.soft_argmax(logits))


def test_generator_and_its_spectral_norm(generator: Generator) -> None:
    """Under the rule's weights the norm is 1; only larger weights show that it is divided by."""
    inputs = [GENERATOR.tensor(name, call="small") for name in ("source_image", "kp_driving", "kp_source")]
    stored = [value for name, value in generator.named_parameters() if name.endswith("weight_orig")]
    with multiplied(stored, 1.75):
        maps = generator(*inputs)
    GENERATOR.check("small.prediction", maps["prediction"])
    GENERATOR.check("small.occlusion_map", maps["occlusion_map"])


def test_small_weights_of_the_dense_motion_are_pruned(generator: Generator) -> None:
    photo, driving, source = (GENERATOR.tensor(name) for name in ("source_image", "kp_driving", "kp_source"))
    with multiplied([generator.dense_motion_network.mask.weight], 12):
        maps = generator.warp(generator.encode(photo), driving, source)
    GENERATOR.check("sharp.mask", maps["mask"])
    GENERATOR.check("sharp.deformation", maps["deformation"])


@pytest.mark.slow
def test_whole_picture(generator: Generator) -> None:
    inputs = [GENERATOR.tensor(name) for name in ("source_image", "kp_driving", "kp_source")]
    maps = generator(*inputs)
    for name in ("mask", "deformation", "occlusion_map", "prediction"):
        GENERATOR.check(name, maps[name])
    GENERATOR.check("prediction_corner", maps["prediction"][:, :, :48, :48])


@pytest.fixture(scope="module")
def animation(detector: KeypointDetector, mapping: MappingNet) -> tuple[torch.Tensor, torch.Tensor]:
    """Keypoints of the photo and of the two frames of the recorded clip."""
    with torch.inference_mode():
        canonical = detector(ANIMATION.tensor("source_image"))
        source = transform(canonical, mapping(ANIMATION.tensor("source_semantics")[0]))
        clip = torch.from_numpy(pad_ends(ANIMATION.input("coefficients")))
        motion = HeadMotion(*(value[[0, 2]] for value in mapping(clip)))
        driving = transform(canonical, motion._replace(yaw=torch.full((2,), 10.0)))
    return source, driving


def test_animated_keypoints(animation: tuple[torch.Tensor, torch.Tensor]) -> None:
    source, driving = animation
    ANIMATION.check("kp_source", source)
    ANIMATION.check("kp_driving", driving[None])


@pytest.mark.slow
def test_animated_frames(generator: Generator, animation: tuple[torch.Tensor, torch.Tensor]) -> None:
    source, driving = animation
    feature = generator.encode(ANIMATION.tensor("source_image"))
    frames = [generator.render(feature, one[None], source)["prediction"] for one in driving]
    ANIMATION.check("frames", torch.stack(frames, 1))
    ANIMATION.check("frames_uint8", (torch.stack(frames, 1) * 255).round()[..., ::4, ::4])
