"""The README's picture: frames of the sample video, tiled.

python -m benchmarks picture [--photo FILE] [-o assets/readme.jpg]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline import Request, render
from pipeline.video import read_frames

ROOT = Path(__file__).parents[1]
COLUMNS, ROWS, SIDE = 6, 2, 256


def main(argv: Sequence[str]) -> None:
    """Render the sample and write the tiles."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks picture", description=__doc__)
    parser.add_argument("--photo", type=Path, default=ROOT / "assets" / "portraits" / "hopper.jpg")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "assets" / "readme.jpg")
    arguments = parser.parse_args(argv)
    text = (ROOT / "assets" / "demo.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "clip.mp4"
        result = render(Request(arguments.photo, video, text=text, size=SIDE * 2, mark=False))
        wanted = set(np.linspace(10, result.duration * 25 - 10, COLUMNS * ROWS).astype(int).tolist())
        tiles = [frame for index, frame in enumerate(read_frames(video)) if index in wanted]
    small = [cv2.resize(tile, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for tile in tiles]
    rows = [np.hstack(small[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(ROWS)]
    picture = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(arguments.output), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(arguments.output)
