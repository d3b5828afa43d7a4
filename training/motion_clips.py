"""Make the database of head and brow motion that speech is matched with.

    python -m training.motion_clips TRACKS --others MORE_TRACKS [--out assets/models/motion_clips.npz]

Stretches of real people's motion carry what no formula has: how head, brows and cheeks go together, how a
head holds still and then moves. Every clip is reduced to a few curves without its speaker's amplitude: head
pose in units of the clip's own deviation, brows likewise, all beside the loudness of the speech.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.faces.landmarker import angles
from pipeline.motion import sound_encoder
from pipeline.motion.audio_features import STEPS, SpeakerNormalizer, log_mel, loudness, smoothed
from pipeline.motion.motion_clips import CHANNELS, PATH, RATE, SOFTEST
from training.clips import from_track, in_sync
from training.track import SOUND_RATE, Track, load_tracks

_LEAST_TURN = 1.0
"""Degrees of deviation below which a clip's pose is mostly the tracker's noise."""
_LEAST_BROWS = 0.03
"""The same for the brows' scores."""
_DRIFT, _STEADIED = 1.5, np.array([0.7, 0.15, 0.15])
"""Seconds to either side over which a pose counts as drifting, and the share of the drift of yaw, pitch and
roll that is taken out: a presenter turns back to the camera sooner than the speakers of interviews."""
_SHORTEST = 2.2
"""Seconds that a clip needs."""
_FASTEST = 2.2
"""Change between two samples, in the clip's own deviations, above which a clip has a jerk in it."""
_BLINK_REACH = 3
"""Frames around a blink in which the tracker's brow and cheek scores follow the lids."""

log = logging.getLogger(__name__)


def curves(track: Track, lag: float) -> np.ndarray | None:
    """`(K, len(CHANNELS))` of one clip at `RATE`; None where it is too short, too still or jerky."""
    at = np.arange(track.time[0] + 0.1, track.time[-1] - 0.1, 1 / RATE)
    pose = _sampled(track.time, angles(track.matrix), at)
    pose -= np.median(pose, 0)
    pose -= _STEADIED * np.stack([smoothed(axis, round(_DRIFT * RATE)) for axis in pose.T], 1)
    turn = float(np.sqrt((pose**2).mean()))
    if len(at) < _SHORTEST * RATE or turn < _LEAST_TURN:
        return None
    if np.abs(np.diff(pose, axis=0)).max() > _FASTEST * turn:
        return None
    score = dict(zip(track.names, track.blendshapes.T, strict=True))
    lids = (score["eyeBlinkLeft"] + score["eyeBlinkRight"]) / 2
    face = np.stack([_without_blinks(_sides(score, name), lids) for name in _face_channels()], 1)
    face = _sampled(track.time, face, at)
    face -= np.percentile(face, 20, axis=0)
    face[:, :3] /= max(float(np.sqrt((face[:, :3] ** 2).mean())), _LEAST_BROWS)
    face[:, 4] = np.convolve(np.pad(face[:, 4], 4, mode="edge"), np.hanning(11)[1:-1] / 5, "valid")
    return np.column_stack([pose / turn, np.clip(face, -4, 4), _heard(track, at + lag)])


def _face_channels() -> tuple[str, ...]:
    return CHANNELS[3:-1]


def _sides(score: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name in score:
        return score[name].astype(float)
    return (score[f"{name}Left"] + score[f"{name}Right"]).astype(float) / 2


def _without_blinks(curve: np.ndarray, lids: np.ndarray) -> np.ndarray:
    """The curve interpolated across blinks, during which the tracker mixes it with the lids."""
    shut = np.convolve(lids > np.median(lids) + 0.2, np.ones(2 * _BLINK_REACH + 1), "same") > 0
    frames = np.arange(len(curve))
    return curve if shut.all() else np.interp(frames, frames[~shut], curve[~shut])


def _sampled(time: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values `(T, D)` at the times `at`, the frequencies that `RATE` cannot carry removed."""
    kernel = np.hanning(7)[1:-1] / 3
    soft = [np.convolve(np.pad(column, 2, mode="edge"), kernel, "valid") for column in values.T]
    return np.stack([np.interp(at, time, column) for column in soft], 1)


def _heard(track: Track, at: np.ndarray) -> np.ndarray:
    """Loudness at the times `at`, in nepers below the voice's loud speech."""
    spectra = log_mel(track.samples, SOUND_RATE)
    normalizer = SpeakerNormalizer().updated(spectra)
    peak = normalizer.peak if np.isfinite(normalizer.peak) else 0.0
    level = smoothed(np.clip(loudness(spectra) - peak, SOFTEST, 0), round(0.1 * STEPS))
    return np.interp((at - track.sound_start) * STEPS, np.arange(len(level)), level)


def database(tracks: list[Track], others: list[Track]) -> dict[str, np.ndarray]:
    """The curves of all usable clips, in an order that tells nothing about where they come from."""
    encoder = sound_encoder.load()
    aligned = [from_track(track, encoder) for track in tracks if track.face_ok.all()]
    late = [from_track(track, encoder) for track in others if track.face_ok.all()]
    lags = {clip.name: clip.lag for clip in [*aligned, *in_sync(aligned, late)]}
    typical = float(np.median([lag for name, lag in lags.items() if name not in {c.name for c in aligned}]))
    whole = [track for track in [*tracks, *others] if track.face_ok.all()]
    found = [curves(track, lags.get(track.name, typical)) for track in whole]
    kept = [curve for curve in found if curve is not None]
    kept = [kept[at] for at in np.random.default_rng(0).permutation(len(kept))]
    lengths = np.array([len(curve) for curve in kept])
    return {"curves": np.concatenate(kept).astype(np.float16), "starts": np.cumsum(lengths) - lengths}


def main() -> None:
    """Read the tracks and write the database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tracks", type=Path)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--out", type=Path, default=PATH)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    others = load_tracks(options.others) if options.others else []
    made = database(load_tracks(options.tracks), others)
    save: Any = np.savez_compressed
    save(options.out, **made)
    log.info("%s: %d clips, %d samples", options.out, len(made["starts"]), len(made["curves"]))


if __name__ == "__main__":
    main()
