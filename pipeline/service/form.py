"""What a visitor filled in becomes a scene and its output, and a job where nothing speaks against it.

The fields are those of `spec.Scene` and `spec.Output` by their names, without the files that the service
names itself, for which there are those of `video_file.VideoFile`; the subject comes as `photo` or `video`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from functools import cache as memoized
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import engines, options
from pipeline.cards import Layer
from pipeline.errors import OptionError, PhotoError
from pipeline.imitation import scene_consent
from pipeline.options import Field
from pipeline.plan import check
from pipeline.service import jobs
from pipeline.service.jobs import Job
from pipeline.service.video_file import VideoFile
from pipeline.spec import Output, Scene, split

if TYPE_CHECKING:
    from pipeline.trust import Memory

UPLOADS = ("photo", "video")
"""The two fields that the subject comes in; the one that is left out is None."""

_OWN = ("subject", "path", "motion", "overwrite", "background")
"""Fields of the models that the service fills in by itself; `VideoFile` says what the video is."""

_LAYERS: tuple[Layer, ...] = ("head", "lips", "voice")

NO_CAPTIONS = "Add the transcript to get captions."


@memoized
def fields() -> dict[str, Field]:
    """What a visitor may choose of a scene and its output, by name, in the order of declaration."""
    declared = [*options.fields(Scene), *options.fields(Output)]
    shared = [field for field in declared if field.name not in _OWN]
    return {field.name: field for field in (*shared, *options.fields(VideoFile))}


def accept(
    answers: Mapping[str, Any], cache: Path, *, memory: Memory | None = None, lenient: bool = False
) -> Job:
    """A job for these answers, with a folder of its own under `cache`; nothing stays there of a refused one.

    Args:
        answers: what was filled in, by the name of the field; empty ones are left to the models' defaults.
        memory: the visitor's own answers of consent; None for this machine's.
        lenient: leave captions out where their words are not known, and say so in the job's `note`.

    Raises:
        StudioError: the job cannot be done; as for `plan.check`, or nobody answered for the picture.
    """
    note = ""
    if lenient and _without_words(answers) and not _recognized_here(answers):
        answers, note = {**answers, "captions": None}, NO_CAPTIONS
    with ExitStack() as undo:
        folder = jobs.new_folder(cache)
        undo.callback(jobs.discard, folder)
        plan = check(*filled(answers, folder))
        consent = scene_consent(plan.scene, memory=memory)
        undo.pop_all()
        return Job(plan, consent, note)


def filled(answers: Mapping[str, Any], folder: Path) -> tuple[Scene, Output]:
    """The scene and the output of these answers, whose files go into `folder`.

    Raises:
        PhotoError: neither a photo nor a video was given.
        OptionError: a value is not possible.
    """
    subject = next((answers[name] for name in UPLOADS if answers.get(name)), None)
    if subject is None:
        raise PhotoError("Add a photo first, or pick a sample.", parameter="subject")
    given = {
        name: answers[name].strip() if isinstance(answers[name], str) else answers[name]
        for name, field in fields().items()
        if not _left_out(field, answers.get(name))
    }
    words = given.get("text") or Path(given.get("audio", "")).stem
    stem = jobs.file_stem(Path(subject), words, date.today())
    file = VideoFile(**{name: given.pop(name) for name in VideoFile.model_fields if name in given})
    own = {"subject": subject, "path": folder / f"{stem}{file.suffix}", "motion": folder / f"{stem}.csv"}
    return split({**given, **own, "background": file.background})


def refuse_files(answers: Mapping[str, Any]) -> None:
    """Refuse options of engines that are no mapping, and any that name a file: it would be the server's.

    Raises:
        OptionError: there are such options.
    """
    for layer in _LAYERS:
        name, given = answers.get(layer), answers.get(f"{layer}_options")
        if not given:
            continue
        if not isinstance(given, dict):
            words = f"{layer}_options are names with values, such as {{'size': 512}}."
            raise OptionError(words, parameter=f"{layer}_options")
        engine = engines.voice(name).family if layer == "voice" and name else name
        if not engine or engine not in engines.ENGINES[layer]:
            continue  # the plan says so, in its own words
        for field in options.fields(engines.option_type(layer, engine)):
            if field.kind == "file" and field.name in given:
                words = f"{field.name} takes a file, which cannot be given over HTTP; leave it out."
                raise OptionError(words, parameter=f"{layer}_options")


def _left_out(field: Field, value: Any) -> bool:
    """Whether a value stands for none: nothing, blank, or a 0 where 0 cannot be chosen or no number is the
    default, for which plain HTTP has no other word."""
    if value is None or value == {} or (isinstance(value, str) and not value.strip()):
        return True
    possible = 0 in field.choices if field.choices else field.low is None or field.low <= 0
    undecided = field.kind == "integer" and field.default is None
    return field.kind in ("choice", "integer") and value == 0 and (undecided or not possible)


def _recognized_here(answers: Mapping[str, Any]) -> bool:
    """Whether the words of a recording can be recognised without a download that nobody asked for."""
    from pipeline import hub
    from pipeline.speech.recognition import whisper

    here = whisper.available() and not hub.download_bytes(whisper.checkpoints(), missing=True)
    return bool(answers.get("audio")) and here


def _without_words(answers: Mapping[str, Any]) -> bool:
    """Whether captions are wanted for something that is spoken without a text."""
    field = fields()
    spoken = answers.get("audio") or answers.get("motion_in")
    return bool(
        spoken
        and _left_out(field["text"], answers.get("text"))
        and not _left_out(field["captions"], answers.get("captions"))
    )
