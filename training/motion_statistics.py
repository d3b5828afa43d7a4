"""Measure how people move while they talk: habits of head, brows, lids and smile, as statistics of clips.

    python -m training.motion_statistics TRACKS [MORE_TRACKS …] [--out assets/models/motion_statistics.npz]

What the head does next cannot be predicted from the sound (a ridge regression on held-out speakers reaches a
correlation of 0.1), but how much people move, how much they differ in it, and when and how lids close can be
measured. `pipeline.motion.personality` draws a performer from these statistics.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.faces.landmarker import angles
from pipeline.motion.statistics import PATH
from training.track import Track, load_tracks

RATE = 25.0
"""Samples per second of the tracks once resampled."""
LONG = 5.0
"""Seconds that a clip needs to tell how much its speaker moves."""
HABITS = ("yaw", "pitch", "roll", "brows", "squint", "smile", "blinks")
_LEAST = 0.01
"""Deviation that counts as none, where its logarithm is taken."""
_HALF = 0.6
"""How far a blink closes the lids, relative to the speaker's fullest, below which it is half a blink."""
_SLOW = 13
"""Samples over which a smile is smoothed, so that articulation is not counted."""

_BEFORE_SHUT, _AFTER_SHUT = 4, 8
"""Samples of a blink's shape before and after the lids are shut."""

log = logging.getLogger(__name__)


def measure(tracks: list[Track]) -> dict[str, np.ndarray]:
    """All statistics, under the names that `pipeline.motion.statistics` reads."""
    whole = [track for track in tracks if track.face_ok.all()]
    poses = [_resampled(track, angles(track.matrix)) for track in whole]
    scores = [dict(zip(track.names, _resampled(track, track.blendshapes).T, strict=True)) for track in whole]
    lids = [_both(score, "eyeBlink") for score in scores]
    long = [at for at, pose in enumerate(poses) if len(pose) >= LONG * RATE]
    rows = np.array([_habits(poses[at], scores[at], lids[at]) for at in long])
    logs = np.log(np.maximum(rows, _LEAST))
    low, high = np.percentile(logs, [10, 90], axis=0)
    squints = [_both(score, "eyeSquint") for score in scores]
    return {
        "habits": np.array(HABITS),
        "habit_medians": np.round(np.median(rows, 0), 4),
        "habit_spreads": np.round((high - low) / 2.563, 3),
        "squint_per_blink": np.round(_slope(lids, squints), 3),
        **_blinks(lids),
    }


def _resampled(track: Track, values: np.ndarray) -> np.ndarray:
    at = np.arange(track.time[0], track.time[-1], 1 / RATE)
    return np.stack([np.interp(at, track.time, column) for column in values.T], 1)


def _both(score: dict[str, np.ndarray], name: str) -> np.ndarray:
    return (score[f"{name}Left"] + score[f"{name}Right"]) / 2


def _habits(pose: np.ndarray, score: dict[str, np.ndarray], lid: np.ndarray) -> list[float]:
    """How much one speaker does of each of `HABITS`."""
    opened = lid < np.median(lid) + 0.15
    brows = (score["browInnerUp"].std() + _both(score, "browOuterUp").std()) / 2
    squint = _both(score, "eyeSquint")[opened].std()
    smile = np.convolve(_both(score, "mouthSmile"), np.ones(_SLOW) / _SLOW, "valid").std()
    blinks = 60 * len(_shut(lid)) / (len(lid) / RATE)
    return [*pose.std(0), float(brows), float(squint), float(smile), blinks]


def _slope(leading: list[np.ndarray], following: list[np.ndarray]) -> float:
    """The median over speakers who blink of `following` per `leading`."""
    pairs = [(lead - lead.mean(), follow) for lead, follow in zip(leading, following, strict=True)]
    fits = [lead @ follow / (lead @ lead) for lead, follow in pairs if lead.std() > 0.1]
    return float(np.median(fits))


def _shut(lid: np.ndarray, by: float = 0.25) -> np.ndarray:
    """Samples at which the lids begin to be shut, `by` above their usual score."""
    shut = lid > max(0.1 + by, np.median(lid) + by)
    return np.flatnonzero(shut[1:] & ~shut[:-1]) + 1


def _blinks(lids: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Spread, depth and median shape of the blinks; the lids are shut at time 0."""
    waits: list[float] = []
    shapes: list[np.ndarray] = []
    heights: list[float] = []
    for lid in lids:
        usual = np.median(lid)
        starts = _shut(lid)
        fullest = max((lid[start : start + 5].max() for start in starts), default=1.0) - usual
        heights += [(lid[at : at + 5].max() - usual) / fullest for at in _shut(lid, by=0.15)]
        waits += list(np.diff(starts) / RATE)
        for start in starts:
            peak = start + int(np.argmax(lid[start : start + 5]))
            around = lid[peak - _BEFORE_SHUT : peak + _AFTER_SHUT + 1]
            if (
                peak >= _BEFORE_SHUT
                and len(around) == len(range(-_BEFORE_SHUT, _AFTER_SHUT + 1))
                and around[-1] < usual + 0.1
            ):
                shapes.append((around - usual) / (lid[peak] - usual))
    return {
        "half_blinks": np.round(np.mean(np.array(heights) < _HALF), 3),
        "blink_spread": np.round(np.std(np.log(waits)), 2),
        "blink_times": (np.arange(_BEFORE_SHUT + _AFTER_SHUT + 1) - _BEFORE_SHUT) / RATE,
        "blink_closed": np.round(np.clip(np.median(shapes, 0), 0, 1), 4),
    }


def main() -> None:
    """Read the tracks and write the statistics."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tracks", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=PATH)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tracks = [track for folder in options.tracks for track in load_tracks(folder)]
    save: Any = np.savez_compressed
    save(options.out, **measure(tracks))
    log.info("%s: measured on %d clips", options.out, sum(bool(track.face_ok.all()) for track in tracks))


if __name__ == "__main__":
    main()
