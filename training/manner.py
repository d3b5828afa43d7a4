"""How people hold themselves while they talk: head, brows, blinks, learned from tracked clips as statistics.

    python -m training.manner TRACKS [MORE_TRACKS …] [--out assets/models/manner.json]

What the head does next cannot be told from the sound (a ridge regression on held-out speakers reaches a
correlation of 0.1), but how much it moves at each frequency, how the brows go with it, and when and how lids
close can be learned. The result is a page of numbers that `pipeline.motion` plays.
"""

from __future__ import annotations

import argparse
import json
import logging
from itertools import pairwise
from pathlib import Path

import numpy as np

from training.track import Track, load_tracks

EDGES = np.geomspace(0.1, 2.3, 10)
"""Hz between the bands of the spectra."""
RATE = 25.0
LONG = 6.0
"""Seconds that a clip needs to tell of slow motion."""
BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight")

log = logging.getLogger(__name__)


def pose(matrix: np.ndarray) -> np.ndarray:
    """`(T, 4, 4)` → `(T, 3)` yaw, pitch, roll in degrees with the studio's signs."""
    turned = matrix[:, :3, :3] / np.linalg.norm(matrix[:, :3, :3], axis=1, keepdims=True)
    yaw = np.arctan2(turned[:, 0, 2], turned[:, 2, 2])
    pitch = np.arcsin(np.clip(-turned[:, 1, 2], -1, 1))
    roll = -np.arctan2(turned[:, 1, 0], turned[:, 1, 1])
    return np.degrees(np.stack([yaw, pitch, roll], 1))


def learn(tracks: list[Track]) -> dict[str, object]:
    """All statistics, ready for JSON."""
    whole = [track for track in tracks if track.face_ok.all()]
    poses = [_even(track, pose(track.matrix)) for track in whole]
    scores = [_even(track, track.blendshapes) for track in whole]
    index = {name: at for at, name in enumerate(whole[0].names)}
    brows = [_centred(score[:, [index[name] for name in BROWS]]) for score in scores]
    turns = [_centred(turn) for turn in poses]
    with_head = _follow(turns, brows)
    own = [brow - turn @ with_head for turn, brow in zip(turns, brows, strict=True)]
    lids = [score[:, [index["eyeBlinkLeft"], index["eyeBlinkRight"]]].mean(1) for score in scores]
    return {
        "hertz": _round(np.sqrt(EDGES[:-1] * EDGES[1:])),
        "pose": {axis: _round(_bands(turns, at)) for at, axis in enumerate(("yaw", "pitch", "roll"))},
        "brows_per_degree": dict(zip(BROWS, _round(with_head.T), strict=True)),
        "brows": {name: _round(_bands(own, at)) for at, name in enumerate(BROWS)},
        "blinks": _blinks(lids),
        "clips": len(whole),
        "seconds": round(sum(len(turn) for turn in turns) / RATE),
    }


def _even(track: Track, values: np.ndarray) -> np.ndarray:
    at = np.arange(track.time[0], track.time[-1], 1 / RATE)
    return np.stack([np.interp(at, track.time, column) for column in values.T], 1)


def _centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(0)


def _follow(leading: list[np.ndarray], following: list[np.ndarray]) -> np.ndarray:
    """What follows per degree of yaw, pitch and roll, `(3, D)`: the median over speakers of a ridge fit."""
    fits = [
        np.linalg.solve(turn.T @ turn + len(turn) * np.eye(3), turn.T @ other)
        for turn, other in zip(leading, following, strict=True)
        if turn.std(0).max() > 1
    ]
    return np.median(fits, axis=0)


def _bands(curves: list[np.ndarray], column: int) -> np.ndarray:
    """Variance in each band: the median over speakers, since a few restless ones outweigh a mean."""
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


def _blinks(lids: list[np.ndarray]) -> dict[str, object]:
    """Rate, spread and mean shape of the blinks; the lids are shut in value `shut_at` of it."""
    waits, shapes, count = [], [], 0
    for lid in lids:
        usual = np.median(lid)
        shut = lid > max(0.35, usual + 0.25)
        starts = np.flatnonzero(shut[1:] & ~shut[:-1]) + 1
        count += len(starts)
        waits += list(np.diff(starts) / RATE)
        for start in starts:
            peak = start + int(np.argmax(lid[start : start + 5]))
            around = lid[peak - 4 : peak + 9]
            if peak >= 4 and len(around) == 13 and around[-1] < usual + 0.1:
                shapes.append((around - usual) / (lid[peak] - usual))
    seconds = sum(len(lid) for lid in lids) / RATE
    return {
        "per_minute": round(60 * count / seconds, 1),
        "log_spread": round(float(np.std(np.log(waits))), 2),
        "shape": _round(np.clip(np.median(shapes, 0), 0, 1)),
        "shut_at": 4,
        "per_second": RATE,
    }


def _round(values: np.ndarray) -> list:
    return np.round(values, 4).tolist()


def main() -> None:
    """Read the tracks, write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tracks", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("assets/models/manner.json"))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    manner = learn([track for folder in options.tracks for track in load_tracks(folder)])
    options.out.write_text(json.dumps(manner, indent=1) + "\n", encoding="utf-8")
    log.info("%s: learned from %d clips, %d s", options.out, manner["clips"], manner["seconds"])


if __name__ == "__main__":
    main()
