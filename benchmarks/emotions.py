"""Is an emotion told from another by what is seen? Rendered, tracked and named by the nearest neighbour.

    python -m benchmarks emotions PHOTOS_FOLDER [--portraits N] [--skip N] [--seed N] [--tiles FILE.png]

Every photo of the folder says the same words with each emotion, and the face is tracked in the frames. The
scores' means over the clip are compared, each portrait left out in turn: its clip gets the emotion of the
nearest clip (Euclidean distance) of the other portraits. The same is done with how the means differ from the
still photo's scores, and with single frames against the means. Then come the median over portraits of the
telling scores, and the gap of the lips at p, b and m. `--tiles` keeps the frame in the middle of each.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import cv2
import numpy as np

from pipeline.faces import portrait, track
from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.heads.puppet import load
from pipeline.speech import speak
from pipeline.types import SHAPE, Emotion, Face, Speech, Style

EMOTIONS: tuple[Emotion, ...] = get_args(Emotion)
_TEXT = "Maybe some people prefer a map. Both of my brothers remember it."
_FPS = 25
_SKIP = 15
"""Frames at either end, in which the expression comes and goes."""
_TELLING = (
    "mouthSmile", "cheekSquint", "eyeSquint", "eyeWide", "browDown", "browInnerUp", "browOuterUp",
    "mouthFrown", "mouthPress",
)  # fmt: skip
"""The scores that are printed."""
_BILABIAL = ("p", "b", "m")


@dataclass(frozen=True)
class Take:
    """One portrait with one emotion."""

    portrait: str
    emotion: Emotion
    scores: np.ndarray
    """`(T, 52)` as tracked in the frames."""
    still: np.ndarray
    """`(52,)` of the photo."""
    gaps: list[float]
    """Least gap of the lips at each p, b and m, in inter-ocular distances."""
    image: np.ndarray
    """`(H, W, 3)` uint8: the frame in the middle."""


def main(argv: list[str] | None = None) -> None:
    """Render, track and print."""
    parser = argparse.ArgumentParser(prog="benchmarks emotions", description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="folder of .jpg portraits")
    parser.add_argument("--portraits", type=int, default=6, help="how many of them (default 6)")
    parser.add_argument("--skip", type=int, default=0, help="how many to leave out before them")
    parser.add_argument("--seed", type=int, default=0, help="of the performance (default 0)")
    parser.add_argument("--tiles", type=Path, help="PNG file of a frame of each")
    options = parser.parse_args(argv)
    photos = sorted(options.photos.glob("*.jpg"))[options.skip :][: options.portraits]
    parts = list(speak(_TEXT, fps=_FPS))
    takes = []
    for photo, emotion in itertools.product(photos, EMOTIONS):
        takes.append(take(photo, emotion, parts, options.seed))
        print(".", end="", flush=True)
    print(f"\n{'':10s}" + "".join(f"{name:>12s}" for name in _TELLING) + "   gap at p, b, m")
    for emotion in EMOTIONS:
        print(_row(emotion, [each for each in takes if each.emotion == emotion]))
    print(f"named: {named(takes)}; by change from the photo: {named(takes, changes=True)}")
    print(f"named by one frame: {named(takes, frames=True)}")
    if options.tiles:
        rows = [np.hstack([cv2.resize(each.image, (256, 256)) for each in of]) for of in _portraits(takes)]
        cv2.imwrite(str(options.tiles), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def take(photo: Path, emotion: Emotion, parts: list[Speech], seed: int) -> Take:
    """One portrait says `parts` with one emotion, and is tracked."""
    subject = portrait(photo)
    style = Style(fps=_FPS, emotion=emotion, seed=seed)
    frames = [frame.image for frame in load().animate(subject, parts, style, speaking=True).frames]
    faces = list(track(frames, _FPS))
    seen = [face for face in faces[_SKIP:-_SKIP] if face is not None]
    return Take(
        portrait=photo.stem,
        emotion=emotion,
        scores=np.array([face.blendshapes for face in seen]),
        still=subject.face.blendshapes,
        gaps=list(_closures(parts, faces)),
        image=frames[len(frames) // 2],
    )


def named(takes: list[Take], *, changes: bool = False, frames: bool = False) -> str:
    """How many clips, or `frames`, are nearest to one of their own emotion among those of other portraits.

    `changes`: compare how the scores differ from the photo's own.
    """
    right = count = 0
    wrong: list[str] = []
    for each in takes:
        others = [other for other in takes if other.portrait != each.portrait]
        known = np.array([other.scores.mean(0) - changes * other.still for other in others])
        shown = each.scores - changes * each.still
        for row in shown if frames else shown.mean(0)[None]:
            nearest = others[int(np.linalg.norm(known - row, axis=1).argmin())].emotion
            right, count = right + (nearest == each.emotion), count + 1
            if nearest != each.emotion and not frames:
                wrong.append(f"{each.portrait} {each.emotion} as {nearest}")
    return f"{right}/{count} = {right / count:.2f}" + (f" ({', '.join(wrong)})" if wrong else "")


def _closures(parts: Iterable[Speech], faces: list[Face | None]) -> Iterator[float]:
    """The least gap of the lips during each p, b and m."""
    start = 0.0
    for part in parts:
        for phone in part.phones:
            if phone.label in _BILABIAL:
                first, last = (round((start + time) * _FPS) for time in (phone.start, phone.end))
                yield min(
                    (_gap(face) for face in faces[max(first - 1, 0) : last + 2] if face), default=np.nan
                )
        start += part.duration


def _gap(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks[UPPER_LIP] - face.landmarks[LOWER_LIP])) / face.interocular


def _portraits(takes: list[Take]) -> Iterator[list[Take]]:
    for _, of in itertools.groupby(takes, key=lambda each: each.portrait):
        yield list(of)


def _row(emotion: Emotion, takes: list[Take]) -> str:
    scores = np.median([each.scores.mean(0) for each in takes], 0)
    values = [
        np.mean([score for full, score in zip(SHAPE, scores, strict=True) if full.startswith(name)])
        for name in _TELLING
    ]
    gaps = np.concatenate([each.gaps for each in takes])
    closed = f"{np.nanmedian(gaps):.3f}, 90th percentile {np.nanpercentile(gaps, 90):.3f}"
    return f"{emotion:10s}" + "".join(f"{value:12.2f}" for value in values) + f"   {closed}"


if __name__ == "__main__":
    main()
