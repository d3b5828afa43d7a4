"""Measure how people move while they talk: head, brows and blinks, as statistics of tracked clips.

    python -m training.motion_statistics TRACKS [MORE_TRACKS …] [--out assets/models/motion_statistics.npz]

What the head does next cannot be predicted from the sound (a ridge regression on held-out speakers reaches a
correlation of 0.1), but how much it moves at each frequency, how the brows follow it, and when and how lids
close can be measured. `pipeline.motion` generates motion from these statistics.
"""

from __future__ import annotations

import argparse
import logging
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.faces.landmarker import angles
from pipeline.motion.statistics import PATH
from training.track import Track, load_tracks

EDGES = np.geomspace(0.1, 2.3, 10)
"""Hz of the edges between the frequency bands."""
RATE = 25.0
"""Samples per second of the tracks once resampled."""
LONG = 6.0
"""Seconds that a clip needs for the lowest bands."""
BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight")

_BEFORE_SHUT, _AFTER_SHUT = 4, 8
"""Samples of a blink's shape before and after the lids are shut."""

log = logging.getLogger(__name__)


def measure(tracks: list[Track]) -> dict[str, np.ndarray]:
    """All statistics, under the names that `pipeline.motion.statistics` reads."""
    whole = [track for track in tracks if track.face_ok.all()]
    poses = [_resampled(track, angles(track.matrix)) for track in whole]
    scores = [_resampled(track, track.blendshapes) for track in whole]
    index = {name: at for at, name in enumerate(whole[0].names)}
    brows = [_centred(score[:, [index[name] for name in BROWS]]) for score in scores]
    turns = [_centred(turn) for turn in poses]
    with_head = _slopes(turns, brows)
    own = [brow - turn @ with_head for turn, brow in zip(turns, brows, strict=True)]
    lids = [score[:, [index["eyeBlinkLeft"], index["eyeBlinkRight"]]].mean(1) for score in scores]
    return {
        "hertz": np.round(np.sqrt(EDGES[:-1] * EDGES[1:]), 4),
        "pose": np.round([_bands(turns, axis) for axis in range(3)], 4),
        "brow_names": np.array(BROWS),
        "brows": np.round([_bands(own, column) for column in range(len(BROWS))], 4),
        "brows_per_degree": np.round(with_head.T, 4),
        **_blinks(lids),
    }


def _resampled(track: Track, values: np.ndarray) -> np.ndarray:
    at = np.arange(track.time[0], track.time[-1], 1 / RATE)
    return np.stack([np.interp(at, track.time, column) for column in values.T], 1)


def _centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(0)


def _slopes(leading: list[np.ndarray], following: list[np.ndarray]) -> np.ndarray:
    """`(3, D)` per degree of yaw, pitch and roll: the median over speakers of a ridge regression."""
    fits = [
        np.linalg.solve(turn.T @ turn + len(turn) * np.eye(3), turn.T @ other)
        for turn, other in zip(leading, following, strict=True)
        if turn.std(0).max() > 1
    ]
    return np.median(fits, axis=0)


def _bands(curves: list[np.ndarray], column: int) -> np.ndarray:
    """Variance in each band: the median over speakers, because a few restless ones would dominate a mean."""
    found: list[list[float]] = [[] for _ in EDGES[1:]]
    for curve in curves:
        seconds = len(curve) / RATE
        window = np.hanning(len(curve) + 2)[1:-1]
        power = np.abs(np.fft.rfft(_centred(curve)[:, column] * window)) ** 2
        power *= 2 / (RATE * (window**2).sum())
        hertz = np.fft.rfftfreq(len(curve), 1 / RATE)
        for band, (low, high) in enumerate(pairwise(EDGES)):
            inside = (hertz >= low) & (hertz < high)
            if inside.any() and (seconds > LONG or low > 3 / seconds):
                found[band].append(power[inside].mean() * (high - low))
    return np.array([np.median(one) for one in found])


def _blinks(lids: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Rate, spread and median shape of the blinks; the lids are shut at time 0."""
    waits: list[float] = []
    shapes: list[np.ndarray] = []
    count = 0
    for lid in lids:
        usual = np.median(lid)
        shut = lid > max(0.35, usual + 0.25)
        starts = np.flatnonzero(shut[1:] & ~shut[:-1]) + 1
        count += len(starts)
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
    seconds = sum(len(lid) for lid in lids) / RATE
    return {
        "blinks_per_minute": np.round(60 * count / seconds, 1),
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
