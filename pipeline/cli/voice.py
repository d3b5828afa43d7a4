"""The shell's commands without a face: `say` and `transcribe`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.cli.console import error_console, print_path, progress_bar
from pipeline.cli.flags import Flag, flags, given
from pipeline.cli.shell import TEXT_FILE, command, read_text, tell, tell_language
from pipeline.spec import Output, Scene


@command(
    "say",
    [
        click.Argument(["text"], metavar="TEXT", required=False),
        TEXT_FILE,
        *flags(
            Scene,
            only=("voice", "voice_from", "voice_consent", "pronunciations", "pace", "seed", "voice_options"),
        ),
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

    words = read_text(text, text_file)
    if words is None:
        raise click.UsageError("Give a TEXT or --text-file.")
    scene = Scene(subject=Path(), text=words, **given(values, Scene))
    tell_language(words, scene.voice)
    with error_console().status("Speaking"):
        say(
            words,
            values["output"],
            voice=scene.voice,
            voice_options=dict(scene.voice_options),
            pace=scene.pace,
            pronunciations=scene.pronunciations or "",
            seed=scene.seed or 0,
            voice_from=scene.voice_from,
            voice_consent=scene.voice_consent,
            times=values["times"],
            **given(values, Output),
        )
    for path in (values["times"], values["output"]):
        if path is not None:
            print_path(path)


@command(
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
    from pipeline.voiceover import transcribe

    with progress_bar(error_console()) as bar:
        task = bar.add_task("Listening", total=1.0)
        transcript = transcribe(
            recording,
            output,
            language=language,
            progress=lambda share: bar.update(task, completed=share),
            **given(values, Output),
        )
    for note in transcript.notes:
        tell(note)
    click.echo(transcript.text if output is None else output)
