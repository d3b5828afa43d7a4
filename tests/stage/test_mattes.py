"""The matting engines: which one runs, and BiRefNet from its file to the cut-out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import hubrepo
import numpy as np
import pytest
import torch
from parity import filling

from pipeline import engines, spec, studio
from pipeline.errors import CheckpointError, MemoryShortageError
from pipeline.faces import portrait
from pipeline.inference import device
from pipeline.inference.placement import PRECISION, Placement
from pipeline.networks import birefnet
from pipeline.plan import check
from pipeline.samples import COLLINS
from pipeline.script import document
from pipeline.script.checking import with_matting
from pipeline.script.reading import script_of
from pipeline.script.shots import shots
from pipeline.spec import Output, Scene
from pipeline.stage import mattes
from pipeline.stage.frame_matting import FrameMatte
from pipeline.stage.mattes.birefnet import load
from pipeline.stage.mattes.network import BiRefNetMatting, _of_person
from pipeline.stage.matting import cut_out
from pipeline.types import Portrait

NARROW = birefnet.Widths(
    swin=8, depths=(2, 2, 2, 2), heads=(1, 2, 4, 8), window=4, inner=16, pyramid=16, gradient=4
)
SIZE = 128


@pytest.fixture(scope="module")
def photo() -> Portrait:
    return portrait(COLLINS.path, size=256)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A narrow network as the published file, which is on this machine."""
    torch.set_num_threads(1)
    made = filling.fill(birefnet.BiRefNet(NARROW), keep=("relative_position_index",))
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    monkeypatch.setattr(birefnet, "BiRefNet", partial(birefnet.BiRefNet, NARROW))
    monkeypatch.setattr(birefnet, "SIZE", SIZE)
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in made.state_dict().items()
    }
    hubrepo.use(monkeypatch, tmp_path, {"birefnet": state})
    yield
    device.model_cache().clear()


@pytest.mark.usefixtures("published")
def test_auto_is_birefnet_where_there_is_a_gpu_and_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert mattes.chosen("auto") == "embedded"
    monkeypatch.setattr(device, "pick", lambda: torch.device("cuda"))
    assert mattes.chosen("auto") == "birefnet"
    assert mattes.chosen("embedded") == "embedded"
    scene = Scene(subject=COLLINS.path, text="Hi.", consent="fictional")
    transparent = check(scene, Output(path=tmp_path / "talk.webm", background="transparent"))
    assert transparent.matting is not None
    assert transparent.matting.card.name == "birefnet"
    assert transparent.downloads == ["birefnet"]
    assert check(scene, Output(path=tmp_path / "talk.mp4")).matting is None
    hubrepo.point_at(monkeypatch, tmp_path / "empty", offline=True)
    assert mattes.chosen("auto") == "embedded"


def test_without_the_file_the_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hubrepo.point_at(monkeypatch, tmp_path, offline=True)
    with pytest.raises(CheckpointError, match="matting engine birefnet needs a 444 MB download, but"):
        engines.load("matting", "birefnet")


@pytest.mark.usefixtures("published")
def test_auto_does_without_birefnet_where_memory_is_too_small(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def lacking(self: BiRefNetMatting, images: list[np.ndarray]) -> list[np.ndarray]:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    for module in (mattes, spec, document):
        monkeypatch.setattr(module, "chosen", lambda asked: "birefnet" if asked == "auto" else asked)
    assert mattes.settled("auto") == "birefnet"
    monkeypatch.setattr(BiRefNetMatting, "_alphas", lacking)
    assert mattes.settled("auto") == "embedded"
    assert mattes.settled("birefnet") == "birefnet"
    with pytest.raises(MemoryShortageError):
        engines.load("matting", "birefnet").frame(np.zeros((64, 64, 3), np.uint8))
    scene = Scene(subject=COLLINS.path, text="Hi.", consent="fictional")
    files = Output(path=tmp_path / "talk.webm", background="transparent", size=128)
    plan = studio._settled(check(scene, files))
    assert plan.matting is not None and plan.matting.card.name == "embedded"
    assert "too small for BiRefNet" in mattes.notes("auto", "embedded")[0]
    assert mattes.notes("auto", "birefnet") == mattes.notes("auto", None) == ()
    values = {
        "output": {"path": "film.mp4"},
        "presenters": {"host": {"subject": str(COLLINS.path), "consent": "fictional"}},
        "scenes": [{"background": "#204060", "lines": ["Hi."]}],
    }
    script = script_of(values)
    assert with_matting(script, shots(script)).output.matting == "embedded"


@pytest.mark.usefixtures("published")
def test_a_photo_has_the_networks_alpha_at_its_own_size(photo: Portrait) -> None:
    cut = cut_out(photo, engines.load("matting", "birefnet"))
    assert cut.alpha is not None
    assert cut.alpha.shape == photo.image.shape[:2]
    assert np.abs(cut.alpha.astype(int) - cut_out(photo).alpha).mean() > 5


@pytest.mark.usefixtures("published")
def test_half_precision_gives_the_same_alpha(photo: Portrait, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = load().frame(photo.image)
    choose = Placement.choose

    def chosen(where: torch.device, *, half: bool, bfloat16: bool = False) -> Placement:
        return replace(choose(torch.device("cuda"), half=half), where=where)

    monkeypatch.setenv(PRECISION, "float16")
    monkeypatch.setattr(Placement, "choose", chosen)
    quick = load()
    assert next(quick._network.parameters()).dtype == torch.float16
    apart = np.abs(quick.frame(photo.image) - exact)
    assert np.percentile(apart, 99) < 0.02


def test_things_apart_from_the_person_are_left_out() -> None:
    alpha, confidence = np.zeros((100, 100), np.float32), np.zeros((100, 100), np.float32)
    cv2.rectangle(alpha, (20, 20), (60, 99), 1.0, -1)
    cv2.rectangle(confidence, (22, 24), (58, 99), 1.0, -1)
    alpha[16:18, 40] = 0.4  # a strand that touches nothing
    alpha[50:70, 85:95] = 0.9  # a lamp
    kept = _of_person(alpha, confidence)
    assert kept[50:70, 85:95].max() == 0
    kept[50:70, 85:95] = alpha[50:70, 85:95]
    assert (kept == alpha).all()


class _Flickering:
    """A matting engine whose alpha goes up and down."""

    longest = 64

    def __init__(self) -> None:
        self._count = 0

    def photo(self, image: np.ndarray, unit: float) -> np.ndarray:
        return self.frame(image)

    def frame(self, small: np.ndarray) -> np.ndarray:
        self._count += 1
        return np.full(small.shape[:2], 0.4 + 0.2 * (self._count % 2), np.float32)

    def finished(self, alpha: np.ndarray, small: np.ndarray, image: np.ndarray) -> np.ndarray:
        return cv2.resize(alpha, image.shape[1::-1])


def test_what_stands_still_is_steady_and_what_moves_is_not() -> None:
    matte = FrameMatte(None, _Flickering())
    picture = np.full((96, 128, 3), 90, np.uint8)
    still = [matte.cut(picture)[1].mean() for _ in range(6)]
    assert np.abs(np.diff(still)).max() < 0.06
    moved = matte.cut(picture + 60)[1].mean()
    assert abs(moved - still[-1]) > 0.08
