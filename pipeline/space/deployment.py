"""Making, updating and watching a Space."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SpaceError
from pipeline.space import environment
from pipeline.space.buildlog import cause
from pipeline.space.bundle import stage
from pipeline.space.hub_calls import ask
from pipeline.space.remote import Account, Remote, connect, look
from pipeline.space.settings import Step, Target
from pipeline.space.spacefile import read_spacefile
from pipeline.space.steps import steps

RUNNING = {"RUNNING", "SLEEPING"}
"""Stages of a Space that answers; one that sleeps wakes when somebody comes."""

_UNDER_WAY = {"BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING"}
_FAILED = {"BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR", "NO_APP_FILE"}
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.5, 8.0, 1.3
"""Seconds between two looks at a Space that is being built, and how they grow."""
_LONGEST_BUILD = 3600.0
"""Seconds after which nobody waits any longer."""


@dataclass(frozen=True)
class Plan:
    """What has to be done for a Space."""

    account: Account
    repo: str
    """`owner/name`."""
    steps: list[Step]

    @property
    def url(self) -> str:
        """Where the Space is, or will be."""
        return self.account.url(self.repo)

    @property
    def lines(self) -> list[str]:
        """The diff; empty where the Space is as it should be."""
        return [line for step in self.steps for line in step.lines]


@contextmanager
def planned(path: Path, *, to_write: bool) -> Iterator[Plan]:
    """What has to be done for the Space of a Spacefile; the steps can be taken inside the block.

    Args:
        path: the Spacefile, in the checkout whose files the Space gets.
        to_write: whether the steps are going to be taken.

    Raises:
        SpaceError: the Spacefile, its secrets, the files, or the Hub.
    """
    spacefile = read_spacefile(path)
    secrets, variables = environment.secrets(spacefile), environment.variables(spacefile)
    with tempfile.TemporaryDirectory(prefix="space-") as folder:
        stage(spacefile, path, Path(folder))
        account = connect(to_write=to_write)
        target = Target(account, spacefile, Path(folder), secrets, variables)
        yield Plan(account, target.repo, steps(target, look(account, target.repo)))


def current(path: Path, *, to_write: bool = False) -> tuple[Account, str, Remote]:
    """The Space of a Spacefile, as it is.

    Raises:
        SpaceError: there is none, or the Hub refuses.
    """
    spacefile = read_spacefile(path)
    account = connect(to_write=to_write)
    repo = account.repo(spacefile)
    remote = look(account, repo)
    if remote is None:
        raise SpaceError(f"There is no Space {repo} yet; deploy it first.", parameter="name")
    return account, repo, remote


def watch(account: Account, repo: str, *, pause: float = _FIRST_PAUSE) -> Iterator[str]:
    """The stages of a Space until it runs its newest commit, each time somebody looks.

    Args:
        pause: seconds before the second look.

    Raises:
        SpaceError: it does not build or start; the sentence holds what its log says.
    """
    commit = ask(f"look at {repo}", lambda: account.api.space_info(repo)).sha
    until = time.monotonic() + _LONGEST_BUILD
    while time.monotonic() < until:
        runtime = ask(f"look at {repo}", lambda: account.api.get_space_runtime(repo))
        stage_now = str(getattr(runtime.stage, "value", runtime.stage))
        running = runtime.raw.get("sha")
        stale = running is not None and running != commit
        yield stage_now
        if stage_now in RUNNING and not stale:
            return
        if stage_now in _FAILED and not stale:
            raise SpaceError(_failure(account, repo, stage_now, str(runtime.raw.get("errorMessage") or "")))
        if stage_now not in _UNDER_WAY | RUNNING | _FAILED:
            raise SpaceError(f"{repo} is {_words(stage_now)} and does not start; deploy it again.")
        time.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    raise SpaceError(f"{repo} is still not running after an hour; read its log.")


def logs(account: Account, repo: str, *, build: bool, follow: bool = False) -> Iterator[str]:
    """The log of a Space's build or run, as the Hub sends it.

    Raises:
        SpaceError: the Hub refuses.
    """
    lines = iter(account.api.fetch_space_logs(repo, build=build, follow=follow))
    while True:
        line = ask(f"read the log of {repo}", lambda: next(lines, None))
        if line is None:
            return
        yield line


def _failure(account: Account, repo: str, stage_now: str, said: str) -> str:
    build = stage_now == "BUILD_ERROR"
    why = cause(logs(account, repo, build=build)) if stage_now in {"BUILD_ERROR", "RUNTIME_ERROR"} else ""
    happened = "did not build" if build else "does not start"
    reason = why or " ".join(said.split()) or _words(stage_now)
    return f"{repo} {happened}: {reason.rstrip('.')}. The rest is in its {'build ' if build else ''}log."


def _words(stage_now: str) -> str:
    return stage_now.lower().replace("_", " ")
