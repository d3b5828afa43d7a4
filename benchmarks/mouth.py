"""The light between the lips: a clip's first frame as the photo, its two most open runs re-enacted.

    python -m benchmarks mouth CLIPS_FOLDER [--teeth-from-clip] [--clips N]

Per clip, 24 frames of each run against the true ones, whose lips are moved onto the rendered ones
(`training.mouth_pairs`), in units of the cheeks' light: the error (RMS) inside the opening; the lightest and
darkest of the light (97th and 5th percentile) and its spread, ours and real; and of frames whose lips are
0.05 to 0.10 inter-ocular distances apart, in how many the opening's middle is brighter than 0.8 and darker
than 0.35 of the cheeks. With `--teeth-from-clip` each run is rendered with the tooth lines that the product
reads in the other.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.reenact import tracked
from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.puppet.painting.palette import LUMA
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.tooth_lines import read_tooth_lines
from pipeline.types import Face, Portrait
from pipeline.video import probe, read_frames
from training.mouth_pairs import pair

RUN = 24
"""Frames of a run."""
_SMALL_GAPS = 0.05, 0.10
"""Small openings in inter-ocular distances."""
_BRIGHT, _DARK = 0.8, 0.35
"""Light of the opening's middle from which it counts as bright, and below which as dark, of the cheeks'."""

_PICTURES = 6
"""Frames from which a speaker's teeth are read."""

Seen = tuple[np.ndarray, Face]
"""A frame `(H, W, 3)` uint8 and its face."""


@dataclass(frozen=True, eq=False)
class Inside:
    """The light inside one opening, in units of the cheeks' light."""

    ours: np.ndarray
    """`(N,)`"""
    real: np.ndarray
    """`(N,)`"""
    middles: tuple[float, float]
    """Of the fifth of it around its centre, ours and real."""
    gap: float
    """Of the lips, in inter-ocular distances."""


def main(argv: list[str] | None = None) -> None:
    """Re-enact the open runs of every clip and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks mouth", description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path, help="folder of .mp4 clips")
    parser.add_argument("--clips", dest="count", type=int, default=99, help="how many of them")
    parser.add_argument("--teeth-from-clip", action="store_true", help="read each run's teeth in the other")
    options = parser.parse_args(argv)
    print("clip        error   p97 ours real    p5 ours real    SD ours real")
    everything: list[Inside] = []
    errors = []
    for clip in sorted(options.clips.glob("*.mp4"))[: options.count]:
        inside = measured(clip, teeth_from_clip=options.teeth_from_clip)
        everything += inside
        errors.append(error(inside))
        print(f"{clip.stem:10s}  {errors[-1]:.3f}   {light(inside)}", flush=True)
    print(f"{'mean':10s}  {np.mean(errors):.3f}   {light(everything)}")
    print(small_openings(everything))


def measured(clip: Path, *, teeth_from_clip: bool) -> list[Inside]:
    """What is between the lips in both runs of a clip."""
    seen = [(image, face) for image, face in tracked(read_frames(clip), round(probe(clip).fps)) if face]
    photo, first = seen[0]
    one, other = open_runs(seen[1:])
    found = []
    for run, shown in ((one, other), (other, one)):
        teeth = read_tooth_lines(widest(shown)) if teeth_from_clip else None
        renderer = PortraitRenderer(Portrait(photo, first, teeth=teeth))
        found += [_inside(pair(renderer, first, *each)) for each in run]
    return [each for each in found if each is not None]


def widest(run: list[Seen]) -> list[Seen]:
    """The frames of a run from which its speaker's teeth are read: the most open ones."""
    return sorted(run, key=lambda seen: -gap(seen[1]))[: 3 * _PICTURES : 3]


def open_runs(seen: list[Seen]) -> list[list[Seen]]:
    """The two runs of `RUN` frames, apart from each other, in which lips are farthest apart on average."""
    gaps = np.array([gap(face) for _, face in seen])
    means = np.convolve(gaps, np.full(RUN, 1 / RUN), "valid")
    first = int(means.argmax())
    means[max(first - RUN + 1, 0) : first + RUN] = -1
    starts = sorted({first, int(means.argmax())})
    return [seen[start : start + RUN] for start in starts]


def gap(face: Face) -> float:
    """How far the lips are apart, in inter-ocular distances."""
    away = face.landmarks[UPPER_LIP] - face.landmarks[LOWER_LIP]
    return float(np.linalg.norm(away)) / face.interocular


def _inside(row: tuple[np.ndarray | float, ...]) -> Inside | None:
    """The light between the lips of a re-enacted frame; None where nothing is seen there."""
    drawn, _, cover, truth, lip_gap, skin, _ = row
    unit = max(float(np.asarray(skin) @ LUMA), 1.0)
    mask = np.asarray(cover) > 127
    if mask.sum() < 12:
        return None
    ours, real = (np.asarray(crop, np.float32) @ LUMA / unit for crop in (drawn, truth))
    y, x = np.nonzero(mask)
    near = np.hypot((x - x.mean()) / max(np.ptp(x), 1), (y - y.mean()) / max(np.ptp(y), 1))
    middle = near <= np.quantile(near, 0.2)
    return Inside(
        ours[mask],
        real[mask],
        (float(ours[mask][middle].mean()), float(real[mask][middle].mean())),
        float(lip_gap),
    )


def error(found: list[Inside]) -> float:
    """RMS difference of the light, averaged over the frames."""
    return float(np.mean([np.sqrt(np.mean((one.ours - one.real) ** 2)) for one in found]))


def light(found: list[Inside]) -> str:
    """The lightest, the darkest and the spread of the light, ours and real, averaged over the frames."""
    sides = [[_statistics(one.ours) for one in found], [_statistics(one.real) for one in found]]
    ours, real = np.mean(sides, 1)
    return "   ".join(f"{mine:8.2f} {true:5.2f}" for mine, true in zip(ours, real, strict=True))


def small_openings(found: list[Inside]) -> str:
    """How often the middle of a small opening is bright, and dark."""
    middles = np.array([one.middles for one in found if _SMALL_GAPS[0] <= one.gap <= _SMALL_GAPS[1]])
    if not len(middles):
        return "no small openings"
    bright, dark = 100 * (middles > _BRIGHT).mean(0), 100 * (middles < _DARK).mean(0)
    return (
        f"{len(middles)} small openings: bright middles {bright[0]:.0f} % (real {bright[1]:.0f} %), "
        f"dark ones {dark[0]:.0f} % (real {dark[1]:.0f} %)"
    )


def _statistics(values: np.ndarray) -> tuple[float, float, float]:
    return float(np.percentile(values, 97)), float(np.percentile(values, 5)), float(values.std())
