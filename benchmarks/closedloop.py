"""Does the puppet do what its motion says? Rendered, tracked again and compared.

    python -m benchmarks closedloop EVAL_FOLDER [--portraits N] [--seconds S]

EVAL_FOLDER holds `truth/` (tracked speakers) and `portraits/`. Each portrait plays the motion of one speaker
of whom there are five seconds or more; the face is tracked in the rendered frames, without temporal
smoothing. Per portrait: correlation and gain of the inner-lip gap against the speaker's own, the lag in ms
that fits best, RMS errors of the pose in degrees after the constant offset, and how many of the speaker's
blinks are seen within one frame.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.faces import portrait, track
from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.heads.puppet import load
from pipeline.types import BLENDSHAPES, SHAPE, Face, Motion

_LAGS = np.arange(-100, 101, 10) / 1000
"""Candidate lags in s."""
_BLINK = 0.4
"""Blink score from which an eye counts as closed."""


@dataclass(frozen=True)
class Row:
    """One portrait's result."""

    portrait: str
    speaker: str
    correlation: float
    gain: float
    lag_ms: float
    pose: np.ndarray
    """`(3,)` RMS degrees of yaw, pitch, roll."""
    blinks: int
    """Blinks of the speaker."""
    seen: int
    """Those seen in the rendered frames."""

    def __str__(self) -> str:
        yaw, pitch, roll = self.pose
        return (
            f"{self.portrait:10s} {self.speaker:8s} {self.correlation:5.3f} {self.gain:5.2f}"
            f" {self.lag_ms:+5.0f}   {yaw:4.2f} {pitch:5.2f} {roll:4.2f} "
            f"{np.sqrt((self.pose**2).mean()):5.2f}   {self.seen}/{self.blinks}"
        )


def main(argv: list[str] | None = None) -> None:
    """Play, track and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks closedloop", description=__doc__.splitlines()[0])
    parser.add_argument("evaluation", type=Path, help="folder with truth/ and portraits/")
    parser.add_argument("--portraits", type=int, default=9, help="how many portraits (default 9)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how much of each motion (default 10)")
    options = parser.parse_args(argv)
    photos = sorted((options.evaluation / "portraits").glob("*.jpg"))[: options.portraits]
    names = json.loads((options.evaluation / "blendshape_names.json").read_text())
    speakers = [file for file in sorted((options.evaluation / "truth").glob("*.npz")) if _seconds(file) > 5]
    print("portrait   speaker      r  gain   lag    yaw pitch roll  pose   blinks")
    rows = []
    for photo, speaker in zip(photos, itertools.cycle(speakers)):
        rows.append(measure(photo, speaker, names, options.seconds))
        print(rows[-1], flush=True)
    pose = np.sqrt(np.mean([row.pose**2 for row in rows]))
    seen, blinks = sum(row.seen for row in rows), sum(row.blinks for row in rows)
    print(
        f"all: r {np.mean([row.correlation for row in rows]):.3f}, "
        f"gain {np.mean([row.gain for row in rows]):.2f}, pose {pose:.2f}, blinks {seen}/{blinks}"
    )


def measure(photo: Path, speaker: Path, names: list[str], seconds: float) -> Row:
    """Play one speaker's motion on one photo and track the result."""
    motion, aperture = _motion(speaker, names, seconds)
    frames = (frame.image for frame in load().play(portrait(photo), [motion]).frames)
    faces = list(track(frames, motion.fps))
    tracked = np.array([face is not None for face in faces])
    found = [face for face in faces if face is not None]
    gaps = np.array([_gap(face) for face in found])
    lag = max(
        _LAGS,
        key=lambda lag: (
            round(_correlation(_delayed(aperture, lag, motion.fps)[tracked], gaps), 4),
            -abs(lag),
        ),
    )
    error = np.array([face.pose for face in found]) - motion.pose[tracked]
    lids = [SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]
    intended = _onsets(motion.blendshapes[:, lids].mean(1))
    closures = np.array([face.blendshapes[lids].mean() for face in found])
    detected = np.flatnonzero(tracked)[_onsets(closures)]
    return Row(
        portrait=photo.stem,
        speaker=speaker.stem,
        correlation=_correlation(_delayed(aperture, lag, motion.fps)[tracked], gaps),
        gain=float(np.ptp(np.percentile(gaps, [5, 95])) / np.ptp(np.percentile(aperture, [5, 95]))),
        lag_ms=1000 * float(lag),
        pose=np.sqrt(((error - np.median(error, 0)) ** 2).mean(0)),
        blinks=len(intended),
        seen=sum(bool((np.abs(detected - at) <= 1).any()) for at in intended),
    )


def _motion(path: Path, names: list[str], seconds: float) -> tuple[Motion, np.ndarray]:
    """A tracked speaker as a motion, and the gap between their lips in inter-ocular distances."""
    with np.load(path) as data:
        fps = round(float(data["fps"]))
        count = min(len(data["time"]), int(seconds * fps))
        raw = _interpolated(np.asarray(data["blendshapes"], np.float64))[:count]
        pose = _interpolated(np.column_stack([data["yaw"], data["pitch"], data["roll"]]))[:count]
        aperture = _interpolated(np.asarray(data["aperture"], np.float64)[:, None])[:count, 0]
    scores = np.zeros((count, len(BLENDSHAPES)), np.float32)
    for column, name in enumerate(names):
        if name in SHAPE:
            scores[:, SHAPE[name]] = raw[:, column]
    pose = (pose - np.median(pose, 0)).astype(np.float32)
    return Motion(fps, scores, pose, np.zeros((count, 2), np.float32)), aperture


def _seconds(path: Path) -> float:
    with np.load(path) as data:
        return len(data["time"]) / float(data["fps"])


def _interpolated(values: np.ndarray) -> np.ndarray:
    """`(T, C)` with missing frames interpolated linearly."""
    index = np.arange(len(values))
    valid = np.isfinite(values).all(1)
    return np.column_stack([np.interp(index, index[valid], column[valid]) for column in values.T])


def _gap(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks[UPPER_LIP] - face.landmarks[LOWER_LIP])) / face.interocular


def _delayed(curve: np.ndarray, lag: float, fps: int) -> np.ndarray:
    index = np.arange(len(curve))
    return np.interp(index - lag * fps, index, curve)


def _onsets(curve: np.ndarray) -> np.ndarray:
    return np.flatnonzero((curve[1:] > _BLINK) & (curve[:-1] <= _BLINK)) + 1


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])
