"""The shell's command `translate`: a text, captions, a script or a video in another language."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from pipeline.cli.console import error_console, print_path, progress_bar
from pipeline.cli.flags import Flag, flags, given
from pipeline.cli.shell import command
from pipeline.spec import Output, Scene
from pipeline.translation.models import Family

_STAGES = {
    "listening": "Listening",
    "translation": "Translating",
    "download": "Downloading",
    "subject": "Reading the video",
    "speech": "Preparing the voice",
    "animation": "Animating",
    "saving": "Saving",
}
_OF_A_VIDEO = ("face", "consent", "voice", "pronunciations", "style", "seed", "head", "lips")
"""Fields of a scene that a dub may set."""


@command(
    "translate",
    [
        click.Argument(["source"], metavar="FILE", type=click.Path(path_type=Path)),
        Flag(
            ["--to"], metavar="CODE", required=True, group="Words",
            help="Language to translate to, such as es or pt-BR.",
        ),
        Flag(
            ["--language"], metavar="CODE", group="Words",
            help="Language of FILE. [default: found in a video, that of its voices in a script, else en]",
        ),
        Flag(
            ["--glossary"], type=click.Path(path_type=Path), metavar="TSV", group="Words",
            help="Terms whose translation is settled: term, tab or comma, translation.",
        ),
        Flag(
            ["--lines"], type=click.Path(path_type=Path), metavar="FILE", group="Words",
            help="Take this translation: the corrected table, captions, or a line for each line.",
        ),
        Flag(
            ["--engine"], type=click.Choice(get_args(Family)), group="Words",
            help="Network that translates. [default: instruct on a large GPU, else opus where it knows the "
            "pair, else m2m100]",
        ),
        Flag(
            ["--keep-times"], is_flag=True, group="Words",
            help="Let each line of a script take as long as it did, by its pace and the pause after it.",
        ),
        *flags(Scene, only=_OF_A_VIDEO),
        Flag(
            ["-o", "--output"], type=click.Path(path_type=Path), metavar="FILE", group="File",
            help="What to write: .txt, .srt, .vtt, .yaml or .mp4.",
        ),
        Flag(
            ["--review"], type=click.Path(path_type=Path), metavar="TSV", group="File",
            help="Also, or only, write source and target side by side, to be corrected and given as --lines.",
        ),
        *flags(Output, only=("captions", "overwrite")),
    ],
    examples="talking-head translate notes.txt --to de -o notes.de.txt\n"
    "talking-head translate talk.mp4 --to es --review talk.tsv\n"
    "talking-head translate talk.mp4 --to es --lines talk.tsv --consent me -o talk.es.mp4\n"
    "talking-head translate talk.yaml --to fr --glossary names.tsv -o talk.fr.yaml",
)  # fmt: skip
def _translate(
    source: Path,
    to: str,
    language: str | None,
    glossary: Path | None,
    lines: Path | None,
    engine: Family | None,
    keep_times: bool,
    output: Path | None,
    review: Path | None,
    **values: Any,
) -> None:
    """Translate FILE: a text, captions, a script, or a video, which is dubbed with new lips."""
    from pipeline.localization import translate

    console = error_console()
    with progress_bar(console) as bar:
        task = bar.add_task("Reading", total=1.0)
        done = translate(
            source,
            output,
            to=to,
            language=language,
            glossary=glossary,
            lines=lines,
            review=review,
            engine=engine,
            keep_times=keep_times,
            progress=lambda stage, share: bar.update(task, completed=share, description=_STAGES[stage]),
            **given(values, Scene),
            **given(values, Output),
        )
    for note in done.notes:
        console.print(note, markup=False)
    for path in done.files:
        print_path(path)
