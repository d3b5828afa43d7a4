"""The finished video's review: it must tell lips that fit from lips that are late, foreign or still."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from pipeline import engines
from pipeline.errors import NoFaceError, VideoError
from pipeline.faces import portrait
from pipeline.review import Report, draw, review_video, sampling
from pipeline.review.head import measure_head
from pipeline.review.lips import LipMeasures, measure_lips
from pipeline.review.sampling import SOUND_RATE, Stretch
from pipeline.review.scoring import mark_head, mark_lips
from pipeline.speech import speak
from pipeline.types import RATE, STYLES, Phone, join
from pipeline.video import Writer

HOPPER = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
TEXT = "Maybe we should open the machine and have a proper look. Both of them moved before my very eyes."
OTHER = "Nine silver trains rushed through the quiet valley and vanished near the coast at sunrise."


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Phone, ...]]:
    """The embedded engine speaking for some six seconds, as a file, and its phones."""
    path = tmp_path_factory.mktemp("review") / "film.mp4"
    parts = list(speak(TEXT))
    subject = portrait(HOPPER, size=256)
    frames = engines.load("head", "puppet").animate(subject, parts, STYLES["lively"], speaking=True)
    with Writer(path, size=(256, 256), fps=25, metadata={}) as writer:
        for part in parts:
            writer.sound(part.samples)
            for frame in islice(frames, part.frames(25)):
                writer.write(frame.image)
    return path, join(parts).phones


@pytest.fixture(scope="module")
def report(film: tuple[Path, tuple[Phone, ...]]) -> Report:
    return review_video(film[0])


def lips(stretch: Stretch) -> tuple[float, LipMeasures]:
    measures = measure_lips([stretch])
    return mark_lips(measures)[0], measures


def moved(stretch: Stretch, seconds: float) -> Stretch:
    """The sound that much later."""
    shift = round(seconds * SOUND_RATE)
    pad = np.zeros(abs(shift), np.float32)
    sound = stretch.sound
    return replace(
        stretch,
        sound=np.concatenate([pad, sound[:-shift]] if shift > 0 else [sound[-shift:], pad]),
    )


def test_a_good_video_gets_good_marks(report: Report) -> None:
    assert report.lips > 60 and report.head > 60
    assert abs(report.lip_measures.lag) <= 0.05 and report.lip_measures.correlation > 0.35
    assert report.sentence and all(finding.sentence for finding in report.findings)


def test_long_videos_are_sampled_in_stretches(
    film: tuple[Path, tuple[Phone, ...]], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_WHOLE", 3.0)
    monkeypatch.setattr(sampling, "_STRETCHES", 2)
    monkeypatch.setattr(sampling, "_SECONDS", 2.0)
    first, last = sampling.watch(film[0])
    whole = report.stretches[0]
    assert first.frames == last.frames == 50 and last.start == pytest.approx(whole.seconds - 2, abs=0.05)
    same = np.isin(np.round(whole.time * 25), np.round(last.time * 25))
    assert np.corrcoef(whole.aperture[same], last.aperture)[0, 1] > 0.98
    at = round((last.heard_from - whole.heard_from) * SOUND_RATE)
    heard = whole.sound[at : at + len(last.sound)]
    assert np.array_equal(last.sound[: len(heard)], heard)


def test_known_phones_make_the_closures_certain(film: tuple[Path, tuple[Phone, ...]], report: Report) -> None:
    measures = measure_lips(report.stretches, film[1])
    assert measures.closures == sum(phone.label in "pbm" for phone in film[1] if phone.label)
    assert measures.hit > measures.chance


@pytest.mark.parametrize("seconds", [-0.2, 0.2])
def test_shifted_sound_is_seen_and_measured(report: Report, seconds: float) -> None:
    mark, measures = lips(moved(report.stretches[0], seconds))
    assert measures.lag == pytest.approx(report.lip_measures.lag - seconds, abs=0.035)
    assert mark < 0.6 * report.lips


def test_two_seconds_do_not_accuse_lips_of_being_out_of_time(report: Report) -> None:
    stretch = report.stretches[0]
    for start in np.arange(0, stretch.seconds - 2, 0.5):
        kept = (stretch.time >= start) & (stretch.time < start + 2)
        part = replace(stretch, time=stretch.time[kept], aperture=stretch.aperture[kept], frames=50)
        _, findings = mark_lips(measures := measure_lips([part]))
        assert abs(measures.lag) <= 0.1
        assert measures.seconds == pytest.approx(2, abs=0.5)
        assert any(finding.topic == "length" for finding in findings)


def test_foreign_sound_is_seen(report: Report) -> None:
    foreign = join(speak(OTHER)).samples[:: RATE // SOUND_RATE]
    stretch = report.stretches[0]
    sound = np.resize(foreign, len(stretch.sound)).astype(np.float32)
    assert lips(replace(stretch, sound=sound))[0] < 0.6 * report.lips


def test_a_still_mouth_gets_nothing(report: Report) -> None:
    stretch = report.stretches[0]
    noise = np.random.default_rng(0).normal(0, 0.002, len(stretch.aperture))
    assert lips(replace(stretch, aperture=0.02 + noise))[0] < 10


def test_a_mouth_that_stays_shut_is_named(report: Report) -> None:
    stretch = report.stretches[0]
    low, high = np.percentile(stretch.aperture, [5, 95])
    mumbling = replace(stretch, aperture=low + (high - low) * ((stretch.aperture - low) / (high - low)) ** 6)
    mark, measures = lips(mumbling)
    assert measures.shut > 0.6 and mark < report.lips
    assert any("shut in" in finding.sentence for finding in mark_lips(measures)[1])


def test_still_trembling_and_jumping_heads(report: Report) -> None:
    stretch = report.stretches[0]
    rng = np.random.default_rng(0)
    still = replace(stretch, pose=stretch.pose.mean(0) + rng.normal(0, 0.1, stretch.pose.shape))
    shaken = replace(stretch, pose=stretch.pose + rng.normal(0, 1.2, stretch.pose.shape))
    place = stretch.place + (np.arange(len(stretch.place)) // 5 % 2)[:, None]
    for spoilt, says in (
        (still, "hardly moves"),
        (shaken, "trembles"),
        (replace(stretch, place=place), "jumps"),
    ):
        mark, findings = mark_head(measure_head([spoilt]))
        assert mark < 0.6 * report.head
        assert any(says in finding.sentence for finding in findings if finding.verdict != "good")


def test_blinks_are_counted(report: Report) -> None:
    stretch = report.stretches[0]
    blink = np.zeros(len(stretch.time))
    blink[10:14] = blink[60:64] = 0.8
    measures = measure_head([replace(stretch, blink=blink)])
    assert measures.blinks == pytest.approx(2 * 60 / measures.seconds)


def test_the_picture_shows_both_layers(report: Report) -> None:
    page = draw(report)
    assert page.shape == (640, 1200, 3) and page.dtype == np.uint8
    assert (page[80:330] == (22, 92, 168)).all(2).any() and (page[80:330] == (214, 120, 40)).all(2).any()
    assert (page[400:600] == (40, 140, 90)).all(2).any()


def test_what_cannot_be_judged_is_a_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    with Writer(empty, size=(128, 128), fps=25, metadata={}) as writer:
        for _ in range(5):
            writer.write(np.full((128, 128, 3), 90, np.uint8))
            writer.sound(np.zeros(RATE // 25, np.float32))
    with pytest.raises(NoFaceError, match="nothing to judge"):
        review_video(empty)
    with pytest.raises(VideoError):
        review_video(tmp_path / "missing.mp4")
