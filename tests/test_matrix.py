"""Every head with every lips engine through the studio, and what the finished file says about it.

All engines are loaded from checkpoints in a Hub folder, once for all tests. Networks are as narrow as their
files allow, and the two renderers that take 10^12 operations per frame are replaced by small ones that return
the photo, so that the lips engines find a face.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import av
import hubrepo
import numpy as np
import pytest
import torch
from heads import flashheadparts, liveportraitparts, sadtalkerparts
from heads.films import film
from lips import parts as lips_parts
from sounds import write_wav

from pipeline import Result, engines, faces, hub, list_engines, render
from pipeline.cards import Card
from pipeline.errors import MotionFileError, PhotoError, StudioError, VideoError
from pipeline.heads.sadtalker import weights as sadtalker_weights
from pipeline.inference import device
from pipeline.lips.latentsync import engine as latentsync_engine
from pipeline.lips.musetalk import engine as musetalk_engine
from pipeline.motion import write_motion
from pipeline.networks.sadtalker_render import MappingNet
from pipeline.types import Motion
from pipeline.video import probe, read_frames, read_sound

FRAMES = 8
"""The shortest recording that is accepted lasts 0.3 s."""
SIDE = 192
"""Side in px of the photo and the video."""

HEADS: dict[str, dict[str, Any]] = {
    "puppet": {"head": "puppet"},
    "footage": {"head": "footage"},
    "liveportrait": {"head": "liveportrait"},
    "sadtalker": {"head": "sadtalker"},
    "sadtalker crop": {"head": "sadtalker", "head_options": {"framing": "crop"}},
    "flashhead": {"head": "flashhead"},
}
LIPS: dict[str, dict[str, Any]] = {
    "own": {},
    "puppet": {"lips": "puppet"},
    "wav2lip": {"lips": "wav2lip"},
    "musetalk": {"lips": "musetalk"},
    "latentsync": {"lips": "latentsync", "lips_options": {"steps": "1", "guidance": "1"}},
}
"""Options of each lips engine; `own` leaves the choice to the studio."""


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Checkpoints for all engines, and an empty model cache."""
    torch.set_num_threads(1)  # many small kernels: a second thread only waits
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(device.DEVICE, "cpu")
        patch.setattr(latentsync_engine, "_SIZE", 128)
        patch.setattr(musetalk_engine, "_PARSED", (128, 128))
        patch.setattr(device, "model_cache", cache(lambda: device.ModelCache(lambda: 1 << 60)))
        patch.setattr(MappingNet, "WIDTH", 32)
        files = {
            **liveportraitparts.use_small_renderer(patch),
            **sadtalker_files(patch),
            **flashheadparts.use_photographic(patch, SIDE),
            **lips_files(),
        }
        hubrepo.use(patch, tmp_path_factory.mktemp("hub"), files)
        yield


def sadtalker_files(patch: pytest.MonkeyPatch) -> dict[str, object]:
    filled = sadtalkerparts.audio_networks()
    patch.setattr(
        sadtalker_weights,
        "empty_networks",
        lambda options: sadtalkerparts.networks(sadtalkerparts.unfilled(), options.framing),
    )
    mappings = {framing: filled[framing] for framing in ("full", "crop")}
    return sadtalkerparts.files(sadtalkerparts.networks(filled), mappings)


def lips_files() -> dict[str, object]:
    return {
        **lips_parts.wav2lip_files(),
        **lips_parts.musetalk_files(),
        **lips_parts.latentsync_files(),
    }


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Path:
    from PIL import Image

    path = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.fromarray(faces.portrait(astronaut, size=SIDE).image).save(path)
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, photo: Path) -> Path:
    return film(tmp_path_factory.mktemp("video") / "video.mp4", [faces.read_image(photo)] * FRAMES)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording as long as the frames."""
    time = np.arange(16_000 * FRAMES // 25) / 16_000
    sound = 0.3 * np.sin(2 * np.pi * 180 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 9 * time))
    return write_wav(tmp_path_factory.mktemp("words") / "words.wav", sound)


def cases() -> Iterator[tuple[str, str]]:
    """Each engine for heads with each for lips; both framings of SadTalker with the choice and some lips.

    What the studio chooses for the footage head, and the lips of the puppet, are tested below.
    """
    elsewhere = {"puppet": list(LIPS)[1:], "footage": ["own"]}
    halves = {"sadtalker": ["musetalk", "latentsync"], "sadtalker crop": ["puppet", "wav2lip"]}
    for head, lips in product(HEADS, LIPS):
        if lips not in (elsewhere | halves).get(head, []):
            yield head, lips


@pytest.mark.parametrize(("head", "lips"), list(cases()))
def test_any_head_with_any_lips(
    head: str, lips: str, photo: Path, video: Path, words: Path, tmp_path: Path
) -> None:
    asked = HEADS[head] | LIPS[lips]
    result = render(
        video if head == "footage" else photo, tmp_path / "talk.mp4", audio=words, consent="me", **asked
    )
    card = engines.card("head", asked["head"])
    spoken_by = asked.get("lips", asked["head"] if card.speaks else "puppet")
    assert (result.head, result.lips, result.faceless) == (asked["head"], spoken_by, 0)
    check_file(result, size=crop_size(photo) if head == "sadtalker crop" else (SIDE, SIDE))


def check_file(
    result: Result, *, size: tuple[int, int], voice: str = "recording", motion: bool = False
) -> None:
    """Picture, sound and metadata of a finished video."""
    images = list(read_frames(result.video))
    assert probe(result.video).size == size
    assert len(images) == FRAMES and all(image.shape[1::-1] == size for image in images)
    if voice != "none":
        sound = sum(len(block) for block in read_sound(result.video, 48_000))
        assert abs(sound - 48_000 * FRAMES // 25) <= 1024, "as long as the picture, but for an AAC frame"
    with av.open(str(result.video)) as container:
        said = container.metadata
    assert (said["head_engine"], said["lips_engine"]) == (result.head, result.lips)
    assert (said["voice"], said["consent"], said["ai_generated"]) == (voice, "me", "true")
    filmed = result.head == "footage"
    assert said["motion"] == ("filmed" if filmed else "file" if motion else "generated")
    assert said["comment"].startswith(
        f"This video is AI-generated: {'the movements of its lips' if filmed else 'its movements'} were made"
    )
    assert "matting_engine" not in said, "nobody was cut out"


def crop_size(photo: Path) -> tuple[int, int]:
    """What SadTalker shows with `framing="crop"`: its own size, with the square's proportions."""
    from pipeline.heads.sadtalker import Options
    from pipeline.heads.sadtalker.engine import Source

    size = Source(faces.portrait(photo), Options(framing="crop")).size
    assert size != (SIDE, SIDE) and size[0] == 256 and size[1] % 2 == 0
    return size


@pytest.mark.parametrize("lips", ["own", "puppet", "wav2lip"])  # the other engines look for faces as this one
def test_frames_without_a_face_are_counted(
    lips: str, photo: Path, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(self: object, features: torch.Tensor) -> torch.Tensor:
        return torch.full((len(features), 3, 512, 512), 0.5)

    monkeypatch.setattr(liveportraitparts.SmallGenerator, "forward", nothing)
    result = render(
        photo, tmp_path / "talk.mp4", audio=words, consent="me", head="liveportrait", **LIPS[lips]
    )
    assert result.faceless == (0 if lips == "own" else FRAMES), "its own mouth needs no face to be found"


def test_lips_take_the_face_that_was_chosen(photo: Path, words: Path, tmp_path: Path) -> None:
    from PIL import Image

    image = faces.read_image(photo)
    larger = np.asarray(Image.fromarray(image).resize((2 * SIDE, 2 * SIDE)))
    pair = np.full((2 * SIDE, 3 * SIDE, 3), 128, np.uint8)
    pair[:, : 2 * SIDE], pair[SIDE // 2 : 3 * SIDE // 2, 2 * SIDE :] = larger, image
    path = tmp_path / "pair.png"
    Image.fromarray(pair).save(path)
    made = {
        lips: render(
            path, tmp_path / f"{lips}.mp4", audio=words, consent="me", face=2, mark=False,
            head="liveportrait", **LIPS[lips],
        )
        for lips in ("own", "wav2lip")
    }  # fmt: skip
    own, other = (next(iter(read_frames(made[lips].video))).astype(int) for lips in ("own", "wav2lip"))
    changed = np.abs(own - other).max(-1) > 40
    assert changed[:, 2 * SIDE :].sum() > 50 * changed[:, : 2 * SIDE].sum()


@pytest.fixture(scope="module")
def motion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A motion file in which the head turns."""
    motions = Motion(25, *(np.zeros((FRAMES, width), np.float32) for width in (52, 3, 2)))
    motions.pose[:, 0] = np.linspace(0, 10, FRAMES)
    path = tmp_path_factory.mktemp("motion") / "motion.csv"
    write_motion(path, [motions])
    return path


def test_a_motion_file_is_played_by_the_puppet(photo: Path, motion: Path, tmp_path: Path) -> None:
    result = render(photo, tmp_path / "talk.mp4", motion_in=motion, consent="me")
    assert (result.head, result.lips, result.faceless) == ("puppet", "puppet", 0)
    check_file(result, size=(SIDE, SIDE), voice="none", motion=True)


@pytest.mark.parametrize("lips", [lips for lips in LIPS if lips != "own"])
def test_lips_on_a_played_motion_file(
    lips: str, photo: Path, motion: Path, words: Path, tmp_path: Path
) -> None:
    result = render(photo, tmp_path / "talk.mp4", motion_in=motion, audio=words, consent="me", **LIPS[lips])
    assert (result.head, result.lips, result.faceless) == ("puppet", lips, 0)
    check_file(result, size=(SIDE, SIDE), motion=True)


@pytest.fixture
def no_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails on any access to weights."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("weights were asked for")

    for name in ("pull", "fetch", "find"):
        monkeypatch.setattr(hub, name, refuse)


def refusal(kind: type[StudioError], *arguments: Any, **options: Any) -> StudioError:
    with pytest.raises(kind) as caught:
        render(*arguments, consent="me", **options)
    sentence = str(caught.value)
    assert sentence.endswith(".") and ". " not in sentence and "\n" not in sentence
    assert not Path(arguments[1]).exists()
    return caught.value


@pytest.mark.usefixtures("no_downloads")
@pytest.mark.parametrize(
    "card",
    [card for card in list_engines() if card.layer == "head" and not card.plays_motion],
    ids=lambda card: card.name,
)
def test_other_heads_refuse_a_motion_file(
    card: Card, photo: Path, video: Path, motion: Path, tmp_path: Path
) -> None:
    subject = video if card.subjects == ("video",) else photo
    error = refusal(MotionFileError, subject, tmp_path / "talk.mp4", motion_in=motion, head=card.name)
    assert error.parameter == "motion_in"


@pytest.mark.usefixtures("no_downloads")
@pytest.mark.parametrize("head", ["puppet", "liveportrait", "sadtalker", "flashhead", "flashhead_lite"])
def test_heads_for_photos_refuse_a_video(head: str, video: Path, words: Path, tmp_path: Path) -> None:
    error = refusal(VideoError, video, tmp_path / "talk.mp4", audio=words, head=head)
    assert "'footage'" in str(error) and error.parameter == "head"


@pytest.mark.usefixtures("no_downloads")
def test_the_head_for_videos_refuses_a_photo(photo: Path, words: Path, tmp_path: Path) -> None:
    refusal(PhotoError, photo, tmp_path / "talk.mp4", audio=words, head="footage")


def test_a_video_takes_the_footage_head_by_itself(video: Path, words: Path, tmp_path: Path) -> None:
    result = render(video, tmp_path / "talk.mp4", audio=words, consent="me")
    assert (result.head, result.lips) == ("footage", "puppet")
    check_file(result, size=(SIDE, SIDE))
