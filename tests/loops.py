"""numba's loops are compiled once, before the workers of a parallel run need them.

In a fresh clone the first render spends some twenty seconds of processor time on it, and each worker, the
page's server and every process of a cluster would compile the same loops at the same time.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread

import numpy as np
from filelock import FileLock

ROOT = Path(__file__).parents[1]
_LOCK = "TALKING_HEAD_TESTS_COMPILING"
"""Environment variable that names the lock which is held while they are compiled."""


def compile_aside() -> None:
    """Start compiling in a process of its own while the workers collect their tests."""
    if _are_compiled():
        return
    folder = Path(tempfile.mkdtemp(prefix="loops-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[_LOCK] = str(folder / "lock")
    lock = FileLock(os.environ[_LOCK], thread_local=False)
    lock.acquire()
    own = {
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(folder / "state"),
        "HF_HUB_OFFLINE": "1",
    }
    compiling = subprocess.Popen(
        [sys.executable, __file__, str(folder)],
        cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    atexit.register(compiling.terminate)

    def release_when_done() -> None:
        compiling.wait()
        lock.release()

    Thread(target=release_when_done, daemon=True).start()


def wait_until_compiled() -> None:
    """Return when they are, or at once where nobody compiles; a process that fails is not waited for."""
    if lock := os.environ.pop(_LOCK, None):
        with FileLock(lock):
            pass


def _are_compiled() -> bool:
    """Whether every module of the renderer with loops has newer ones on disk; those of others are small."""
    renderer = (ROOT / "pipeline" / "puppet").rglob("*.py")
    sources = [path for path in renderer if "njit(cache" in path.read_text("utf-8")]
    return all(
        any(
            kept.stat().st_mtime > source.stat().st_mtime
            for kept in (source.parent / "__pycache__").glob(f"{source.stem}.*.nbi")
        )
        for source in sources
    )


def _compile(folder: Path) -> None:
    """Render a head that turns, blinks and opens its mouth, so that every loop is called."""
    from pipeline import render
    from pipeline.motion import write_motion
    from pipeline.types import BLENDSHAPES, Motion

    motion = Motion(25, *(np.zeros((8, width), np.float32) for width in (len(BLENDSHAPES), 3, 2)))
    course = np.linspace(0, 1, 8)
    for name in ("eyeBlinkLeft", "eyeBlinkRight", "jawOpen"):
        motion.blendshapes[:, BLENDSHAPES.index(name)] = course
    motion.pose[:, 0] = 10 * course
    write_motion(folder / "motion.csv", [motion])
    photo = ROOT / "assets" / "portraits" / "astronaut.jpg"
    render(photo, folder / "talk.mp4", motion_in=folder / "motion.csv", consent="fictional")


if __name__ == "__main__":
    _compile(Path(sys.argv[1]))
