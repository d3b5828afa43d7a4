"""The README's moving picture: a short clip as MP4 with sound and as an animated WebP beside it.

python -m benchmarks picture [--photo FILE] [--text WORDS] [-o docs/sample.mp4]
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from PIL import Image

from pipeline import render
from pipeline.assets import PORTRAITS
from pipeline.video import read_frames

_TEXT = "Hello! I was a still photograph a moment ago. Now I speak, I blink, and I move my head."

_SIDE = 512
"""Width and height of the video in px."""

_ANIMATION_SIDE = 384
"""Width and height of the animation in px."""

_FPS = 25

_MAX_BYTES = 2_000_000
"""Largest animation: GitHub and slow connections show larger ones late."""


def main(argv: Sequence[str]) -> None:
    """Render the clip and write it in both formats."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks picture", description=__doc__)
    parser.add_argument("--photo", type=Path, default=PORTRAITS / "hopper.jpg")
    parser.add_argument("--text", default=_TEXT)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/sample.mp4"))
    arguments = parser.parse_args(argv)
    result = render(
        arguments.photo,
        arguments.output,
        text=arguments.text,
        size=_SIDE,
        fps=_FPS,
        captions="burn",  # the animation has no sound
        overwrite=True,
    )
    animation = arguments.output.with_suffix(".webp")
    animation.write_bytes(_animated(result.video))
    print(result.video)
    print(animation)


def _animated(video: Path) -> bytes:
    """The clip as an endless WebP animation, at the best quality that stays below `_MAX_BYTES`."""
    frames = [
        Image.fromarray(frame).resize((_ANIMATION_SIDE, _ANIMATION_SIDE), Image.Resampling.LANCZOS)
        for frame in read_frames(video)
    ]
    for quality in range(70, 0, -15):
        data = io.BytesIO()
        frames[0].save(
            data,
            format="WEBP",
            save_all=True,
            append_images=islice(frames, 1, None),
            duration=1000 // _FPS,
            loop=0,
            quality=quality,
        )
        if data.tell() <= _MAX_BYTES:
            break
    return data.getvalue()
