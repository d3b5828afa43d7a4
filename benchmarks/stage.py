"""Composing scenes: seconds per frame with encoding, of every layout; and opening a deck with thumbnails.

    python -m benchmarks stage [--seconds N]

A sample portrait plays a slow turn of the head in front of a slide or a video, at 1080p and 25 fps. The
shares of real time include the presenter's frames and the encoding.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.usage import cpu_seconds
from pipeline.faces import portrait
from pipeline.puppet.renderer import render
from pipeline.samples import COLLINS
from pipeline.stage.backgrounds import open_background
from pipeline.stage.framing import fitted
from pipeline.stage.layout import Composer, Layout, PresenterFrame
from pipeline.stage.matting import Matte, cut_out
from pipeline.stage.slides import read_deck
from pipeline.types import BLENDSHAPES, RATE, Frame, Motion, Portrait
from pipeline.video import Writer

FPS, SIZE = 25, (1920, 1080)
PAGES = 30


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks stage", description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    seconds = parser.parse_args(argv).seconds
    with tempfile.TemporaryDirectory() as folder:
        deck = _deck(Path(folder) / "deck.pdf")
        start = time.perf_counter()
        for slide in read_deck(deck):
            slide.image((320, 180))
        print(f"{PAGES} pages with thumbnails: {time.perf_counter() - start:.2f} s")
        photo = portrait(COLLINS.path)
        start, cpu = time.perf_counter(), cpu_seconds()
        cut = cut_out(photo)
        print(f"photo cut out: {time.perf_counter() - start:.2f} s, {cpu_seconds() - cpu:.2f} s of CPU time")
        print(f"{'':28}{'share':>8}{'CPU':>8}")
        film = Path(folder) / "film.mp4"
        _scene(photo, Layout.CORNER, deck, film, 1)
        for name, subject, layout in (
            ("corner, slide", photo, Layout.CORNER),
            ("right, cut out, slide", cut, Layout.RIGHT),
            ("full, cut out, slide", cut, Layout.FULL),
        ):
            _row(name, seconds, partial(_scene, subject, layout, deck, film, seconds))
        video, other = open_background(film, SIZE, FPS), film.with_name("over.mp4")
        _row("corner, video", seconds, partial(_film, photo, Layout.CORNER, video, other, seconds))


def _row(name: str, seconds: float, work: Callable[[], object]) -> None:
    wall, cpu = time.perf_counter(), cpu_seconds()
    work()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    print(f"{name:28}{wall / seconds:8.2f}{cpu / seconds:8.2f}", flush=True)


def _scene(subject: Portrait, layout: Layout, deck: Path, film: Path, seconds: int) -> None:
    background = open_background(f"{deck}#2", SIZE, FPS, layout=layout)
    _film(subject, layout, background, film, seconds)


def _film(
    subject: Portrait, layout: Layout, background: Iterable[np.ndarray], film: Path, seconds: int
) -> None:
    subject = fitted(subject, layout, SIZE, cut_out=subject.alpha is not None)
    composer, matte = Composer(layout), Matte(subject.face.box)
    with Writer(film, size=SIZE, fps=FPS, overwrite=True) as writer:
        writer.sound(np.zeros(seconds * RATE, np.float32))
        for frame, behind in zip(_performance(subject, seconds), background, strict=False):
            shown = matte.cut(frame) if subject.alpha is not None else _as_it_is(subject, frame)
            writer.write(composer.compose([shown], behind))


def _as_it_is(subject: Portrait, frame: Frame) -> PresenterFrame:
    return PresenterFrame(frame.image, None, subject.face.box)


def _performance(subject: Portrait, seconds: int) -> Iterator[Frame]:
    count = seconds * FPS
    turn = 8 * np.sin(np.arange(count, dtype=np.float32) / 9)
    shapes = np.zeros((count, len(BLENDSHAPES)), np.float32)
    shapes[:, BLENDSHAPES.index("jawOpen")] = 0.2 + 0.2 * np.sin(np.arange(count))
    pose = np.stack([turn, turn / 3, turn / 4], 1)
    return render(subject, [Motion(FPS, shapes, pose, np.zeros((count, 2), np.float32))])


def _deck(path: Path) -> Path:
    """A deck with text and a chart on each page."""
    pages = []
    for number in range(PAGES):
        page = Image.new("RGB", (1280, 720), "white")
        brush = ImageDraw.Draw(page)
        brush.text((80, 60), f"Results of month {number + 1}", fill="black", font_size=56)
        for bar in range(6):
            tall = 60 + (97 * (bar + number)) % 300
            brush.rectangle((120 + 180 * bar, 640 - tall, 240 + 180 * bar, 640), fill="#204060")
        pages.append(page)
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path
