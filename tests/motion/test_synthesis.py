"""Motion from speech: at rest at both ends, continuous across parts, lips that meet where they must."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipeline.motion import perform, statistics, window
from pipeline.motion.blendshape_groups import MOUTH, OPENING, columns
from pipeline.motion.eyes import Eyes
from pipeline.motion.personality import draw
from pipeline.motion.prosody import phrase_ends
from pipeline.motion.sound_encoder import SoundEncoder
from pipeline.puppet.geometry.basis import face_basis
from pipeline.speech import speak
from pipeline.types import BLENDSHAPES, RATE, SHAPE, STYLES, Face, Motion, Speech, Style

TEXT = "Bob bought five warm apples. Maybe we should move the map, Mum! People who vote save their money."


@pytest.fixture(scope="module", autouse=True)
def heard_once() -> Iterator[None]:
    """Spectra and encoded sound depend on the samples alone, so that all seeds and styles share them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "log_mel", remembered(window.log_mel, lambda samples, rate: (rate, samples)))
        call = remembered(SoundEncoder.__call__, lambda encoder, samples: (id(encoder), samples))
        patch.setattr(SoundEncoder, "__call__", call)
        yield


def remembered(
    function: Callable[..., np.ndarray], key: Callable[..., tuple[int, np.ndarray]]
) -> Callable[..., np.ndarray]:
    """`function`, called once for each sound."""
    found: dict[tuple[int, bytes], np.ndarray] = {}

    def called(*given: object) -> np.ndarray:
        number, samples = key(*given)
        if (known := (number, samples.tobytes())) not in found:
            found[known] = function(*given)
            found[known].flags.writeable = False
        return found[known]

    return called


@pytest.fixture(scope="module")
def speech() -> list[Speech]:
    return list(speak(TEXT))


@pytest.fixture(scope="module")
def talk(speech: list[Speech]) -> list[Speech]:
    """A quarter of a minute of speech."""
    return speech * 3


@pytest.fixture(scope="module")
def silence() -> list[Speech]:
    return [Speech(np.zeros(48_000 * 10, np.float32)) for _ in range(3)]


@pytest.fixture
def smile() -> Face:
    scores = np.zeros(len(BLENDSHAPES), np.float32)
    scores[columns("smile")] = 0.8
    scores[columns("upper")] = 0.4
    scores[columns("lower")] = 0.2
    scores[SHAPE["browDownLeft"]] = 0.1
    return Face(np.zeros((478, 3), np.float32), scores, np.zeros(3, np.float32))


@pytest.fixture(scope="module")
def performed(talk: list[Speech]) -> Callable[..., Motion]:
    """How the head moves in a quarter of a minute, by style: each is made once."""
    return cache(lambda **style: whole(perform(talk, Style(**style), speaking=False)))


def whole(motions: Iterator[Motion]) -> Motion:
    motions = list(motions)
    fields = ("blendshapes", "pose", "shift")
    return Motion(motions[0].fps, *(np.concatenate([getattr(m, name) for m in motions]) for name in fields))


@pytest.mark.parametrize("fps", [24, 25, 60])
def test_a_row_for_each_frame(speech: list[Speech], fps: int) -> None:
    counts = [int(part.duration * fps) for part in speech]
    parts = [Speech(part.samples[: n * RATE // fps]) for part, n in zip(speech, counts, strict=True)]
    motions = list(perform(parts, Style(fps=fps)))
    assert sum(map(len, motions)) == sum(counts)
    for motion in motions:
        assert motion.fps == fps
        assert motion.blendshapes.dtype == motion.pose.dtype == motion.shift.dtype == np.float32
        assert motion.blendshapes.min() >= 0
        assert motion.blendshapes.max() <= 1
        assert np.isfinite(motion.pose).all()


def test_same_seed_same_bytes_and_another_seed_another_head(speech: list[Speech]) -> None:
    one, same, other = (whole(perform(speech, Style(seed=seed))) for seed in (3, 3, 4))
    assert one.blendshapes.tobytes() == same.blendshapes.tobytes()
    assert one.pose.tobytes() == same.pose.tobytes()
    assert np.abs(one.pose - other.pose).max() > 0.5
    mouths = (motion.blendshapes[:, SHAPE["jawOpen"]] for motion in (one, other))
    assert np.corrcoef(*mouths)[0, 1] > 0.97


@pytest.mark.parametrize("emotion", ["neutral", "warm", "serious", "excited"])
def test_begins_and_ends_in_the_subjects_own_pose_at_rest(
    speech: list[Speech], smile: Face, emotion: str
) -> None:
    motion = whole(perform(speech, Style(emotion=emotion), rest=smile))
    for end, next_to_it in ((0, 1), (-1, -2)):
        assert np.allclose(motion.blendshapes[end], smile.blendshapes, atol=1e-6)
        assert np.allclose(motion.pose[end], 0, atol=1e-6)
        assert np.allclose(motion.shift[end], 0, atol=1e-6)
        assert np.abs(motion.pose[next_to_it]).max() < 0.05


def test_head_runs_on_over_the_joins(speech: list[Speech]) -> None:
    motions = list(perform(speech, STYLES["lively"]))
    steps = np.abs(np.diff(whole(iter(motions)).pose, axis=0)).max(1)
    joins = np.cumsum([len(motion) for motion in motions])[:-1] - 1
    assert steps[joins].max() <= np.percentile(steps, 99)
    assert steps.max() < 4.5


def test_all_but_a_parts_end_comes_before_the_next_part_is_read(speech: list[Speech]) -> None:
    read = 0.0

    def parts() -> Iterator[Speech]:
        nonlocal read
        for part in speech * 3:
            read += part.duration
            yield part

    made = 0
    for motion in perform(parts(), Style()):
        made += len(motion)
        assert read - made / motion.fps <= 0.8 + 1e-6
    assert made / motion.fps == pytest.approx(read)


def test_styles_scale_the_head(speech: list[Speech]) -> None:
    def moved(style: Style) -> float:
        styles = (replace(style, seed=seed) for seed in range(4))
        return float(np.mean([whole(perform(speech, one, speaking=False)).pose.std() for one in styles]))

    still, calm, lively = (moved(STYLES[name]) for name in ("still", "calm", "lively"))
    assert still < 0.6 * calm < calm < lively
    assert np.abs(whole(perform(speech, Style(head=0))).pose).max() == 0


def test_lips_stay_the_subjects_own_when_it_does_not_speak(speech: list[Speech], smile: Face) -> None:
    motion = whole(perform(speech, Style(emotion="warm"), rest=smile, speaking=False))
    mouth = list(MOUTH)
    assert np.array_equal(motion.blendshapes[:, mouth], np.tile(smile.blendshapes[mouth], (len(motion), 1)))
    assert np.abs(motion.pose).max() > 0.5


@pytest.mark.parametrize("emotion", ["neutral", "warm", "serious", "excited"])
@pytest.mark.parametrize("fps", [25, 30])
def test_lips_meet_in_every_p_b_and_m(speech: list[Speech], smile: Face, emotion: str, fps: int) -> None:
    motion = whole(perform(speech, Style(fps=fps, emotion=emotion), rest=smile))
    met, firm, pressed, start = [], [], [], 0
    aperture = face_basis().aperture
    for part in speech:
        gaps = aperture.predict(motion.blendshapes[start : start + part.frames(fps)])
        parted = motion.blendshapes[start : start + part.frames(fps), columns(*OPENING)].max(1)
        press = motion.blendshapes[start : start + part.frames(fps), columns("press")].mean(1)
        start += part.frames(fps)
        for phone in part.phones:
            if phone.label in ("p", "b", "m") and phone.start > 0.25 and phone.end < part.duration - 0.2:
                near = np.arange(len(parted)) / fps - (phone.start + phone.end) / 2
                met.append(parted[np.abs(near) < 0.06].min() < 0.04)
                firm.append(gaps[np.abs(near) < 0.06].min())
                pressed.append(press[np.abs(near) < 0.06].max())
    assert len(met) >= 8
    assert all(met)
    assert np.median(firm) < -0.02, "a smile keeps lips from being pressed"
    assert emotion == "neutral" or np.median(pressed) > 0.25


def test_mouth_opens_on_vowels_and_rounds_on_w(speech: list[Speech]) -> None:
    part = speech[0]
    motion = whole(perform([part], Style()))
    opening = motion.blendshapes[:, columns("jaw", "lower")].mean(1)
    assert opening.max() > 0.1
    rounded = motion.blendshapes[:, SHAPE["mouthPucker"]]
    for phone in part.phones:
        if phone.label == "w":
            assert rounded[int((phone.start + phone.end) / 2 * 25)] > 0.35


def test_noise_is_no_speech() -> None:
    noise = np.random.default_rng(1).normal(0, 0.03, 48_000 * 5).astype(np.float32)
    motion = whole(perform([Speech(noise)], Style()))
    assert motion.blendshapes[:, columns(*OPENING)].max() < 0.03


def test_silence_is_closed_breathing_and_alive(silence: list[Speech]) -> None:
    motion = whole(perform(silence, Style()))
    assert motion.blendshapes[:, columns(*OPENING)].max() < 0.03
    lids = motion.blendshapes[:, [SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]]
    starts = np.flatnonzero(np.diff((lids.min(1) > 0.9).astype(int)) == 1)
    assert 4 <= len(starts) <= 20
    assert motion.shift[:, 1].std() > 0.001
    assert 0.05 < motion.pose.std() < 3


def test_blinks_close_fast_and_open_slower(silence: list[Speech]) -> None:
    lids = whole(perform(silence, Style(fps=60, expression=0))).blendshapes[:, SHAPE["eyeBlinkLeft"]]
    shut = int(np.argmax(lids))
    closing = np.count_nonzero(lids[shut - 15 : shut] > 0.3)
    opening = np.count_nonzero(lids[shut : shut + 20] > 0.3)
    assert lids[shut] > 0.98
    assert 0.05 <= (closing + opening) / 60 <= 0.4
    assert opening > closing


def test_parts_of_one_frame_or_none_have_motion_too() -> None:
    parts = [Speech(np.zeros(1920 * frames, np.float32)) for frames in (1, 0, 2, 40, 0)]
    assert len(whole(perform(parts, Style()))) == 43
    assert list(perform(parts[1:2], Style())) == []


def test_no_speech_is_no_motion() -> None:
    assert list(perform([], Style())) == []


def test_no_two_seeds_dance_alike(performed: Callable[..., Motion]) -> None:
    seeds = [performed(seed=seed).pose for seed in range(8)]
    for axis in range(3):
        found = np.abs(np.corrcoef([pose[:, axis] for pose in seeds]))[np.triu_indices(8, 1)]
        assert np.median(found) < 0.3 and found.max() < 0.75


def test_seeds_differ_in_how_much_they_move(performed: Callable[..., Motion]) -> None:
    motions = [performed(seed=seed) for seed in range(10)]
    turns = np.array([motion.pose.std(0) for motion in motions])
    brows = np.array([motion.blendshapes[:, SHAPE["browInnerUp"]].std() for motion in motions])
    assert ((turns > 0.3) & (turns < 7)).all() and ((brows > 0.01) & (brows < 0.4)).all()
    assert (turns.max(0) > 1.5 * turns.min(0)).all() and brows.max() > 1.5 * brows.min()
    assert (np.median(turns, 0) > 1).all() and (np.median(turns, 0) < 4).all()


def test_blinks_are_as_many_as_peoples_and_never_more_than_asked(performed: Callable[..., Motion]) -> None:
    def rate(**style: float) -> float:
        motion = performed(**style)
        lids = motion.blendshapes[:, SHAPE["eyeBlinkLeft"]] > 0.4
        return 60 * np.count_nonzero(lids[1:] & ~lids[:-1]) / (len(motion) / motion.fps)

    rates = [rate(seed=seed) for seed in range(12)]
    assert 20 < np.mean(rates) < 50 and max(rates) < 90
    assert rate(seed=0, blinks=0.0) == 0
    assert np.mean([rate(seed=seed, blinks=2.0) for seed in range(12)]) > 1.25 * np.mean(rates)


def test_tempo_changes_when_things_happen(performed: Callable[..., Motion]) -> None:
    def pace(**style: float | str) -> float:
        poses = [performed(seed=seed, **style).pose for seed in range(4)]
        return float(np.mean([np.diff(pose, axis=0).std() / pose.std() for pose in poses]))

    assert pace(tempo=0.7) < 0.9 * pace() < pace(tempo=1.3)
    assert pace(emotion="excited") > 1.05 * pace()


def test_brows_move_as_far_as_peoples(performed: Callable[..., Motion]) -> None:
    brows = [performed(seed=seed).blendshapes[:, SHAPE["browInnerUp"]].std() for seed in range(10)]
    assert 0.05 < np.median(brows) < 0.13  # 59 tracked speakers: 0.085


@pytest.mark.parametrize("own", [(0.0, 0.0, 0.0), (-24.0, 5.0, 4.0), (5.0, 20.0, -12.0)])
def test_a_turned_photo_is_turned_less(talk: list[Speech], own: tuple[float, float, float]) -> None:
    face = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), np.array(own, np.float32))
    styles = (replace(STYLES["lively"], emotion="excited", seed=seed) for seed in range(3))
    poses = [whole(perform(talk, style, rest=face, speaking=False)).pose for style in styles]
    poses = np.concatenate(poses)
    farthest = np.abs(poses).max(0)
    assert (farthest <= [11, 10, 9]).all()
    assert farthest[0] <= max(11 - 0.15 * abs(own[0]), 6) and farthest[1] <= max(10 - 0.25 * abs(own[1]), 4)
    back = poses[:, 0] * -np.sign(own[0] or 1)  # what the photo does not show would come into view
    assert back.max() <= max(11 - 0.45 * abs(own[0]), 3)


def test_lids_squint_in_a_blink_heads_move_faster_in_speech_and_bodies_lean_with_them(
    talk: list[Speech], performed: Callable[..., Motion]
) -> None:
    motion = performed(seed=5, blinks=2.0)
    lids, squint = (motion.blendshapes[:, SHAPE[name]] for name in ("eyeBlinkLeft", "eyeSquintLeft"))
    assert squint[lids > 0.8].mean() > squint[lids < 0.2].mean() + 0.2
    quiet = [Speech(np.zeros_like(part.samples)) for part in talk]
    spoken = np.mean([performed(seed=seed).pose.std() for seed in range(4)])
    silent = np.mean(
        [whole(perform(quiet, Style(seed=seed), speaking=False)).pose.std() for seed in range(4)]
    )
    assert spoken > 1.3 * silent > 0
    played = [performed(seed=seed) for seed in range(4)]
    aside = np.concatenate([motion.shift[:, 0] for motion in played])
    roll = np.concatenate([motion.pose[:, 2] for motion in played])
    assert 0.04 < aside.std() < 0.09 and np.corrcoef(aside, roll)[0, 1] > 0.1


def test_at_the_end_of_a_phrase_eyes_and_head_come_back_to_the_camera(talk: list[Speech]) -> None:
    windows = list(window.speech_windows(talk, 25))
    ends = np.concatenate([phrase_ends(each) for each in windows])
    assert len(ends) >= 6 and (np.diff(ends) > 0.2).all()
    paused = np.unique(np.round((ends[:, None] + [0.3, 0.4, 0.5]) * 25).astype(int))
    near, all_along = [], []
    for seed in range(4):
        eyes = Eyes(np.random.default_rng(seed), draw(np.random.default_rng(seed), statistics.load()))
        motion = whole(perform(talk, Style(seed=seed), speaking=False))
        gaze = np.concatenate([_gaze(eyes, each) for each in windows])
        turned = np.abs(np.column_stack([gaze, motion.pose[:, 0] - np.median(motion.pose[:, 0])]))
        near.append(turned[paused[paused < len(turned)]].mean(0))
        all_along.append(turned.mean(0))
    share = np.mean(near, 0) / np.mean(all_along, 0)
    assert share[0] < 0.5 and share[2] < 0.85


def _gaze(eyes: Eyes, of: window.SpeechWindow) -> np.ndarray:
    """`(T, 2)` where the eyes look while the head is still."""
    eyes.glance(of)
    scores = np.zeros((of.count, len(BLENDSHAPES)))
    eyes.add(of, np.zeros((of.count, 3)), scores)
    left, right, up, down = (scores[:, SHAPE[f"eyeLook{way}Left"]] for way in ("Out", "In", "Up", "Down"))
    return np.column_stack([left - right, up - down])


def test_eyes_stay_on_the_camera_as_the_head_turns_and_its_lids_stay_open(silence: list[Speech]) -> None:
    quiet = next(iter(window.speech_windows(silence, 25)))
    performer = draw(np.random.default_rng(0), statistics.load())
    poses = [np.tile(pose, (quiet.count, 1)) for pose in ([0.0, 0, 0], [6.0, -6, 0])]
    facing, turned = (np.zeros((quiet.count, len(BLENDSHAPES))) for _ in poses)
    for scores, pose in zip((facing, turned), poses, strict=True):
        eyes = Eyes(np.random.default_rng(1), performer, expression=0)
        eyes.glance(quiet)
        eyes.add(quiet, pose, scores)
    change = turned[10] - facing[10]
    assert change[SHAPE["eyeLookInLeft"]] > 0.15 and change[SHAPE["eyeLookDownLeft"]] > 0.1
    assert np.array_equal(turned[:, SHAPE["eyeBlinkLeft"]], facing[:, SHAPE["eyeBlinkLeft"]])


def test_the_head_goes_along_with_a_look_away_and_blinks_come_at_turns(talk: list[Speech]) -> None:
    windows = list(window.speech_windows(talk, 25))
    performer = draw(np.random.default_rng(0), statistics.load())
    turns, gazes = [], []
    for seed in range(3):
        glancing, looking = (Eyes(np.random.default_rng(seed), performer, blinks=0) for _ in range(2))
        turns.append(np.concatenate([glancing.glance(each) for each in windows]))
        gazes.append(np.concatenate([_gaze(looking, each) for each in windows]))
    yaw, gaze = np.concatenate(turns)[:, 0], np.concatenate(gazes)[:, 0]
    assert np.corrcoef(yaw, gaze)[0, 1] > 0.6 and 1 < np.abs(yaw).max() < 8
    spread = np.concatenate(gazes).std(0)
    assert (spread > [0.075, 0.036]).all() and (spread < 0.2).all()
    longest = max(windows, key=lambda each: each.count)
    pose = np.zeros((longest.count, 3))
    pose[39, 0], pose[40:, 0] = 2.5, 5.0
    seldom, blinked = replace(performer, blinks=20.0), []
    for turned in (pose, 0 * pose):
        each = [Eyes(np.random.default_rng(seed), seldom) for seed in range(60)]
        blinked.append([_closed(eyes, longest, turned)[38:44].max() > 0.15 for eyes in each])
    assert sum(blinked[0]) >= sum(blinked[1]) + 8


def _closed(eyes: Eyes, of: window.SpeechWindow, pose: np.ndarray) -> np.ndarray:
    """`(T,)` score of the lids."""
    eyes.glance(of)
    scores = np.zeros((of.count, len(BLENDSHAPES)))
    eyes.add(of, pose, scores)
    return scores[:, SHAPE["eyeBlinkLeft"]]


def test_some_blinks_are_half_ones(performed: Callable[..., Motion]) -> None:
    peaks = []
    for seed in range(6):
        lids = performed(seed=seed).blendshapes[:, SHAPE["eyeBlinkLeft"]]
        peaks += list(lids[1:-1][(lids[1:-1] > np.maximum(lids[:-2], 0.2)) & (lids[1:-1] >= lids[2:])])
    shut = np.array(peaks) > 0.55
    assert 0.05 < 1 - shut.mean() < 0.5
