"""What the tests of the service share: a visitor's own photo and video."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from pipeline.samples import HOPPER, SAMPLES
from pipeline.video import Writer


@pytest.fixture
def own_photo(tmp_path: Path) -> Path:
    """A photo that nobody has answered for: no sample, as it is a byte longer."""
    photo = tmp_path / "grace.jpg"
    photo.write_bytes(HOPPER.path.read_bytes() + b"\0")
    return photo


@pytest.fixture(scope="session")
def two_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of both samples side by side, the second one smaller."""
    pictures = [cv2.cvtColor(cv2.imread(str(sample.path)), cv2.COLOR_BGR2RGB) for sample in SAMPLES]
    both = np.zeros((600, 860, 3), np.uint8)
    both[:, :512], both[:340, 520:] = pictures[1], cv2.resize(pictures[0], (340, 340))
    photo = tmp_path_factory.mktemp("two") / "two.png"
    PIL.Image.fromarray(both).save(photo)
    return photo


@pytest.fixture(scope="session")
def clip(two_faces: Path) -> Path:
    """Five frames of that picture as a video."""
    path = two_faces.with_suffix(".mp4")
    image = np.array(PIL.Image.open(two_faces))
    with Writer(path, size=(860, 600), fps=25, metadata={}) as writer:
        for _ in range(5):
            writer.write(image)
    return path
