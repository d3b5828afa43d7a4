"""The shell's commands for a Hugging Face Space: `space plan`, `deploy`, `status`, `logs` and so on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import error_console, print_path
from pipeline.cli.flags import Flag
from pipeline.cli.shell import command, commands
from pipeline.errors import SpaceError

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.space.deployment import Plan
    from pipeline.space.remote import Account, Remote

_SPACEFILE = Flag(
    ["--file", "path"], type=click.Path(path_type=Path), default=Path("Spacefile"), metavar="SPACEFILE",
    group="Space", help="The Spacefile. [default: Spacefile]",
)  # fmt: skip

_STAGES = {
    "BUILDING": "Building",
    "RUNNING_BUILDING": "Building; the version before still runs",
    "APP_STARTING": "Starting",
    "RUNNING_APP_STARTING": "Starting; the version before still runs",
}


@commands.group("space", no_args_is_help=False)
def space() -> None:
    """Put the studio on a Hugging Face Space, as the Spacefile says."""


@command("plan", [_SPACEFILE], group=space, examples="talking-head space plan")
def _plan(path: Path) -> None:
    """Show what deploying would change, and change nothing."""
    from pipeline.space.deployment import planned

    with error_console().status("Comparing"), planned(path, to_write=False) as plan:
        lines = plan.lines or [f"Nothing to change: {plan.url} is as the Spacefile says."]
    for line in lines:
        click.secho(line, fg={"+": "green", "-": "red", "~": "yellow"}.get(line[0]))


@command(
    "deploy",
    [_SPACEFILE, Flag(["--no-wait"], is_flag=True, group="Space", help="Do not wait until the Space runs.")],
    group=space,
    examples="HF_TOKEN=hf_... talking-head space deploy",
)
def _deploy(path: Path, no_wait: bool) -> None:
    """Make the Space or bring it up to date, wait until it runs, and print its link."""
    from pipeline.space.deployment import planned

    console = error_console()
    try:
        with planned(path, to_write=True) as plan:
            for line in plan.lines:
                console.print(line, markup=False)
            with _quiet_hub():
                for step in plan.steps:
                    with console.status(step.title):
                        step.act()
        if not no_wait:
            _await(plan, console)
    except KeyboardInterrupt:
        console.print("Stopped. What was sent stays; deploy again to go on.")
        raise click.exceptions.Exit(130) from None
    click.echo(plan.url)


@command("status", [_SPACEFILE], group=space)
def _status(path: Path) -> None:
    """Tell whether the Space runs, on what, and where."""
    from pipeline.space.deployment import current

    account, repo, remote = current(path)
    for name, value in _facts(account, repo, remote).items():
        click.echo(f"{name + ':':<12}{value}")


@command(
    "logs",
    [
        _SPACEFILE,
        Flag(["--build"], is_flag=True, group="Space", help="The log of the build instead of the program's."),
        Flag(["--follow"], is_flag=True, group="Space", help="Go on printing until Ctrl-C."),
    ],
    group=space,
    examples="talking-head space logs --build",
)
def _logs(path: Path, build: bool, follow: bool) -> None:
    """Print the Space's log."""
    from pipeline.space.deployment import current, logs

    account, repo, _ = current(path)
    for line in logs(account, repo, build=build, follow=follow):
        click.echo(line.rstrip("\n"))


@command("pause", [_SPACEFILE], group=space)
def _pause(path: Path) -> None:
    """Stop the Space until it is deployed again; it costs nothing meanwhile."""
    from pipeline.space.deployment import current
    from pipeline.space.hub_calls import ask

    account, repo, _ = current(path, to_write=True)
    ask(f"pause {repo}", lambda: account.api.pause_space(repo))
    click.echo(f"{repo} is paused; deploy it to start it again.")


@command(
    "delete",
    [
        _SPACEFILE,
        Flag(["--name"], metavar="OWNER/NAME", group="Space", help="Its name; otherwise asked for."),
    ],
    group=space,
)  # fmt: skip
def _delete(path: Path, name: str | None) -> None:
    """Delete the Space with everything in it, after asking for its name."""
    from pipeline.space.deployment import current
    from pipeline.space.hub_calls import ask

    account, repo, _ = current(path, to_write=True)
    if name is None:
        name = click.prompt(f"This deletes {repo} for good. Type its name to go on", err=True)
    if name != repo:
        raise SpaceError(f"{name} is not {repo}, so nothing was deleted.", parameter="name")
    ask(f"delete {repo}", lambda: account.api.delete_repo(repo, repo_type="space"))
    click.echo(f"{repo} is deleted.")


@command("header", [_SPACEFILE], group=space)
def _header(path: Path) -> None:
    """Write the Spacefile's settings into README.md beside it, where the Hub reads them."""
    from pipeline.space.header import write_header
    from pipeline.space.spacefile import read_spacefile

    readme = path.absolute().parent / "README.md"
    if not write_header(readme, read_spacefile(path)):
        error_console().print("README.md was up to date.")
    print_path(readme)


def _await(plan: Plan, console: Console) -> None:
    """Show the stages of a Space until it runs."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from pipeline.space.deployment import watch

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Waiting for the Space", total=None)
        for stage in watch(plan.account, plan.repo):
            bar.update(task, description=_STAGES.get(stage, "Waiting for the Space"))


def _facts(account: Account, repo: str, remote: Remote) -> dict[str, str]:
    facts = {
        "Space": account.url(repo),
        "State": remote.stage.lower().replace("_", " "),
        "Error": " ".join(remote.error.split()),
        "Page": remote.host,
        "Hardware": remote.hardware or "",
        "Visibility": remote.visibility,
    }
    return {name: value for name, value in facts.items() if value}


@contextmanager
def _quiet_hub() -> Iterator[None]:
    """Keep huggingface_hub's own progress bars and warnings out of what this program shows."""
    from huggingface_hub.utils import disable_progress_bars, logging

    disable_progress_bars()
    logging.set_verbosity_error()
    yield
