"""The network that corrects the painted mouth: what it may change, and what it must leave alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import LIPS
from pipeline.puppet.painting import refiner
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import SHAPE, Portrait

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
STILL = np.zeros(3), np.zeros(2)


@pytest.fixture(scope="module")
def photo() -> Portrait:
    """A photo of closed lips."""
    return portrait(PORTRAITS / "hopper.jpg", size=384)


@pytest.fixture(scope="module")
def renderers(photo: Portrait) -> tuple[PortraitRenderer, PortraitRenderer]:
    """The same portrait without and with the network."""
    return PortraitRenderer(photo, refine_mouth=False), PortraitRenderer(photo)


def saying(photo: Portrait, **wanted: float) -> np.ndarray:
    scores = photo.face.blendshapes.copy()
    for name, value in wanted.items():
        scores[SHAPE[name]] = value
    return scores


def lips(renderer: PortraitRenderer) -> np.ndarray:
    return renderer.mesh.rest[list(LIPS), :2]


def test_lips_that_touch_are_left_as_they_are(
    photo: Portrait, renderers: tuple[PortraitRenderer, PortraitRenderer]
) -> None:
    scores = saying(photo, jawOpen=0.0)
    plain, refined = (renderer.render_frame(scores, *STILL)[0] for renderer in renderers)
    assert np.array_equal(plain, refined)


def test_only_the_crop_changes_and_it_fades_out_towards_its_border(
    photo: Portrait, renderers: tuple[PortraitRenderer, PortraitRenderer]
) -> None:
    scores = saying(photo, jawOpen=0.35, mouthClose=0.0)
    plain, refined = (renderer.render_frame(scores, *STILL)[0] for renderer in renderers)
    change = np.abs(plain.astype(int) - refined).max(2).astype(np.float32)
    transform = renderers[1].refiner.crop_transform(lips(renderers[1]))
    seen = cv2.warpAffine(change, transform, (refiner.WIDTH, refiner.HEIGHT))
    assert seen.max() > 5
    assert max(seen[:2].max(), seen[-2:].max(), seen[:, :2].max(), seen[:, -2:].max()) <= 2
    changed = np.argwhere(change)[:, ::-1] @ transform[:, :2].T + transform[:, 2]
    assert (changed > -1).all() and (changed < (refiner.WIDTH, refiner.HEIGHT)).all()


def test_a_sliver_more_of_opening_changes_little(
    photo: Portrait, renderers: tuple[PortraitRenderer, PortraitRenderer]
) -> None:
    """No flicker: what is added to one frame is added to the next."""
    added = []
    for jaw in (0.250, 0.254):
        plain, refined = (
            r.render_frame(saying(photo, jawOpen=jaw, mouthClose=0), *STILL)[0] for r in renderers
        )
        added.append(cv2.blur(refined.astype(np.float32) - plain, (5, 5)))
    assert np.abs(added[1] - added[0]).max() < 0.25 * np.abs(added[0]).max()


def test_the_same_bytes_again(photo: Portrait, renderers: tuple[PortraitRenderer, PortraitRenderer]) -> None:
    scores = saying(photo, jawOpen=0.3, mouthClose=0.0)
    assert np.array_equal(
        renderers[1].render_frame(scores, *STILL)[0], PortraitRenderer(photo).render_frame(scores, *STILL)[0]
    )


def test_the_crop_follows_the_head(renderers: tuple[PortraitRenderer, PortraitRenderer]) -> None:
    renderer = renderers[1]
    rest = lips(renderer).astype(np.float64)
    angle, shift = np.radians(12), np.array([30.0, -14.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = 1.1 * (rest - rest.mean(0)) @ turn.T + rest.mean(0) + shift
    before, after = renderer.refiner.crop_transform(rest), renderer.refiner.crop_transform(moved)
    assert np.allclose(rest @ before[:, :2].T + before[:, 2], moved @ after[:, :2].T + after[:, 2], atol=1e-6)


@pytest.mark.parametrize("times", [2, 3])
def test_a_larger_photo_gives_the_same_crop(
    photo: Portrait, renderers: tuple[PortraitRenderer, PortraitRenderer], times: int
) -> None:
    transform = renderers[1].refiner.crop_transform(lips(renderers[1]))
    large = cv2.resize(photo.image, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    half = transform[:, :2].sum(1) * (times - 1) / times / 2
    there = np.column_stack([transform[:, :2] / times, transform[:, 2] - half])
    one, other = refiner.crop_mouth(photo.image, transform), refiner.crop_mouth(large, there)
    assert np.abs(one.astype(int) - other).mean() < 2.5


def test_a_mouth_outside_the_image_is_no_error(
    photo: Portrait, renderers: tuple[PortraitRenderer, PortraitRenderer]
) -> None:
    scores, away = saying(photo, jawOpen=0.4, mouthClose=0.0), np.array([0.0, 6.0])
    plain, refined = (renderer.render_frame(scores, np.zeros(3), away)[0] for renderer in renderers)
    assert plain.shape == refined.shape


def test_a_zero_output_changes_nothing() -> None:
    planes = refiner.correction_fields(np.zeros((5, 28, 40), np.float32), refiner.MAX_CORRECTION)
    assert np.array_equal(planes, np.broadcast_to(np.float32([1, 0, 0, 1, 0]), planes.shape))
    strong = refiner.correction_fields(np.full((5, 28, 40), 50, np.float32), refiner.MAX_CORRECTION)
    assert np.allclose(strong[0], planes[0], atol=1e-3) and np.abs(np.log(strong[..., 0])).max() < 0.5
