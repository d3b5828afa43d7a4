"""Train the readout that predicts the mouth from what Whisper's encoder hears in speech, on tracked clips.

    python -m training.track CLIPS TRACKS            # once for each folder of clips
    python -m training.readout ALIGNED_TRACKS [--others TRACKS …] --work FOLDER

`ALIGNED_TRACKS` are of clips that are in sync, one speaker each; the lag of the others is found first. Ridge
regression on the principal components of the states, so nothing is drawn by chance and nothing is to be
stopped early. The weights shipped are learned from every clip; those learned without the speakers of each
fold are written to `FOLDER/held-out`, so that `python -m benchmarks lips` can score every aligned speaker
with weights that were not trained on them.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.motion import sound_encoder
from pipeline.motion.lip_readout import PATH
from pipeline.motion.sound_encoder import RATE, STATES, SoundEncoder
from training.clips import Clip, from_track, in_sync
from training.lips import scale
from training.track import Track, load_tracks

OFFSETS = (-6, -3, 0, 3, 6)
"""The states that are read, in fiftieths of a second from the moment."""
COMPONENTS = 96
"""Principal components of the states; twice as many are no better."""
_RIDGE = 1500.0
"""Regularisation, in frames of standardised states; a third and three times as much change r by 0.001."""
_STRETCH = (1.2, 6.0)
"""Seconds of the windows that speech arrives in."""
_BEFORE, _AFTER = 1.0, 0.25
"""Seconds around a window that the encoder hears with it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Learned:
    """A readout, or what it is learned from: sums over clips."""

    square: np.ndarray
    """`(inputs, inputs)` of the weighted inputs."""
    product: np.ndarray
    """`(inputs, outputs)` of weighted inputs and outputs."""

    def __add__(self, other: Learned) -> Learned:
        return Learned(self.square + other.square, self.product + other.product)

    def solved(self) -> np.ndarray:
        """`(inputs, outputs)` weights; the last input is the constant, which is not regularised."""
        ridge = np.full(len(self.square), _RIDGE)
        ridge[-1] = 1e-3
        return np.linalg.solve(self.square + np.diag(ridge), self.product)


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of the states."""

    mean: np.ndarray
    """`(SIZE,)`."""
    axes: np.ndarray
    """`(SIZE, COMPONENTS)`, scaled so that the components have deviation 1."""

    def inputs(self, states: np.ndarray) -> np.ndarray:
        """`(K, SIZE)` states to the `(K, inputs)` of the regression."""
        known = np.arange(len(states))
        found = (states - self.mean) @ self.axes
        around = [found[np.clip(known + offset, 0, len(known) - 1)] for offset in OFFSETS]
        return np.concatenate([*around, np.ones((len(states), 1))], 1)

    def readout(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same weights on the states themselves: `(offsets, SIZE, outputs)`, and the bias."""
        each = weights[:-1].reshape(len(OFFSETS), self.axes.shape[1], -1)
        on_states = self.axes @ each
        return on_states, weights[-1] - self.mean @ on_states.sum(0)


def components(clips: list[Clip]) -> Components:
    """Of the speech in `clips`."""
    states = np.concatenate([clip.states for clip in clips])[::3]
    mean = states.mean(0)
    _, sizes, axes = np.linalg.svd(states - mean, full_matrices=False)
    return Components(mean, axes[:COMPONENTS].T / (sizes[:COMPONENTS] / np.sqrt(len(states))))


def in_windows(samples: np.ndarray, encoder: SoundEncoder, random: np.random.Generator) -> np.ndarray:
    """The states of a clip that is heard in windows, with no more around them than a stream has."""
    count, first, found = len(samples) * STATES // RATE + 1, 0, []
    while first < count:
        last = first + round(random.uniform(*_STRETCH) * STATES)
        last = count if count - last < _STRETCH[0] * STATES else last
        before = max(0, first - round(_BEFORE * STATES))
        heard = samples[before * RATE // STATES : (last + round(_AFTER * STATES)) * RATE // STATES]
        found.append(encoder(heard)[first - before : last - before])
        first = last
    return np.concatenate(found)


def sums(clip: Clip, heard: list[np.ndarray], space: Components) -> Learned:
    """What one clip teaches, each time that it is heard."""
    outputs, _, weight = clip.at_outputs()
    weight = weight[:, None] / len(heard)
    learned = []
    for states in heard:
        inputs = space.inputs(states[: len(outputs)])
        weighted = (inputs * weight).T
        learned.append(Learned(weighted @ inputs, weighted @ outputs))
    return _total(learned)


def _total(parts: list[Learned]) -> Learned:
    whole = parts[0]
    for part in parts[1:]:
        whole += part
    return whole


def moved(clip: Clip, weights: np.ndarray, space: Components) -> np.ndarray:
    """`(2,)` standard deviations of the opening and width that `weights` predict for a speaker."""
    at = (clip.time + clip.lag - clip.sound_start) * STATES
    found = space.inputs(clip.states) @ weights[:, :2]
    curves = [np.interp(at, np.arange(len(found)), column) for column in found.T]
    return np.stack(curves, 1)[clip.speaking].std(0)


def save(
    path: Path, weights: np.ndarray, space: Components, numbers: dict[str, Any], absent: list[str]
) -> None:
    """Write a readout as `pipeline.motion.lip_readout` reads it."""
    on_states, bias = space.readout(weights)
    about = {"offsets": OFFSETS, "absent": absent}
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.float32(values) for name, values in numbers.items()}
    arrays |= {
        "weights": np.float16(on_states),
        "bias": np.float32(bias),
        "about": np.array(json.dumps(about)),
    }
    np.savez_compressed(path, **arrays)


def learn(aligned: list[Clip], others: list[Clip], each: dict[str, Learned], space: Components, *,
          folds: int, work: Path, out: Path) -> None:  # fmt: skip
    """Write the readout of each fold and that of all clips."""
    clips = [*aligned, *others]
    without = {}
    for fold in range(folds):
        absent = [clip.name for clip in aligned[fold::folds]]
        without[fold] = _total([each[clip.name] for clip in clips if clip.name not in absent]).solved()
    deviations = [moved(clip, without[number % folds], space) for number, clip in enumerate(aligned)]
    numbers = {**scale(clips), "gains": 1 / np.mean(deviations, 0)}
    for fold, weights in without.items():
        absent = [clip.name for clip in aligned[fold::folds]]
        save(work / "held-out" / f"{fold}.npz", weights, space, numbers, absent)
    save(out, _total(list(each.values())).solved(), space, numbers, [])


def main() -> None:
    """Find the lags, hear every clip, and write the readouts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("aligned", type=Path, help="tracks of clips that are in sync")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="tracks of clips that may not be")
    parser.add_argument("--work", type=Path, required=True, help="folder for the readouts of the folds")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=PATH)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    encoder = sound_encoder.load()
    tracks: dict[str, Track] = {}
    sets: list[list[Clip]] = []
    for folders in ([options.aligned], options.others):
        found = {track.name: track for folder in folders for track in load_tracks(folder)}
        sets.append([from_track(track, encoder) for track in found.values()])
        tracks |= found
    aligned, late = sets
    others = in_sync(aligned, late)
    log.info("%d of %d clips have a certain lag", len(others), len(late))
    space = components(others or aligned)
    random = np.random.default_rng(0)
    each = {
        clip.name: sums(clip, [clip.states, in_windows(tracks[clip.name].samples, encoder, random)], space)
        for clip in [*aligned, *others]
    }
    learn(aligned, others, each, space, folds=options.folds, work=options.work, out=options.out)
    log.info("%s: %d kB", options.out, options.out.stat().st_size // 1000)


if __name__ == "__main__":
    main()
