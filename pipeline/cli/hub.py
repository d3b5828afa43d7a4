"""The shell's commands for the published weights: `hub lock`."""

from __future__ import annotations

import click

from pipeline.cli.console import error_console, print_table, progress_bar
from pipeline.cli.flags import Flag
from pipeline.cli.shell import command, commands, tell


@commands.group("hub", no_args_is_help=False)
def hub_group() -> None:
    """Published weights: what they are pinned to."""


@command(
    "lock",
    [
        click.Argument(["names"], metavar="ENGINE...", nargs=-1, required=True),
        Flag(["--cached"], is_flag=True, group="Files", help="Only files that are on this machine already."),
    ],
    group=hub_group,
    examples="talking-head hub lock liveportrait\ntalking-head hub lock wav2lip sadtalker --cached",
)
def _lock(names: tuple[str, ...], cached: bool) -> None:
    """Pin the weights of each ENGINE: download them, and remember their size, checksum and commit."""
    from rich.table import Column, Table

    from pipeline import hub, locking
    from pipeline.hub import pins

    keys = locking.needed(names)
    if cached:
        keys = [key for key in keys if hub.find(key) is not None]
    with progress_bar(error_console()) as bar:
        task = bar.add_task("Downloading", total=1.0)
        for share in hub.pull(keys):
            bar.update(task, completed=share)
    titles = ("File", "Repository", "Commit", "Bytes", "SHA-256")
    table = Table(*(Column(title, overflow="fold") for title in titles))  # a checksum is of no use cut off
    for locked in locking.lock(keys):
        file = locked.checkpoint
        table.add_row(file.file, file.repo, file.revision or "unknown", str(file.size), file.sha256)
    print_table(table)
    tell(f"What the program does not come with is remembered in {pins.where()}.")
