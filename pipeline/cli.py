"""The shell: `python -m pipeline render | motion | review | voices | engines`.

A thin layer over `pipeline.studio`: arguments become a `Request`, events become a progress bar on standard
error, and the path of what was made is the last line of standard output. A `StudioError` is printed as its
one sentence and becomes the exit code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from pipeline import engines
from pipeline.errors import StudioError, TextError
from pipeline.options import described
from pipeline.request import CaptionStyle, Progress, Request, Result
from pipeline.types import FRAME_RATES, STYLES, ConsentBasis, Emotion, Finding, Phone

if TYPE_CHECKING:
    from pipeline.review import Report

_STAGES = {
    "fetch": "Pulling the engine's weights",
    "look": "Looking at the picture",
    "listen": "Finding the first words",
    "perform": "Performing",
    "finish": "Finishing the file",
}
_COLOURS = {"good": "green", "fair": "yellow", "poor": "red"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 2 a sentence was printed, 130 stopped by Ctrl-C."""
    arguments = _parser().parse_args(argv)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        arguments.run(arguments, errors)
    except StudioError as error:
        errors.print(str(error), markup=False)
        return error.exit_code
    except KeyboardInterrupt:
        errors.print("Stopped; nothing was left behind.")
        return 130
    return 0


def _render(arguments: argparse.Namespace, console: Console) -> None:
    from pipeline.studio import stream

    request = Request(
        subject=arguments.subject,
        output=arguments.output,
        text=_text(arguments),
        audio=arguments.audio,
        motion=arguments.motion_in,
        voice=arguments.voice,
        style=arguments.style,
        emotion=arguments.emotion,
        seed=arguments.seed,
        fps=arguments.fps,
        size=arguments.size,
        face=arguments.face - 1,
        head=arguments.head,
        lips=arguments.lips,
        head_options=dict(arguments.head_option),
        lips_options=dict(arguments.lips_option),
        captions=arguments.captions,
        motion_out=arguments.motion,
        consent=arguments.consent,
        mark=arguments.mark,
        overwrite=arguments.overwrite,
    )
    with closing(stream(request)) as events, _bar(console) as bar:
        task = bar.add_task(_STAGES["look"], total=1.0)
        for event in events:
            if isinstance(event, Progress):
                bar.update(task, completed=event.fraction, description=_STAGES[event.stage])
            elif isinstance(event, Result):
                result = event
    _advise(result.findings, console)
    if result.faceless:
        console.print(f"{result.faceless} frames show no face and kept their own picture.")
    if arguments.review:
        _report(result.video, console, result.phones, result.face)
    for path in (result.captions, result.motion, result.video):
        if path is not None:
            print(path)


def _bar(console: Console) -> Bar:
    """A progress bar for a person; a pipe or a log gets none."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Bar(*columns, console=console, transient=True, disable=not console.is_terminal)


def _motion(arguments: argparse.Namespace, console: Console) -> None:
    from pipeline import motion, speech
    from pipeline.video import claim

    claim(arguments.output, overwrite=arguments.overwrite)
    style = Request(
        subject=arguments.sound,
        output=arguments.output,
        audio=arguments.sound,
        style=arguments.style,
        emotion=arguments.emotion,
        seed=arguments.seed,
        fps=arguments.fps,
    ).played()
    with console.status("Listening"):
        parts = speech.listen(arguments.sound, text=_text(arguments), fps=arguments.fps)
        motion.write_motion(arguments.output, motion.perform(parts, style), format=arguments.format)
    print(arguments.output)


def _review(arguments: argparse.Namespace, console: Console) -> None:
    from PIL import Image

    from pipeline.review import draw
    from pipeline.video import claim

    if arguments.picture:
        claim(arguments.picture, overwrite=True)
    report = _report(arguments.video, console)
    if arguments.picture:
        Image.fromarray(draw(report)).save(arguments.picture, format="PNG")
        print(arguments.picture)


def _report(video: Path, console: Console, phones: Sequence[Phone] = (), face: int = 0) -> Report:
    from pipeline.review import review_video

    with console.status("Reviewing the finished file"):
        report = review_video(video, phones=phones, face=face)
    console.print(f"Lips {report.lips:.0f}/100 · Head {report.head:.0f}/100. {report.sentence}")
    _advise(report.findings, console)
    return report


def _voices(arguments: argparse.Namespace, console: Console) -> None:
    from pipeline.speech.voices.catalog import voices

    table = Table("Voice", "Title", "Language", "Licence", "Commercial", "Download")
    for voice in voices():
        table.add_row(
            voice.name,
            voice.title,
            voice.language,
            voice.licence,
            _yes(voice.commercial),
            _megabytes(voice.download_bytes),
        )
    _print_table(table)


def _engines(arguments: argparse.Namespace, console: Console) -> None:
    from pipeline.hub import download_bytes

    table = Table("Layer", "Engine", "What it does", "Speed", "Weights", "Commercial", "Download", "Options")
    for layer in engines.ENGINES:
        for card in engines.cards(layer):
            table.add_row(
                layer,
                card.name,
                card.title,
                card.speed,
                card.weights_licence,
                _yes(card.commercial),
                _megabytes(download_bytes(card.checkpoints)),
                " ".join(described(engines.option_type(layer, card.name))),
            )
    _print_table(table)


def _print_table(table: Table) -> None:
    # a pipe or a file has no width of its own; rich would squeeze the table into 80 columns
    Console(width=None if sys.stdout.isatty() else 180).print(table)


def _advise(findings: Sequence[Finding], console: Console) -> None:
    for finding in findings:
        if finding.verdict != "good":
            console.print(f"[{_COLOURS[finding.verdict]}]{finding.topic}[/]: {finding.sentence}")


def _text(arguments: argparse.Namespace) -> str | None:
    if arguments.text_file is None:
        return arguments.text
    try:
        return arguments.text_file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise TextError(f"There is no text at {arguments.text_file}; check the name.") from error
    except OSError as error:
        raise TextError(f"{arguments.text_file} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise TextError(f"{arguments.text_file} is not UTF-8 text; save it as UTF-8.") from error


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _yes(commercial: bool) -> str:
    return "yes" if commercial else "no"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count else "none"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    render = commands.add_parser("render", help="one photo (or video) and words in, a talking video out")
    render.add_argument("subject", type=Path, metavar="PHOTO", help="photo or video of the person")
    _add_words(render, recording="--audio")
    render.add_argument("--voice", default="joe", help="see `voices` (default: joe)")
    _add_style(render)
    render.add_argument("--size", type=int, metavar="PX", help="square crop around the face, of this side")
    render.add_argument("--face", type=int, default=1, metavar="N", help="which face, 1 is the largest")
    render.add_argument("--head", default="puppet", help="head engine, see `engines`")
    render.add_argument("--lips", default="puppet", help="lips engine, see `engines`")
    for layer in engines.ENGINES:
        render.add_argument(
            f"--{layer}-option",
            type=_pair,
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=f"an option of the {layer} engine, see `engines`; may be repeated",
        )
    render.add_argument("--captions", choices=get_args(CaptionStyle), help="a file beside it, or burned in")
    render.add_argument("--motion", type=Path, metavar="CSV", help="write the motion to this file as well")
    render.add_argument("--motion-in", type=Path, metavar="CSV", help="play this motion file")
    render.add_argument(
        "--consent",
        choices=get_args(ConsentBasis),
        help="by what right this face may speak: it is me, I have the person's permission, it is fictional",
    )
    render.add_argument("--no-mark", dest="mark", action="store_false", help="no visible AI-generated mark")
    render.add_argument("--review", action="store_true", help="score the lips and the head afterwards")
    _add_output(render, "OUT.mp4")
    render.set_defaults(run=_render)

    motion = commands.add_parser("motion", help="a recording in, the face's motion out as CSV")
    motion.add_argument("sound", type=Path, metavar="SOUND_OR_VIDEO")
    _add_words(motion)
    _add_style(motion)
    motion.add_argument("--format", choices=("csv", "livelink"), default="csv", help="columns of the file")
    _add_output(motion, "motion.csv")
    motion.set_defaults(run=_motion)

    review = commands.add_parser("review", help="score the lips and the head of a finished video")
    review.add_argument("video", type=Path)
    review.add_argument("--picture", type=Path, metavar="PNG", help="draw the lips against the sound")
    review.set_defaults(run=_review)

    commands.add_parser("voices", help="the voices, with licences").set_defaults(run=_voices)
    commands.add_parser("engines", help="the engines, with licences").set_defaults(run=_engines)
    return parser


def _add_words(parser: argparse.ArgumentParser, recording: str | None = None) -> None:
    words = parser.add_mutually_exclusive_group()
    words.add_argument("--text", help="the words, or the transcript of the recording")
    words.add_argument("--text-file", type=Path, metavar="F", help="the same from a UTF-8 file")
    if recording:
        parser.add_argument(recording, type=Path, metavar="REC", help="a recording of the words")


def _add_style(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--style", default="calm", help=f"{', '.join(STYLES)} (default: calm)")
    parser.add_argument("--emotion", default="neutral", help=", ".join(get_args(Emotion)))
    parser.add_argument("--seed", type=int, default=0, help="another number, another performance")
    parser.add_argument("--fps", type=int, default=25, help=", ".join(map(str, FRAME_RATES)))


def _add_output(parser: argparse.ArgumentParser, metavar: str) -> None:
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=metavar)
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
