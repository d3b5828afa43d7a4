"""The line of a log that says what is wrong."""

from __future__ import annotations

import pytest

from pipeline.space.buildlog import cause

PIP = [
    "Collecting gradio\n",
    "ERROR: Could not find a version that satisfies the requirement gradioo (from versions: none)\n",
    "ERROR: No matching distribution found for gradioo\n",
    '--> ERROR: process "/bin/sh -c pip install" did not complete successfully: exit code: 1\n',
]
APT = ["Reading package lists...\n", "E: Unable to locate package libegl9\n", "exit code: 100\n"]
PYTHON = [
    "Traceback (most recent call last):\n",
    '  File "app.py", line 3, in <module>\n',
    "ModuleNotFoundError: No module named 'pipeline'\n",
    "\n",
]
CUDA = ["torch.OutOfMemoryError: CUDA out of memory.\n"]


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (PIP, "ERROR: No matching distribution found for gradioo"),
        (APT, "E: Unable to locate package libegl9"),
        (PYTHON, "ModuleNotFoundError: No module named 'pipeline'"),
        (CUDA, "torch.OutOfMemoryError: CUDA out of memory."),
        (["\x1b[1mstarting\x1b[0m\n", "Killed\n"], "Killed"),
        ([], ""),
    ],
    ids=["pip", "apt", "python", "cuda", "unknown", "empty"],
)
def test_the_specific_error_is_found(log: list[str], line: str) -> None:
    assert cause(log) == line


def test_a_very_long_line_is_cut() -> None:
    assert len(cause(["ValueError: " + "x" * 5000])) == 301
