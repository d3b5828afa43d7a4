"""How well the lips match real speakers, from their sound alone.

    python -m benchmarks lips EVAL_FOLDER [--held-out FOLDER] [--keep FOLDER]

EVAL_FOLDER holds `clips/`, `truth/` and the scorer `lipmotion.py`. The lips move as in any render:
`speech.listen` recognises each clip, without its transcript, and `pipeline.motion` moves a neutral mouth. The
shipped weights were trained on these very speakers; give the `held-out` folder of `training.readout`, or of
`training.lips`, to score each speaker with weights that were not. Then the speed, as a multiple of real time
on one core.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from pipeline.motion import lip_network, lip_readout
from pipeline.motion.lip_predictor import LipPredictor
from pipeline.motion.lips import LipMotion
from pipeline.motion.window import speech_windows
from pipeline.speech import listen
from pipeline.types import BLENDSHAPES, Speech

FPS = 25
"""Frames per second of the clips."""


def main(argv: list[str] | None = None) -> None:
    """Predict every clip, print the scorer's table and the speed."""
    parser = argparse.ArgumentParser(prog="benchmarks lips", description=__doc__.splitlines()[0])
    parser.add_argument("evaluation", type=Path, help="folder with clips/, truth/ and lipmotion.py")
    parser.add_argument("--held-out", type=Path, help="weights by training.lips that lack the speakers")
    parser.add_argument("--keep", type=Path, help="where to leave the predicted curves")
    options = parser.parse_args(argv)
    names = [clip["name"] for clip in json.loads((options.evaluation / "clips" / "clips.json").read_text())]
    held_out = _held_out(options.held_out) if options.held_out else {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        seconds = spent = 0.0
        for name in names:
            parts = list(listen(options.evaluation / "clips" / f"{name}.mp4", fps=FPS))
            started = time.process_time()
            scores = predict(parts, held_out.get(name))
            spent += time.process_time() - started
            seconds += sum(part.duration for part in parts)
            np.savez(folder / f"{name}.npz", fps=FPS, blendshapes=scores, names=np.array(BLENDSHAPES))
        _score(options.evaluation, folder)
    left_out = sum(name in held_out for name in names)
    print(f"{left_out} of {len(names)} speakers were scored with weights that were not trained on them")
    print(f"speed: {seconds / spent:.0f} x real time on one core ({seconds:.0f} s of speech)")


def predict(parts: Iterable[Speech], predictor: LipPredictor | None) -> np.ndarray:
    """`(T, 52)` blendshapes of a neutral face at `FPS` that says `parts`; None is the shipped predictor."""
    lips = LipMotion(np.zeros(len(BLENDSHAPES), np.float32), predictor=predictor)
    return np.concatenate([lips.generate(window) for window in speech_windows(parts, FPS)])


def _held_out(folder: Path) -> dict[str, LipPredictor]:
    """The predictor of each speaker that was left out of its training."""
    found: dict[str, LipPredictor] = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as stored:
            is_readout = "bias" in stored
        predictor: LipPredictor = lip_readout.load(path) if is_readout else lip_network.load(path)
        found.update(dict.fromkeys(predictor.absent, predictor))
    return found


def _score(evaluation: Path, predictions: Path) -> None:
    command = [sys.executable, str(evaluation / "lipmotion.py"), str(predictions)]
    command += ["--truth", str(evaluation / "truth"), "--json", str(predictions / "scores.json")]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
