"""What an edit costs in a script, and how its pieces join.

    python -m benchmarks script [--photo FILE] [--lines 20] [--height 1080]

A film with slides and a presenter in the corner is rendered once. Then one line is edited: that render is
compared with one of a script that has only this line, in turns, because machines are noisy. Joins are judged
by the frame difference at each cut within a scene, relative to those in the second on either side.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from pipeline import script
from pipeline.samples import COLLINS
from pipeline.types import RATE

_LINES = (
    "We looked at the results of the last quarter this morning, and they are good.",
    "Most of you will be glad to hear that the new studio opens on Monday.",
    "Please bring a photograph, a few words, and a little patience with you.",
)
_LINES_IN_A_SCENE = 4


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks script", description=__doc__)
    parser.add_argument("--photo", type=Path, default=COLLINS.path)
    parser.add_argument("--lines", type=int, default=20)
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        _measure(_Project(Path(folder), arguments.photo, arguments.lines, arguments.height), arguments.runs)


class _Project:
    def __init__(self, folder: Path, photo: Path, lines: int, height: int) -> None:
        self.folder = folder
        self.photo = photo
        self.height = height
        self.lines = [f"{_LINES[number % len(_LINES)]} That was {number + 1}." for number in range(lines)]
        self.store = script.Store(folder / "store")
        _write_deck(folder / "deck.pdf", -(-lines // _LINES_IN_A_SCENE))

    def film(self, lines: Sequence[str], name: str) -> script.Script:
        """A script with these lines, a slide for every few of them."""
        groups = [lines[at : at + _LINES_IN_A_SCENE] for at in range(0, len(lines), _LINES_IN_A_SCENE)]
        values = {
            "output": {"path": name, "height": self.height, "captions": "srt", "overwrite": True},
            "presenters": {"host": {"subject": str(self.photo), "consent": "fictional"}},
            "scenes": [
                {"background": f"deck.pdf#{number}", "layout": "corner", "lines": list(group)}
                for number, group in enumerate(groups, 1)
            ],
        }
        return script.script_of(values, folder=self.folder)


def _measure(project: _Project, runs: int) -> None:
    film = project.film(project.lines, "film.mp4")
    started = time.perf_counter()
    made = script.render(film, store=project.store)
    whole = time.perf_counter() - started
    about = f"({len(project.lines)} lines, {project.height}p)"
    print(f"film, s                           {made.duration:6.1f}   {about}")
    print(f"whole render, share of real time  {whole / made.duration:6.2f}")
    edits, owns = [], []
    for run in range(runs):
        text = f"{project.lines[-1]} Take {run + 2}."
        alone = script.Store(project.folder / f"alone{run}")
        owns.append(_timed(project.film([text], "line.mp4"), alone))
        edits.append(_timed(project.film([*project.lines[:-1], text], "film.mp4"), project.store))
    print(f"one line's own render, s          {statistics.median(owns):6.2f}")
    print(f"the film with this line edited, s {statistics.median(edits):6.2f}")
    ratio = statistics.median(edit / own for edit, own in zip(edits, owns, strict=True))
    print(f"edit / own render                 {ratio:6.2f}   (goal: 1.3)")
    print(f"join of the film, s               {_timed(film, project.store):6.2f}   (goal: 3)")
    started = time.perf_counter()
    script.plan(project.film(["New.", *project.lines[1:]], "film.mp4"), store=project.store)
    print(f"plan, s                           {time.perf_counter() - started:6.2f}   (goal: 0.5)")
    _judge_joins(project, film, made.video)


def _timed(film: script.Script, store: script.Store) -> float:
    started = time.perf_counter()
    script.render(film, store=store)
    return time.perf_counter() - started


def _judge_joins(project: _Project, film: script.Script, video: Path) -> None:
    """Print the worst cut within a scene: of the picture, and of the sound."""
    planned = script.plan(film, store=project.store).shots
    ends = np.cumsum([round(shot.seconds * film.output.fps) for shot in planned])
    cuts = [int(end) for number, end in enumerate(ends[:-1], 1) if number % _LINES_IN_A_SCENE]
    steps = _steps(video)
    shares = [
        steps[cut - 1] / max(*steps[max(cut - 26, 0) : cut - 1], *steps[cut : cut + 25]) for cut in cuts
    ]
    print(f"worst cut / largest step beside it{max(shares, default=0):6.2f}   (goal: 1)")
    with av.open(str(video)) as box:
        sound = np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], 1)[0]
    clicks = [np.abs(np.diff(sound[at - 240 : at + 240])).max() for at in (cut * RATE // 25 for cut in cuts)]
    largest = np.abs(np.diff(sound)).max()
    print(f"largest step of sound at a cut    {max(clicks, default=0):6.4f}   (in the film: {largest:.4f})")


def _steps(video: Path) -> np.ndarray:
    """Mean difference of each frame from the one before, in levels; memory does not grow with length."""
    before, steps = None, []
    with av.open(str(video)) as box:
        for frame in box.decode(video=0):
            image = frame.to_ndarray(format="gray").astype(np.int16)
            if before is not None:
                steps.append(float(np.abs(image - before).mean()))
            before = image
    return np.array(steps)


def _write_deck(path: Path, pages: int) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot
    from matplotlib.backends.backend_pdf import PdfPages

    with PdfPages(path) as deck:
        for number in range(1, pages + 1):
            figure = pyplot.figure(figsize=(13.33, 7.5))
            figure.text(0.08, 0.75, f"Quarter {number}", fontsize=48)
            figure.text(0.08, 0.35, "Results\nPeople\nPlans", fontsize=30)
            deck.savefig(figure)
            pyplot.close(figure)
