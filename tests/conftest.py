"""What tests of every room share: the sample portrait, a sound, a state folder of their own."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import loops
import numpy as np
import once
import pytest
from sounds import write_wav

ROOT = Path(__file__).parents[1]

# The suite starts the package some hundred times. Where bytecode may not be kept, as in many containers, each
# start would compile it again, and each worker all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_PAGE = (
    "ui/test_browser.py",
    "ui/test_visits.py",
    "ui/test_accessibility.py",
    "ui/test_script_tab.py",
    "ui/test_batch_tab.py",
    "ui/test_languages.py",
    "ui/test_translate_tab.py",
    "ui/test_page.py",
    "ui/test_server_faults.py",
)
"""Files whose tests visit one running page: it is started once, in the worker that runs them all."""
_TOGETHER = {
    **{f"tests/{name}": "the page" for name in _PAGE},
    **dict.fromkeys(
        (
            "tests/parity/",
            "tests/test_matrix.py",
            "tests/test_placed_engines.py",
            "tests/test_waits.py",
            "tests/heads/",
            "tests/lips/",
            "tests/networks/",
            "tests/translation/",
            "tests/api/test_translations.py",
            "tests/localization/test_files.py",
        ),
        "networks",
    ),
}
"""Files and folders that one worker runs, with what its share is called.

They need the same costly things, which each worker would make for itself: a running page, diffusers and
transformers (five seconds of processor time, in which nothing is tested), checkpoints filled with numbers.
"""
_LONGEST = (
    *_PAGE,
    "parity/test_sadtalker_render.py",  # these two call no loops, which are compiled meanwhile
    "parity/test_liveportrait.py",
    "test_matrix.py",
    "batch/test_cluster.py",
    "api/test_serve.py",
    "localization/test_videos.py",
    "cli/test_cli.py",
    "test_stopping.py",
    "speech/recognition/test_whisper.py",
    "test_placed_engines.py",
    "heads/test_flashhead.py",
    "script/test_transparent_film.py",
    "space/test_served.py",
    "batch/test_running.py",
    "heads/test_liveportrait_driving.py",
    "heads/test_sadtalker_videos.py",
    "script/test_film.py",
    "motion/test_synthesis.py",
    "heads/test_liveportrait.py",
    "lips/test_latentsync.py",
    "localization/test_files.py",
    "test_environment.py",
    "networks/test_benchmark_gpu.py",
    "api/test_translations.py",
    "batch/test_shell.py",
    "batch/test_marks.py",
)
"""Files that take longest, the longest first, so that none begins when the others are nearly done. Those that
visit the page mostly wait for it, and run beside those that compute."""

_numbers = count()


def pytest_configure(config: pytest.Config) -> None:
    """Workers take the files in the order of the collection, not those with the most tests first."""
    workers = config.getoption("numprocesses", None) and not config.getoption("collectonly")
    if workers and not hasattr(config, "workerinput"):
        loops.compile_aside()
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Wait for loops that are being compiled, but not where networks alone are tested, which call none."""
    if item.path.parent.name != "parity":
        loops.wait_until_compiled()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: one worker mostly waits, for the page and for clusters."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deals out whole files, as `--dist loadfile` does, and those that share costly things together."""
    from xdist.scheduler import LoadFileScheduling

    class ByResource(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((share for start, share in _TOGETHER.items() if file.startswith(start)), file)

    return ByResource(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {ROOT / "tests" / name: at for at, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish() -> None:
    """Libraries and tests stay to the end, so the garbage collector need not look through them every time.

    What runs out of memory collects garbage before it tries again, and the tests let it run out often.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def memory_goes_back() -> Iterator[None]:
    """After each file, its networks are freed: a process that runs many files would keep gigabytes.

    What is left by then are libraries, which the next collection need not look through either.
    """
    yield
    if "torch" in sys.modules and (device := sys.modules.get("pipeline.inference.device")) is not None:
        device.model_cache().clear()
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):  # glibc keeps freed memory until it is asked
        ctypes.CDLL(None).malloc_trim(0)


@pytest.fixture(scope="session", autouse=True)
def made_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one worker makes for all is found by the others."""
    once.keep_in(tmp_path_factory)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remembered consent goes to a folder of the test's own, and nothing is asked of the network."""
    folder = tmp_path_factory.getbasetemp() / "state" / str(next(_numbers))  # made by whoever needs it
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def astronaut() -> Path:
    """A sample portrait with one face, smiling."""
    return ROOT / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def spanish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The pair from English to Spanish."""
    from translation import tinynetworks  # torch comes in with it

    with pytest.MonkeyPatch.context() as patch, tinynetworks.one_thread():
        tinynetworks.place(patch, tmp_path_factory.mktemp("opus") / "hub", "opus-mt-en-es")
        yield


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A second of a loud 220 Hz tone at 16 kHz as WAV."""
    return write_wav(tmp_path / "tone.wav", 0.3 * np.sin(2 * np.pi * 220 * np.arange(16_000) / 16_000))
