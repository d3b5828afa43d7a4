"""The finished video's review: it tells lips in sync from lips that are late, of other words, or still."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from pipeline import engines
from pipeline.errors import NoFaceError, VideoError
from pipeline.faces import portrait
from pipeline.findings import Finding
from pipeline.review import Report, draw, review_video, sampling
from pipeline.review.head import measure_head
from pipeline.review.lips import LipMeasures, measure_lips
from pipeline.review.sampling import SOUND_RATE, Stretch
from pipeline.review.scoring import score_head, score_lips
from pipeline.review.video import _sentence
from pipeline.speech import speak
from pipeline.types import RATE, STYLES, Phone, join
from pipeline.video import Writer

HOPPER = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
TEXT = "Maybe we should open the machine and have a proper look. Both of them moved before my very eyes."
OTHER = "Nine silver trains rushed through the quiet valley and vanished near the coast at sunrise."


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Phone, ...]]:
    """About six seconds of the embedded engine speaking, as a file, and its phones."""
    path = tmp_path_factory.mktemp("review") / "film.mp4"
    parts = list(speak(TEXT))
    subject = portrait(HOPPER, size=256)
    clip = engines.load("head", "puppet").animate(subject, parts, STYLES["lively"], speaking=True)
    with Writer(path, size=(256, 256), fps=25, metadata={}) as writer:
        for part in parts:
            writer.sound(part.samples)
            for frame in islice(clip.frames, part.frames(25)):
                writer.write(frame.image)
    return path, join(parts).phones


@pytest.fixture(scope="module")
def report(film: tuple[Path, tuple[Phone, ...]]) -> Report:
    return review_video(film[0])


def lips(stretch: Stretch) -> tuple[float, LipMeasures]:
    measures = measure_lips([stretch])
    return score_lips(measures)[0], measures


def moved(stretch: Stretch, seconds: float) -> Stretch:
    """The sound that much later."""
    shift = round(seconds * SOUND_RATE)
    pad = np.zeros(abs(shift), np.float32)
    sound = stretch.sound
    return replace(
        stretch,
        sound=np.concatenate([pad, sound[:-shift]] if shift > 0 else [sound[-shift:], pad]),
    )


def test_a_good_video_gets_good_scores(report: Report) -> None:
    assert report.lips > 60 and report.head > 60
    assert abs(report.lip_measures.lag) <= 0.05 and report.lip_measures.correlation > 0.35
    assert report.sentence and all(finding.sentence for finding in report.findings)


def test_long_videos_are_sampled_in_stretches(
    film: tuple[Path, tuple[Phone, ...]], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_WHOLE", 3.0)
    monkeypatch.setattr(sampling, "_STRETCHES", 2)
    monkeypatch.setattr(sampling, "_SECONDS", 2.0)
    first, last = sampling.sample_video(film[0])
    whole = report.stretches[0]
    assert first.frames == last.frames == 50 and last.start == pytest.approx(whole.seconds - 2, abs=0.05)
    same = np.isin(np.round(whole.time * 25), np.round(last.time * 25))
    assert np.corrcoef(whole.aperture[same], last.aperture)[0, 1] > 0.98
    at = round((last.sound_start - whole.sound_start) * SOUND_RATE)
    sound = whole.sound[at : at + len(last.sound)]
    assert np.array_equal(last.sound[: len(sound)], sound)


def test_known_phones_make_the_closures_certain(film: tuple[Path, tuple[Phone, ...]], report: Report) -> None:
    measures = measure_lips(report.stretches, film[1])
    assert measures.closures == sum(phone.label in "pbm" for phone in film[1] if phone.label)
    assert measures.hit > measures.chance


@pytest.mark.parametrize("seconds", [-0.2, 0.2])
def test_shifted_sound_is_detected_and_measured(report: Report, seconds: float) -> None:
    score, measures = lips(moved(report.stretches[0], seconds))
    assert measures.lag == pytest.approx(report.lip_measures.lag - seconds, abs=0.035)
    assert score < 0.6 * report.lips


def test_two_seconds_do_not_accuse_lips_of_being_out_of_time(report: Report) -> None:
    stretch = report.stretches[0]
    for start in np.arange(0, stretch.seconds - 2, 0.5):
        kept = (stretch.time >= start) & (stretch.time < start + 2)
        part = replace(stretch, time=stretch.time[kept], aperture=stretch.aperture[kept], frames=50)
        _, findings = score_lips(measures := measure_lips([part]))
        assert abs(measures.lag) <= 0.1
        assert measures.seconds == pytest.approx(2, abs=0.5)
        assert any(finding.topic == "length" for finding in findings)


def test_the_sound_of_other_words_is_detected(report: Report) -> None:
    other = join(speak(OTHER)).samples[:: RATE // SOUND_RATE]
    stretch = report.stretches[0]
    sound = np.resize(other, len(stretch.sound)).astype(np.float32)
    assert lips(replace(stretch, sound=sound))[0] < 0.6 * report.lips


def test_a_still_mouth_scores_nothing(report: Report) -> None:
    stretch = report.stretches[0]
    noise = np.random.default_rng(0).normal(0, 0.002, len(stretch.aperture))
    assert lips(replace(stretch, aperture=0.02 + noise))[0] < 10


def test_a_mouth_that_stays_shut_is_named(report: Report) -> None:
    stretch = report.stretches[0]
    low, high = np.percentile(stretch.aperture, [5, 95])
    mumbling = replace(stretch, aperture=low + (high - low) * ((stretch.aperture - low) / (high - low)) ** 6)
    score, measures = lips(mumbling)
    assert measures.shut > 0.6 and score < report.lips
    assert any("is shut for" in finding.sentence for finding in score_lips(measures)[1])


def test_still_trembling_and_jumping_heads(report: Report) -> None:
    stretch = report.stretches[0]
    rng = np.random.default_rng(0)
    still = replace(stretch, pose=stretch.pose.mean(0) + rng.normal(0, 0.1, stretch.pose.shape))
    shaken = replace(stretch, pose=stretch.pose + rng.normal(0, 1.2, stretch.pose.shape))
    position = stretch.position + (np.arange(len(stretch.position)) // 5 % 2)[:, None]
    for spoilt, says in (
        (still, "hardly moves"),
        (shaken, "trembles"),
        (replace(stretch, position=position), "jumps"),
    ):
        score, findings = score_head(measure_head([spoilt]))
        assert score < 0.6 * report.head
        assert any(says in finding.sentence for finding in findings if finding.verdict != "good")


def test_blinks_are_counted(report: Report) -> None:
    stretch = report.stretches[0]
    blink = np.zeros(len(stretch.time))
    blink[10:14] = blink[60:64] = 0.8
    measures = measure_head([replace(stretch, blink=blink)])
    assert measures.blinks == pytest.approx(2 * 60 / measures.seconds)


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB colours in [0, 1], as WCAG defines it."""
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_the_chart_shows_both_layers_on_light_and_dark_pages(report: Report) -> None:
    chart = draw(report)
    assert chart.shape == (720, 1200, 4) and chart.dtype == np.uint8
    opaque = chart[..., 3] == 255
    assert 0.01 < opaque.mean() < 0.2 and (chart[..., 3] == 0).mean() > 0.7
    colours, counts = np.unique(chart[opaque][:, :3], axis=0, return_counts=True)
    drawn = luminance(colours[counts > 300] / 255)
    assert len(drawn) >= 5  # text, two curves above, three below, one of them of the same colour
    for page in (1.0, luminance(np.array([17, 24, 39]) / 255)):
        light, dark = np.maximum(drawn, page), np.minimum(drawn, page)
        assert ((light + 0.05) / (dark + 0.05)).min() > 2.8


def test_slow_libraries_are_imported_late_and_no_global_state_is_left(report: Report) -> None:
    code = "import sys, pipeline.review; assert not {'matplotlib', 'librosa'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=HOPPER.parents[2], check=True, timeout=300)
    draw(report)
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


@pytest.mark.parametrize(("lips", "head"), [(100.0, 100.0), (85.0, 95.0)])
def test_nothing_could_improve_where_all_is_good(lips: float, head: float) -> None:
    good = [Finding("lips", "good", "The lips match the sound.")]
    assert _sentence(lips, good, head, good) == "Looks natural."


def test_the_weaker_layer_speaks_first() -> None:
    poor, fair = (
        Finding("head", "poor", "The head hardly moves."),
        Finding("sync", "fair", "The lips are late."),
    )
    assert _sentence(70, [fair], 40, [poor]) == "The head hardly moves."
    assert _sentence(60, [fair], 90, []) == "The lips are late."


def test_what_cannot_be_judged_gets_a_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    with Writer(empty, size=(128, 128), fps=25, metadata={}) as writer:
        for _ in range(5):
            writer.write(np.full((128, 128, 3), 90, np.uint8))
            writer.sound(np.zeros(RATE // 25, np.float32))
    with pytest.raises(NoFaceError, match="No face was found"):
        review_video(empty)
    with pytest.raises(VideoError):
        review_video(tmp_path / "missing.mp4")
