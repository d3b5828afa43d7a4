"""The README's picture: frames of a sample video, tiled.

python -m benchmarks picture [--photo FILE] [-o assets/readme.jpg]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline import render
from pipeline.assets import ASSETS
from pipeline.samples import HOPPER
from pipeline.video import read_frames

COLUMNS, ROWS, SIDE = 6, 2, 256
"""Tiles across and down, and the side of each in px."""


def main(argv: Sequence[str]) -> None:
    """Render the sample and write the tiles."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks picture", description=__doc__)
    parser.add_argument("--photo", type=Path, default=HOPPER.path)
    parser.add_argument("-o", "--output", type=Path, default=ASSETS / "readme.jpg")
    arguments = parser.parse_args(argv)
    text = (ASSETS / "demo.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "clip.mp4"
        result = render(arguments.photo, video, text=text, size=SIDE * 2, mark=False)
        wanted = set(np.linspace(10, result.duration * 25 - 10, COLUMNS * ROWS).astype(int).tolist())
        tiles = [frame for index, frame in enumerate(read_frames(video)) if index in wanted]
    small = [cv2.resize(tile, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for tile in tiles]
    rows = [np.hstack(small[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(ROWS)]
    picture = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(arguments.output), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(arguments.output)
