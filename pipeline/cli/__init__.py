"""The shell: `talking-head`, or `python -m pipeline`.

Flags are drawn from `pipeline.spec`; events become a progress bar on standard error, and the path of what was
made is the last line of standard output. An error is printed as its one sentence and becomes the exit code:
0 done, 2 a sentence was printed, 70 a fault of this program, 130 stopped by Ctrl-C, 143 by SIGTERM (128 and
the signal's number).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import click

# These add their commands to the shell.
from pipeline.cli import batch, hub, script, serve, space, translate, voice  # noqa: F401
from pipeline.cli.console import (
    advise,
    draw,
    error_console,
    print_path,
    print_report,
    print_table,
    progress_bar,
)
from pipeline.cli.flags import Flag, flags, given, hint
from pipeline.cli.shell import TEXT_FILE, command, commands, read_text, tell, tell_language
from pipeline.errors import OutputError, StudioError
from pipeline.spec import Output, Scene

_LOG = logging.getLogger(__name__)

_FAULT = 70
"""Exit code of a fault of this program, as in `sysexits.h`."""

_STAGES = {
    "download": "Downloading the engine",
    "subject": "Reading the photo",
    "speech": "Preparing the voice",
    "animation": "Animating",
    "saving": "Saving",
}

_RENDER_EXAMPLES = """
talking-head render photo.jpg --text "Good morning." --consent me -o morning.mp4
talking-head render photo.jpg --audio speech.m4a --style lively --consent permission -o talk.mp4
talking-head render photo.jpg --text-file script.txt --captions srt --size 512 --consent me -o talk.mp4
talking-head render talk.mp4 --text "New words." --consent me -o dubbed.mp4
talking-head render photo.jpg --head sadtalker --head-option pose_style=5 --lips wav2lip ...
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        commands.main(argv, prog_name="talking-head", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except StudioError as error:
        tell(f"{error} {hint(error)}".rstrip())
        return error.exit_code
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        path = context.command_path if context else "talking-head"
        tell(f"{error.format_message()} See {path} --help.")
        return 2
    except (KeyboardInterrupt, click.Abort) as stop:
        cause = stop.__cause__ or stop
        tell(getattr(cause, "sentence", "Cancelled; nothing was left behind."))
        return int(getattr(cause, "exit_code", 130))
    except Exception as error:  # noqa: BLE001 - a fault of the program: whoever runs it gets a sentence
        _LOG.info("Unexpected error", exc_info=error)
        tell(f"The program failed: {error!r}. Run it again with -v and report what that prints.")
        return _FAULT
    return 0


@command(
    "render",
    [
        click.Argument(["subject"], metavar="PHOTO"),
        *flags(Scene, without=("subject",)),
        TEXT_FILE,
        *flags(Output),
        Flag(["--review"], is_flag=True, group="File", help="Score the lips and the head afterwards."),
    ],
    examples=_RENDER_EXAMPLES,
)
def _render(text_file: Path | None, review: bool, **values: Any) -> None:
    """Make a talking video of the person in PHOTO (a photo or a video)."""
    from pipeline.progress import Progress, Result
    from pipeline.studio import stream

    values["text"] = read_text(values["text"], text_file)
    scene, output = Scene(**given(values, Scene)), Output(**given(values, Output))
    _keep_text_file(text_file, output)
    console = error_console()
    if scene.text and scene.audio is None:
        tell_language(scene.text, scene.voice)
    with closing(stream(scene, output)) as events, progress_bar(console) as bar:
        task = bar.add_task(_STAGES["subject"], total=1.0)
        for event in events:
            if isinstance(event, Progress):
                bar.update(task, completed=event.fraction, description=_STAGES[event.stage])
                advise(event.findings, console)
            elif isinstance(event, Result):
                result = event
    if output.motion is not None and result.motion is None:
        console.print(f"The head {result.head} has no motion to save, so there is no motion file.")
    for note in result.notes:
        console.print(note, markup=False)
    if result.faceless:
        console.print(f"{result.faceless} frames show no face and were left as they are.")
    if review:
        from pipeline.review import review_video

        with console.status("Checking the result"):
            report = review_video(result.video, phones=result.phones, face=result.face)
        print_report(report, console)
    for path in (result.captions, result.motion, result.video):
        if path is not None:
            print_path(path)


def _keep_text_file(text_file: Path | None, output: Output) -> None:
    """Refuse to overwrite the text file that the words came from, even with --overwrite."""
    from pipeline.output_files import captions_path

    written = [path.resolve() for path in (captions_path(output), output.motion) if path is not None]
    if text_file is not None and text_file.resolve() in written:
        raise OutputError(
            f"{text_file} holds the words and would be replaced; choose another name for the video.",
            parameter="path",
        )


@command(
    "motion",
    [
        click.Argument(["sound"], metavar="SOUND_OR_VIDEO"),
        *flags(Scene, only=("text", "style", "emotion", "blinks", "seed")),
        TEXT_FILE,
        *flags(Output, only=("path", "fps", "overwrite")),
        Flag(
            ["--format", "layout"], type=click.Choice(["csv", "livelink"]), default="csv", group="File",
            help="Columns of the file: our own, or those of the Live Link Face app. [default: csv]",
        ),
    ],
    examples="talking-head motion speech.wav -o motion.csv\n"
    "talking-head motion talk.mp4 --format livelink -o face.csv",
)  # fmt: skip
def _motion(sound: str, text_file: Path | None, layout: str, **values: Any) -> None:
    """Turn a recording into the face's motion, as a CSV file."""
    from pipeline import motion, speech
    from pipeline.files import claim

    values |= {"text": read_text(values["text"], text_file), "subject": sound, "audio": sound}
    scene, output = Scene(**given(values, Scene)), Output(**given(values, Output))
    claim(output.path, overwrite=output.overwrite)
    with error_console().status("Listening"):
        parts = speech.listen(Path(sound), text=scene.text, fps=output.fps)
        played = motion.perform(parts, scene.performance(output.fps))
        kind: Literal["csv", "livelink"] = "livelink" if layout == "livelink" else "csv"
        motion.write_motion(output.path, played, kind, overwrite=output.overwrite)
    print_path(output.path)


@command(
    "review",
    [
        click.Argument(["path"], metavar="FILE", type=click.Path(path_type=Path)),
        Flag(
            ["--picture"], type=click.Path(path_type=Path), metavar="PNG", group="File",
            help="Draw the lips against the sound, and the head's path.",
        ),
        *flags(Output, only=("overwrite",)),
    ],
    examples="talking-head review photo.jpg\ntalking-head review talk.mp4 --picture review.png",
)  # fmt: skip
def _review(path: Path, picture: Path | None, overwrite: bool | None) -> None:
    """Judge a photo, a recording, or the lips and the head of a finished video."""
    from pipeline import assess, faces
    from pipeline.files import claim

    if picture is not None:
        claim(picture, overwrite=bool(overwrite), parameter="picture")
        if picture.resolve() == path.resolve():
            sentence = "The picture would replace the video; choose another name."
            raise OutputError(sentence, parameter="picture")
    console = error_console()
    if not faces.is_video(path):
        judged = assess(path)
        console.print(judged.sentence)
        advise(judged.findings, console)
        return
    from pipeline.review import review_video

    with console.status("Checking the video"):
        report = review_video(path)
    print_report(report, console)
    if picture is not None:
        draw(report, picture, overwrite=bool(overwrite))
        print_path(picture)


@command("voices", [])
def _voices() -> None:
    """List the voices with their languages and licences."""
    from rich.table import Table

    from pipeline import list_voices

    table = Table("Voice", "Title", "Language", "Licence", "Commercial", "Download")
    for card in list_voices():
        download = _megabytes(card.download_bytes)
        table.add_row(card.name, card.title, card.language, card.licence, _yes(card.commercial), download)
    print_table(table)


@command("engines", [])
def _engines() -> None:
    """List the head, lips and matting engines with their licences, downloads and options."""
    from rich.table import Table

    from pipeline import engines, list_engines
    from pipeline.hub import download_bytes
    from pipeline.options import described

    table = Table("Layer", "Engine", "What it does", "Speed", "Weights", "Commercial", "Download", "Options")
    for card in list_engines():
        table.add_row(
            card.layer,
            card.name,
            card.title,
            card.speed,
            card.weights_licence,
            _yes(card.commercial),
            _megabytes(download_bytes(card.checkpoints)),
            " ".join(described(engines.option_type(card.layer, card.name))),
        )
    print_table(table)


def _yes(commercial: bool) -> str:
    return "yes" if commercial else "no"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count else "none"
