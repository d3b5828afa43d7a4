"""The main job on real input, from a photo and words to the pixels and the sound of the finished file."""

from __future__ import annotations

import threading
from pathlib import Path

import av
import numpy as np
import pytest
from sounds import write_wav

from pipeline import Chunk, Progress, Result, render, stream
from pipeline.errors import ConsentError, OutputError, TextError, UnknownNameError
from pipeline.motion import read_motion
from pipeline.types import SHAPE
from pipeline.video import probe, read_frames, read_sound

TEXT = "Maybe Bob can bring my big map."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> tuple[Result, list]:
    folder = tmp_path_factory.mktemp("made")
    seen = list(
        stream(
            astronaut,
            folder / "clip.mp4",
            text=TEXT,
            size=256,
            captions="srt",
            motion=folder / "clip.csv",
            consent="permission",
            preview=True,
        )
    )
    return seen[-1], seen


def test_picture_and_sound_end_together(made: tuple[Result, list]) -> None:
    result, _ = made
    info = probe(result.video)
    sound = sum(len(block) for block in read_sound(result.video, 48_000)) / 48_000
    assert info.size == (256, 256)
    assert info.fps == 25
    assert 1.2 < info.duration < 5
    assert abs(sound - info.duration) <= 1 / 25
    assert result.duration == pytest.approx(info.duration, abs=1 / 25)


def test_progress_never_goes_back_and_previews_come_before_the_end(made: tuple[Result, list]) -> None:
    _, seen = made
    fractions = [event.fraction for event in seen if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0 and fractions[-1] > 0.9
    kinds = [type(event) for event in seen]
    assert Chunk in kinds and kinds.index(Chunk) < kinds.index(Result)


def test_the_mouth_in_the_pixels_follows_the_motion_file(made: tuple[Result, list]) -> None:
    from pipeline import faces

    result, _ = made
    motion = read_motion(result.motion)
    tracked = list(faces.track(read_frames(result.video), 25))
    gap = np.array([np.linalg.norm(f.landmarks[13] - f.landmarks[14]) / f.interocular for f in tracked])
    assert len(motion) == len(gap)
    assert np.corrcoef(motion.blendshapes[:, SHAPE["jawOpen"]], gap)[0, 1] > 0.6


def test_captions_say_the_words(made: tuple[Result, list]) -> None:
    result, _ = made
    assert TEXT in " ".join(result.captions.read_text(encoding="utf-8").split("\n"))


def test_a_motion_file_plays_again(made: tuple[Result, list], astronaut: Path, tmp_path: Path) -> None:
    result, _ = made
    again = render(astronaut, tmp_path / "again.mp4", motion_in=result.motion, size=256, consent="permission")
    assert (again.head, again.lips) == ("puppet", "puppet")
    first = np.stack(list(read_frames(result.video))).astype(float)
    second = np.stack(list(read_frames(again.video))).astype(float)
    assert first.shape == second.shape
    assert np.abs(first - second).mean() < 1.6  # two encodings of nearly the same frames


def test_same_seed_same_frames(astronaut: Path, tmp_path: Path) -> None:
    clips = [
        render(astronaut, tmp_path / f"{seed}{turn}.mp4", text="Hi.", size=128, seed=seed, consent="me")
        for turn, seed in enumerate((3, 3, 4))
    ]
    frames = [np.stack(list(read_frames(clip.video))) for clip in clips]
    assert np.array_equal(frames[0], frames[1])
    assert frames[0].shape != frames[2].shape or not np.array_equal(frames[0], frames[2])


@pytest.mark.parametrize(
    ("transcript", "language"),
    [(None, "und"), ("La reunión empieza a las nueve y todos están invitados.", "spa"), ("Hm hm hm.", "und")],
)
def test_a_recording_is_spoken_for_its_own_length_and_its_track_tells_a_known_language(
    astronaut: Path, tmp_path: Path, transcript: str | None, language: str
) -> None:
    time = np.arange(int(1.5 * 16_000)) / 16_000
    babble = 0.4 * np.sin(2 * np.pi * 140 * time) * (np.sin(2 * np.pi * 4 * time) > 0)
    sound = write_wav(tmp_path / "babble.wav", babble)
    talk = tmp_path / "talk.mp4"
    result = render(astronaut, talk, text=transcript, audio=sound, size=128, consent="me")
    assert result.duration == pytest.approx(1.5, abs=1 / 25)
    with av.open(str(talk)) as box:
        assert box.streams.audio[0].metadata["language"] == language


def test_cancelling_leaves_nothing_behind(made: tuple[Result, list], astronaut: Path, tmp_path: Path) -> None:
    """After a first render, whose pools of threads stay."""
    threads = threading.active_count()
    folder = tmp_path / "out"
    folder.mkdir()
    events = stream(astronaut, folder / "clip.mp4", text=TEXT * 5, size=128, consent="me")
    for event in events:
        if isinstance(event, Progress) and event.stage == "animation":
            break
    events.close()
    assert list(folder.iterdir()) == []
    assert threading.active_count() <= threads + 1


def test_consent_is_asked_for_once(astronaut: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(astronaut.read_bytes() + b"\0")
    clip = tmp_path / "clip.mp4"
    with pytest.raises(ConsentError):
        render(photo, clip, text="Hi.", size=128)
    render(photo, tmp_path / "first.mp4", text="Hi.", size=128, consent="permission")
    assert render(photo, clip, text="Hi.", size=128).video.exists()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"style": "clam"}, UnknownNameError),
        ({"voice": "jo"}, UnknownNameError),
        ({"head": "pupet"}, UnknownNameError),
        ({"text": None}, TextError),
        ({"text": "🙂🙂"}, TextError),
    ],
)
def test_bad_requests_are_one_sentence(astronaut: Path, tmp_path: Path, change: dict, error: type) -> None:
    request = {"text": "Hi.", "size": 128, "consent": "me", **change}
    with pytest.raises(error) as caught:
        render(astronaut, tmp_path / "clip.mp4", **request)
    assert str(caught.value).endswith((".", "?"))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "clip.mp4").exists()


def test_an_existing_output_is_kept(astronaut: Path, tmp_path: Path) -> None:
    output = tmp_path / "clip.mp4"
    output.write_bytes(b"precious")
    with pytest.raises(OutputError) as caught:
        render(astronaut, output, text="Hi.", consent="me")
    assert caught.value.parameter == "overwrite"
    assert output.read_bytes() == b"precious"


def test_words_that_the_voice_cannot_speak_are_named(astronaut: Path, tmp_path: Path) -> None:
    result = render(astronaut, tmp_path / "talk.mp4", text="Good morning, 王明.", size=128, consent="me")
    assert any("王明" in note for note in result.notes)
