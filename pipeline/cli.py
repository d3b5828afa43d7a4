"""The shell: `talking-head`, or `python -m pipeline`.

Flags are drawn from `pipeline.spec`; events become a progress bar on standard error, and the path of what was
made is the last line of standard output. An error is printed as its one sentence and becomes the exit code:
0 done, 2 a sentence was printed, 130 stopped by Ctrl-C, 143 by SIGTERM (128 and the signal's number).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import click

from pipeline import __version__
from pipeline.console import advise, draw, error_console, print_path, print_report, print_table, progress_bar
from pipeline.errors import StudioError, TextError
from pipeline.flags import Command, Flag, applied, flags, given, hint
from pipeline.spec import Output, Scene

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
        _commands.main(argv, prog_name="talking-head", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except StudioError as error:
        _say(f"{error} {hint(error)}".rstrip())
        return error.exit_code
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        command = context.command_path if context else "talking-head"
        _say(f"{error.format_message()} See {command} --help.")
        return 2
    except (KeyboardInterrupt, click.Abort) as stop:
        _say("Cancelled; nothing was left behind.")
        return int(getattr(stop.__cause__ or stop, "exit_code", 130))
    return 0


def _say(sentence: str) -> None:
    with suppress(OSError):  # the terminal may have gone
        click.echo(" ".join(sentence.split()), err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", prog_name="talking-head")
def _commands() -> None:
    """Turn one photo (or a video) and a few words into a video of that person talking."""


def _machine(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if parameter.name == "device" and value:
        os.environ["STUDIO_DEVICE"] = value
    if parameter.name == "verbose" and value:
        logging.basicConfig(level=logging.INFO if value == 1 else logging.DEBUG)


_MACHINE = [
    Flag(
        ["--device"], metavar="NAME", expose_value=False, callback=_machine, group="Machine",
        help="Where networks run: cuda, cuda:1, mps or cpu. [default: the fastest there is]",
    ),
    Flag(
        ["-v", "--verbose"], count=True, expose_value=False, callback=_machine, group="Machine",
        help="Log what happens; -vv logs everything.",
    ),
]  # fmt: skip

_TEXT_FILE = Flag(
    ["--text-file"],
    metavar="FILE",
    group="Words",
    type=click.Path(path_type=Path),
    help="The words from a UTF-8 file.",
)


def _command(
    name: str, parameters: Iterable[click.Parameter], *, examples: str = ""
) -> Callable[[Callable[..., None]], click.Command]:
    def decorate(function: Callable[..., None]) -> click.Command:
        with_flags = applied([*parameters, *_MACHINE])(function)
        return _commands.command(name, cls=Command, examples=examples)(with_flags)

    return decorate


@_command(
    "render",
    [
        click.Argument(["subject"], metavar="PHOTO"),
        *flags(Scene, without=("subject",)),
        _TEXT_FILE,
        *flags(Output),
        Flag(["--review"], is_flag=True, group="File", help="Score the lips and the head afterwards."),
    ],
    examples=_RENDER_EXAMPLES,
)
def _render(text_file: Path | None, review: bool, **values: Any) -> None:
    """Make a talking video of the person in PHOTO (a photo or a video)."""
    from pipeline.progress import Progress, Result
    from pipeline.studio import stream

    values["text"] = _text(values["text"], text_file)
    scene, output = Scene(**given(values, Scene)), Output(**given(values, Output))
    console = error_console()
    with closing(stream(scene, output)) as events, progress_bar(console) as bar:
        task = bar.add_task(_STAGES["subject"], total=1.0)
        for event in events:
            if isinstance(event, Progress):
                bar.update(task, completed=event.fraction, description=_STAGES[event.stage])
                advise(event.findings, console)
            elif isinstance(event, Result):
                result = event
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


@_command(
    "motion",
    [
        click.Argument(["sound"], metavar="SOUND_OR_VIDEO"),
        *flags(Scene, only=("text", "style", "emotion", "blinks", "seed")),
        _TEXT_FILE,
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

    values |= {"text": _text(values["text"], text_file), "subject": sound, "audio": sound}
    scene, output = Scene(**given(values, Scene)), Output(**given(values, Output))
    claim(output.path, overwrite=output.overwrite)
    with error_console().status("Listening"):
        parts = speech.listen(Path(sound), text=scene.text, fps=output.fps)
        played = motion.perform(parts, scene.performance(output.fps))
        motion.write_motion(output.path, played, format="livelink" if layout == "livelink" else "csv")
    print_path(output.path)


@_command(
    "say",
    [
        click.Argument(["text"], metavar="TEXT", required=False),
        _TEXT_FILE,
        *flags(Scene, only=("voice", "pace", "seed", "voice_options")),
        Flag(
            ["-o", "--output"], type=click.Path(path_type=Path), metavar="WAV", required=True, group="File",
            help="The WAV file to write.",
        ),
        Flag(
            ["--times"], type=click.Path(path_type=Path), metavar="JSON", group="File",
            help="Also write the words and phones with their times.",
        ),
        *flags(Output, only=("overwrite",)),
    ],
    examples='talking-head say "Good morning." -o morning.wav\n'
    'talking-head say "Buenos días." --voice kokoro:ef_dora -o dias.wav --times dias.json',
)  # fmt: skip
def _say_text(text: str | None, text_file: Path | None, **values: Any) -> None:
    """Say TEXT into a sound file, without a face."""
    from pipeline.voiceover import say

    words = _text(text, text_file)
    if words is None:
        raise click.UsageError("Give a TEXT or --text-file.")
    scene = Scene(subject=Path(), text=words, **given(values, Scene))
    with error_console().status("Speaking"):
        say(
            words,
            values["output"],
            voice=scene.voice,
            voice_options=dict(scene.voice_options),
            pace=scene.pace,
            seed=scene.seed,
            times=values["times"],
            **given(values, Output),
        )
    for path in (values["times"], values["output"]):
        if path is not None:
            click.echo(path)


@_command(
    "transcribe",
    [
        click.Argument(["recording"], metavar="SOUND_OR_VIDEO", type=click.Path(path_type=Path)),
        Flag(
            ["-o", "--output"], type=click.Path(path_type=Path), metavar="FILE", group="File",
            help="Captions (.srt, .vtt), words with times (.json) or text (.txt). [default: prints the text]",
        ),
        Flag(["--language"], metavar="CODE", group="Words", help="Language, such as en. [default: found]"),
        *flags(Output, only=("overwrite",)),
    ],
    examples="talking-head transcribe talk.mp4 -o talk.srt",
)  # fmt: skip
def _transcribe(recording: Path, output: Path | None, language: str | None, **values: Any) -> None:
    """Find the words of a recording or a video, and its language."""
    from pipeline.speech.recognition.whisper import UNSURE
    from pipeline.voiceover import transcribe

    with error_console().status("Listening"):
        transcript = transcribe(recording, output, language=language, **given(values, Output))
    if transcript.probability < UNSURE:
        _say(
            f"The language is perhaps {transcript.language} ({transcript.probability:.0%}); name it with "
            "--language if it is another."
        )
    click.echo(transcript.text if output is None else output)


@_command(
    "review",
    [
        click.Argument(["path"], metavar="FILE", type=click.Path(path_type=Path)),
        Flag(
            ["--picture"], type=click.Path(path_type=Path), metavar="PNG", group="File",
            help="Draw the lips against the sound, and the head's path.",
        ),
    ],
    examples="talking-head review photo.jpg\ntalking-head review talk.mp4 --picture review.png",
)  # fmt: skip
def _review(path: Path, picture: Path | None) -> None:
    """Judge a photo, a recording, or the lips and the head of a finished video."""
    from pipeline import assess, faces

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
        draw(report, picture)
        print_path(picture)


@_command("voices", [])
def _voices() -> None:
    """List the voices with their languages and licences."""
    from rich.table import Table

    from pipeline import list_voices

    table = Table("Voice", "Title", "Language", "Licence", "Commercial", "Download")
    for voice in list_voices():
        download = _megabytes(voice.download_bytes)
        table.add_row(
            voice.name, voice.title, voice.language, voice.licence, _yes(voice.commercial), download
        )
    print_table(table)


@_command("engines", [])
def _engines() -> None:
    """List the head and lips engines with their licences, downloads and options."""
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


def _text(text: str | None, path: Path | None) -> str | None:
    if path is None:
        return text
    if text is not None:
        raise click.UsageError("Give either --text or --text-file, not both.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise TextError(f"There is no text file at {path}; check the name.", parameter="text") from error
    except OSError as error:
        raise TextError(f"{path} cannot be read: {error.strerror or error}.", parameter="text") from error
    except UnicodeDecodeError as error:
        raise TextError(f"{path} is not UTF-8 text; save it as UTF-8.", parameter="text") from error


def _yes(commercial: bool) -> str:
    return "yes" if commercial else "no"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count else "none"
