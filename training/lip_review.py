"""Train the filter by which `pipeline.review` estimates from the sound how far a mouth is open.

    python -m training.track SYNCED SYNCED_TRACKS
    python -m training.track OTHERS OTHER_TRACKS
    python -m training.lip_review SYNCED_TRACKS OTHER_TRACKS

SYNCED are clips that are in sync; the others may be early or late and are shifted by their best lag. Prints
the correlation on each synced speaker with that speaker left out, then writes `assets/models/lip_review.npz`,
trained on all.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.motion.audio_features import STEPS, SpeakerNormalizer, log_mel
from pipeline.review.lips import LAGS, MODEL, apply_filter
from pipeline.review.sampling import SOUND_RATE, aperture
from training.track import load_tracks

OFFSETS = np.arange(-24, 25, 4)
"""Offsets of the filter's taps in steps of 10 ms."""
RIDGE = 3000.0
"""Regularisation."""
_LEAST = 0.3
"""Correlation below which a clip's lag is not reliable."""


@dataclass(frozen=True, eq=False)
class Clip:
    """What is needed of a track."""

    name: str
    """Of the file, without suffix."""
    spectra: np.ndarray
    """`(K, BANDS)`, normalised."""
    time: np.ndarray
    """`(T,)` s of the frames with a face and speech."""
    gap: np.ndarray
    """`(T,)` gap between the lips, with mean 0 and standard deviation 1."""
    lag: float = 0.0
    """Seconds by which the picture is late."""


def load(folder: Path) -> list[Clip]:
    """The clips of a folder of tracks that have at least a second of speech."""
    clips = []
    for track in load_tracks(folder):
        spectra = log_mel(track.samples, SOUND_RATE)
        normalizer = SpeakerNormalizer().updated(spectra)
        time = track.time - track.sound_start
        speaking = np.interp(time, np.arange(len(spectra)) / STEPS, normalizer.speaking(spectra)) > 0.5
        kept = track.face_ok & speaking
        if kept.sum() < 25:
            continue
        gap = aperture(track.landmarks[kept])
        clips.append(
            Clip(track.name, normalizer.normalize(spectra), time[kept], (gap - gap.mean()) / gap.std())
        )
    return clips


def fit(clips: list[Clip]) -> np.ndarray:
    """Ridge regression: `(offsets, BANDS)` float32."""
    bands = clips[0].spectra.shape[1]
    size = len(OFFSETS) * bands
    square, product = RIDGE * np.eye(size), np.zeros(size)
    for clip in clips:
        inputs = np.concatenate([_at(clip, int(offset)) for offset in OFFSETS], axis=1)
        inputs -= inputs.mean(0)
        square += inputs.T @ inputs
        product += inputs.T @ clip.gap
    return np.linalg.solve(square, product).reshape(len(OFFSETS), bands).astype(np.float32)


def _at(clip: Clip, offset: int) -> np.ndarray:
    """`(T, BANDS)` spectra `offset` steps after each frame."""
    wanted = (clip.time - clip.lag) * STEPS + offset
    low = np.clip(np.floor(wanted).astype(int), 0, len(clip.spectra) - 2)
    part = np.clip(wanted - low, 0, 1)[:, None]
    return (1 - part) * clip.spectra[low] + part * clip.spectra[low + 1]


def best_lag(clip: Clip, weights: np.ndarray) -> tuple[float, float]:
    """The lag in s with the highest correlation, and that correlation."""
    curve = apply_filter(clip.spectra, weights, OFFSETS)
    grid = np.arange(len(curve)) / STEPS
    fits = [float(np.corrcoef(np.interp(clip.time - lag, grid, curve), clip.gap)[0, 1]) for lag in LAGS]
    return float(LAGS[int(np.argmax(fits))]), max(fits)


def align(clips: list[Clip], weights: np.ndarray) -> list[Clip]:
    """The clips shifted by their best lag, without those that correlate at none."""
    found = [(clip, *best_lag(clip, weights)) for clip in clips]
    return [replace(clip, lag=lag) for clip, lag, fits in found if fits > _LEAST]


def main() -> None:
    """Train, report, and write the filter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("synced", type=Path)
    parser.add_argument("others", type=Path)
    parser.add_argument("--output", type=Path, default=MODEL)
    options = parser.parse_args()
    synced, others = load(options.synced), load(options.others)
    moved = align(others, fit(synced))
    moved = align(others, fit(synced + moved))
    scores = []
    for clip in synced:
        lag, fits = best_lag(clip, fit([other for other in synced if other is not clip] + moved))
        scores.append(fits)
        print(f"{clip.name}: r {fits:.2f} at {1000 * lag:+.0f} ms")
    print(
        f"left out in turn: mean r {np.mean(scores):.3f}, least {min(scores):.3f}; {len(moved)} others used"
    )
    np.savez_compressed(options.output, weights=fit(synced + moved), offsets=OFFSETS)


if __name__ == "__main__":
    main()
