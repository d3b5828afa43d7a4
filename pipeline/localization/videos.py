"""A talking video in another language: recognised, translated, spoken at its times, with new lips."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from pipeline import spec
from pipeline.errors import concerning
from pipeline.localization.documents import Captions
from pipeline.progress import Event
from pipeline.speech.text.srt import TimedLine
from pipeline.translation.by_hand import HEADER, is_table, table_rows
from pipeline.translation.cues import has_times, plain, read_captions, sentences_of
from pipeline.translation.voices import voice_for

_ANY = "1\n00:00:00,000 --> 00:00:01,000\n1\n"
"""Subtitles that a voice of any language can speak, for checks before the real ones are there."""


def heard_in(
    video: Path,
    language: str | None,
    by_hand: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> Captions:
    """What is said in a video or a recording, a sentence a line.

    Args:
        video: the file.
        language: of what is said; found where None.
        by_hand: a translation with times of its own, which makes recognition needless.
        progress: called with the share that is written down, 0 to 1.

    Raises:
        AudioError, CheckpointError: nothing can be recognised, or the recogniser is not here.
    """
    if by_hand is not None and (timed := _times_of(by_hand)):
        return Captions(tuple(timed), language or "und")
    from pipeline.speech.recognition.whisper import recognize, require_speech

    heard = require_speech(recognize(video, language=language, progress=progress), video.name)
    sentences = tuple(sentences_of(heard.words, heard.language))
    return Captions(sentences, heard.language, heard.notes)


def dub(
    video: Path, output: Path, subtitles: str, to: str, options: dict[str, Any]
) -> Generator[Event, None, None]:
    """Render the video with these subtitles spoken at their times, event by event.

    Args:
        subtitles: SRT.
        to: their language, whose voice speaks them where `options` names none.
        options: fields of `spec.Scene` and `spec.Output`.

    Raises:
        StudioError: as for `studio.stream`.
    """
    from pipeline import studio

    scene, file = _asked(video, output, subtitles, to, options)
    with closing(studio.stream(scene, file)) as events:
        yield from events


def ready_dub(video: Path, output: Path, to: str, options: dict[str, Any]) -> Iterator[float]:
    """Refuse what `dub` could not do with any subtitles, before the video is listened to, and download what
    it needs, yielding the share that is done: without its voice, there is no use in a translator's download.

    Raises:
        StudioError: as for `plan.check` and `hub.pull`, or the consent of the face's owner is missing.
    """
    from pipeline import hub
    from pipeline.plan import check
    from pipeline.trust import consent_for

    scene, file = _asked(video, output, _ANY, to, options)
    plan = check(scene, file)
    consent_for(video, scene.consent)
    yield from hub.pull(plan.downloads)


def _asked(
    video: Path, output: Path, subtitles: str, to: str, options: dict[str, Any]
) -> tuple[spec.Scene, spec.Output]:
    given = {"voice": voice_for(to), **options, "timed": True, "text": subtitles}
    return spec.split({"subject": video, "path": output, **given})


@concerning("lines")
def _times_of(by_hand: str) -> list[TimedLine]:
    """The lines of a translation by hand that has times: of captions, or of a table of captions."""
    text = plain(by_hand)
    if is_table(text):
        rows = table_rows(text)[1:]
        timed = [row for row in rows if has_times(row[0]) and len(row) >= len(HEADER)]
        text = "\n\n".join(f"{row[0]}\n{row[1]}" for row in timed)
    return read_captions(text) if has_times(text) else []
