"""Do lips that a photo shows open close? Sounds of p, b and m on many photos, tracked again.

    python -m benchmarks closures PHOTOS_FOLDER [--half 0|1] [--emotion NAME]

PHOTOS_FOLDER holds photos (.jpg, .png) and clips (.mp4), whose most open frame is a photo. Each says one
sentence, and the face is tracked in the middle of its closures. Per photo: the gap of its own lips, and the
median and the largest of the tracked ones, all in inter-ocular distances; in all, how many of them are over
0.015. Photos whose own lips are closed are left out of clips only. `--half` takes every other file, so that
one half can be tuned on and the other reported.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np

from pipeline.errors import NoFaceError
from pipeline.faces import find, portrait, track
from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.motion import perform
from pipeline.motion.articulation import articulation
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.spec import DEFAULT_VOICE
from pipeline.speech import speak
from pipeline.types import Emotion, Face, Motion, Speech, Style
from pipeline.video import probe, read_frames

_TEXT = "Maybe Bob put some pepper on my lamb; people may not mind, but Mom hopes to buy a bigger map."
_FPS = 25
_CLOSED = 0.015
"""Gap in inter-ocular distances up to which lips count as closed."""
_OPEN = 0.045
"""Gap from which a frame of a clip shows an open mouth."""
_EVERY = 0.3
"""Seconds between the frames of a clip among which the most open one is looked for."""
_CLOSURES = 6
"""Closures that are looked at."""
_SETTLED = 12, 20
"""Frames at the beginning and the end, in which a face leaves its own expression and returns to it."""


def main(argv: list[str] | None = None) -> None:
    """Let every photo speak and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks closures", description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="folder of photos and clips")
    parser.add_argument("--half", type=int, choices=(0, 1), help="every other file alone")
    parser.add_argument("--emotion", choices=get_args(Emotion), default="neutral", help="(default neutral)")
    options = parser.parse_args(argv)
    files = [path for path in sorted(options.photos.iterdir()) if path.suffix in (".jpg", ".png", ".mp4")]
    files = files if options.half is None else files[options.half :: 2]
    speech = list(speak(_TEXT, voice=DEFAULT_VOICE, fps=_FPS))
    found = []
    print(f"{'photo':20s} own gap   median  largest")
    for path in files:
        image = _most_open(path) if path.suffix == ".mp4" else path
        if image is None:
            continue
        own, gaps = measure(image, speech, options.emotion)
        found.append(gaps)
        print(f"{path.stem:20s}   {own:5.3f}    {np.median(gaps):5.3f}    {gaps.max():5.3f}", flush=True)
    everything = np.concatenate(found)
    over, clean = np.mean(everything > _CLOSED), np.mean([gaps.max() <= _CLOSED for gaps in found])
    print(
        f"{len(found)} photos, {len(everything)} closures: {over:.3f} over {_CLOSED}, "
        f"largest {everything.max():.3f}; none over it on {clean:.2f} of the photos"
    )


def measure(photo: Path | np.ndarray, speech: list[Speech], emotion: Emotion) -> tuple[float, np.ndarray]:
    """The gap of a photo's own lips, and those tracked in its closures, in inter-ocular distances."""
    subject = portrait(photo)
    renderer = PortraitRenderer(subject)
    renderer.calibrate()
    motions = list(perform(speech, Style(fps=_FPS, emotion=emotion, seed=7), rest=subject.face))
    frames = _frames(renderer, motions, _middles(speech))
    # each is shown twice: the first time a tracker still starts from the frame before
    tracked = list(track((frame for frame in frames for _ in range(2)), _FPS))[1::2]
    return _gap(subject.face), np.array([_gap(face) for face in tracked if face is not None])


def _frames(renderer: PortraitRenderer, motions: list[Motion], indices: list[int]) -> Iterator[np.ndarray]:
    scores, pose, shift = (
        np.concatenate([getattr(motion, name) for motion in motions])
        for name in ("blendshapes", "pose", "shift")
    )
    for index in indices:
        yield renderer.render_frame(scores[index], pose[index], shift[index])[0]


def _middles(speech: list[Speech]) -> list[int]:
    """Indices of the frames in the middle of some closures."""
    strengths = [
        articulation(part.phones, np.arange(round(part.duration * _FPS)) / _FPS, _FPS).bilabial
        for part in speech
    ]
    closed = np.concatenate(strengths) > 0.9
    edges = np.flatnonzero(np.diff(np.concatenate([[0], closed, [0]])))
    middles = (edges[::2] + edges[1::2] - 1) // 2
    inner = middles[(middles > _SETTLED[0]) & (middles < len(closed) - _SETTLED[1])]
    return inner[:: max(1, len(inner) // _CLOSURES)][:_CLOSURES].tolist()


def _most_open(clip: Path) -> np.ndarray | None:
    """The frame of a clip whose lips are farthest apart; None where they are never open."""
    step = max(1, round(probe(clip).fps * _EVERY))
    best, widest = None, _OPEN
    for index, image in enumerate(read_frames(clip)):
        if index % step:
            continue
        try:
            gap = _gap(find(image, others=False)[0])
        except NoFaceError:
            continue
        if gap > widest:
            best, widest = image.copy(), gap
    return best


def _gap(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks[UPPER_LIP] - face.landmarks[LOWER_LIP])) / face.interocular


if __name__ == "__main__":
    main()
