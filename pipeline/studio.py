"""Request → video: the five steps of the house in the order in which they happen.

`events` is the whole story as a stream, for callers that show progress and a preview; `render` drives it
to its end. Between the words and the file everything is a chain of generators: one part of speech (a
sentence) is played and encoded while the next is being synthesised, so memory does not grow with length,
and closing the stream stops all of it and leaves no half file behind.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline import engines
from pipeline.request import Chunk, Event, Progress, Request, Result
from pipeline.stream import Ahead
from pipeline.types import RATE, Footage, Frame, Motion, Portrait, Speech, Style, later

if TYPE_CHECKING:
    from pipeline.video import Captions


def render(request: Request, *, progress: Callable[[Progress], None] | None = None) -> Result:
    """Make the video and return the finished files.

    Raises:
        StudioError: the request cannot be carried out; the sentence says why and what to do.
    """
    with closing(events(request)) as stream:
        for event in stream:
            if isinstance(event, Progress) and progress:
                progress(event)
            if isinstance(event, Result):
                return event
    raise AssertionError("a render that raises nothing ends in a Result")


def events(request: Request) -> Iterator[Event]:
    """Make the video, saying on the way how far it is; the last event is the `Result`.

    Close the iterator to cancel: the threads stop and nothing stays behind on disk.

    Raises:
        StudioError: as for `render`, before the first frame wherever that can be known.
    """
    from pipeline import trust
    from pipeline.video import claim

    style = request.played()
    for path in filter(None, (request.output, request.motion_out)):
        claim(path, overwrite=request.overwrite)
    consent = trust.consent_for(request.subject, request.consent)
    motion = _motion_file(request)
    yield from _fetch(request)
    yield Progress("look", 0.0)
    with closing(Ahead(hear(request, motion))) as speech:  # the first words are made during the look
        subject = look(request)
        yield Progress("listen", 0.02)
        for_head, for_lips, for_file = itertools.tee(speech, 3)
        frames = play(request, subject, for_head, for_lips, style, motion)
        metadata = trust.metadata(consent, head=request.head, lips=request.lips, voice=_voice(request))
        yield from _record(request, subject, frames, for_file, metadata, _Clock(request, motion))


def look(request: Request) -> Portrait | Footage:
    """The person who shall speak: a portrait with its review, or footage for heads that take video.

    Raises:
        PhotoError, NoFaceError, VideoError: the picture cannot be used.
    """
    from pipeline import faces, review

    if faces.is_video(request.subject):
        return faces.open_footage(request.subject, fps=request.fps, choose=request.face)
    portrait = faces.portrait(request.subject, choose=request.face, size=request.size)
    return replace(portrait, findings=review.review_photo(portrait.image, portrait.face))


def hear(request: Request, motion: Motion | None = None) -> Iterator[Speech]:
    """The words as a stream of parts: synthesised, found in the recording, or fitted to a motion file.

    Raises:
        TextError, AudioError, UnknownNameError: the words cannot be spoken or heard.
    """
    from pipeline import speech

    if request.audio is not None:
        parts = speech.listen(request.audio, text=request.text, fps=request.fps)
    elif request.text is not None:
        parts = speech.speak(request.text, voice=request.voice, fps=request.fps, seed=request.seed)
    else:
        parts = iter(())
    return parts if motion is None else _fitted(parts, len(motion), request.fps)


def play(
    request: Request,
    subject: Portrait | Footage,
    for_head: Iterable[Speech],
    for_lips: Iterable[Speech],
    style: Style,
    motion: Motion | None = None,
) -> Iterator[Frame]:
    """The two layers: the head's frames, then the lips on them unless the head plays those itself.

    A `motion` from a file is both layers in one, and the puppet plays it.
    """
    if motion is not None:
        return engines.load("head", "puppet").render(subject, [motion])
    head = engines.load("head", request.head, request.head_options)
    speaking = request.lips == engines.card("head", request.head).own_lips
    frames = head.animate(subject, for_head, style, speaking=speaking)
    if speaking:
        return frames
    return engines.load("lips", request.lips, request.lips_options).sync(frames, for_lips, style)


def _fetch(request: Request) -> Iterator[Progress]:
    """Pull what the two engines still lack, saying how far it is; nothing for embedded ones.

    Engines run with options of their own may want other files; those pull them as they load.
    """
    from pipeline import hub

    chosen = ("head", request.head, request.head_options), ("lips", request.lips, request.lips_options)
    wanted = [key for layer, name, own in chosen if not own for key in engines.card(layer, name).checkpoints]
    missing = [key for key in wanted if hub.find(key) is None]
    whole, before = max(hub.download_bytes(missing), 1), 0
    for key in missing:
        pulled = [0]
        pool = ThreadPoolExecutor(1, thread_name_prefix="fetch")
        try:
            job = pool.submit(hub.fetch, key, progress=lambda here, _, so_far=pulled: _keep(so_far, here))
            while not job.done():
                yield Progress("fetch", min((before + pulled[0]) / whole, 1.0))
                wait([job], timeout=0.3)
            job.result()
        finally:
            pool.shutdown(wait=False)
        before += hub.download_bytes([key])


def _keep(so_far: list[int], here: int) -> None:
    so_far[0] = here


def _record(
    request: Request,
    subject: Portrait | Footage,
    frames: Iterator[Frame],
    speech: Iterable[Speech],
    metadata: dict[str, str],
    clock: _Clock,
) -> Iterator[Event]:
    """Write picture and sound part by part, then the files that go beside the video."""
    from pipeline.trust import Mark
    from pipeline.video import Captions, Writer

    size = _size(subject)
    captions = Captions(size) if request.captions else None
    motions, phones, chunks = [], [], []
    mark = Mark(size) if request.mark else None
    with (
        _removed(chunks),
        Writer(
            request.output,
            size=size,
            fps=request.fps,
            metadata=metadata,
            overwrite=request.overwrite,
            chunks=chunks.append if request.preview else None,
        ) as writer,
    ):
        count = faceless = 0
        for part in speech:
            if captions:
                captions.add(part)
            clock.heard(part, count / request.fps)
            writer.sound(part.samples)
            if request.audio is None:
                phones.extend(later(phone, count / request.fps) for phone in part.phones)
            for frame in itertools.islice(frames, part.frames(request.fps)):
                image = frame.image
                if captions and request.captions == "burn":
                    image = captions.burn(image, count / request.fps)
                writer.write(mark.draw(image) if mark else image)
                count += 1
                faceless += frame.landmarks is None and not isinstance(subject, Portrait)
                if request.motion_out and frame.motion is not None:
                    motions.append(frame.motion)
                while chunks:
                    yield Chunk(chunks.pop(0))
                if count % request.fps == 0:
                    yield clock.at(count / request.fps)
        yield Progress("finish", 0.99)
    yield Result(
        video=request.output,
        duration=count / request.fps,
        captions=_write_captions(request, captions),
        motion=_write_motion(request, motions),
        findings=getattr(subject, "findings", ()),
        phones=tuple(phones),
        faceless=faceless,
        face=request.face,
    )


@contextmanager
def _removed(chunks: list[Path]) -> Iterator[None]:
    """Removes in the end the previews that nobody was handed: of the last second, or of a job given up."""
    try:
        yield
    finally:
        for path in chunks:
            path.unlink(missing_ok=True)


class _Clock:
    """Share done and time left, from the seconds of video made so far and the length expected in all."""

    SPEECH_RATE = 15.0
    """Characters of text in a second of speech: the first guess at a text's length, until parts are heard."""

    def __init__(self, request: Request, motion: Motion | None) -> None:
        from pipeline.video import sound_seconds

        self.started = time.monotonic()
        self.characters = 0
        self.text = None
        if motion is not None:
            self.expected = len(motion) / request.fps
        elif request.audio is not None:
            self.expected = sound_seconds(request.audio)
        else:
            self.text = len(request.text or "")
            self.expected = self.text / self.SPEECH_RATE

    def heard(self, part: Speech, seconds: float) -> None:
        """Correct the expected length: `part`, which starts at `seconds`, is known now."""
        if self.text:
            self.characters = min(self.characters + len(part.text) + 1, self.text)
            self.expected = (seconds + part.duration) * self.text / max(self.characters, 1)

    def at(self, seconds: float) -> Progress:
        """The progress when so many seconds of video are made."""
        share = min(seconds / max(self.expected, seconds, 1e-3), 1.0)
        left = (time.monotonic() - self.started) * (1 - share) / max(share, 1e-3)
        return Progress("perform", 0.02 + 0.97 * share, left)


def _fitted(parts: Iterator[Speech], frames: int, fps: int) -> Iterator[Speech]:
    """`parts` cut off after `frames` frames, or followed by silence up to there."""
    left = frames
    for part in parts:
        if left <= 0:
            return
        count = min(part.frames(fps), left)
        left -= count
        yield replace(part, samples=part.samples[: count * RATE // fps])
    while left > 0:
        count = min(left, 10 * fps)
        left -= count
        yield Speech(np.zeros(count * RATE // fps, np.float32))


def _motion_file(request: Request) -> Motion | None:
    from pipeline.motion import read_motion, resample

    return None if request.motion is None else resample(read_motion(request.motion), request.fps)


def _size(subject: Portrait | Footage) -> tuple[int, int]:
    if isinstance(subject, Portrait):
        height, width = subject.image.shape[:2]
        return width, height
    return subject.size


def _voice(request: Request) -> str:
    return "recording" if request.audio is not None else request.voice


def _write_captions(request: Request, captions: Captions | None) -> Path | None:
    if captions is None or request.captions == "burn":
        return None
    path = request.output.with_suffix(f".{request.captions}")
    captions.write(path)
    return path


def _write_motion(request: Request, motions: list[Motion]) -> Path | None:
    from pipeline.motion import write_motion

    if request.motion_out is not None:
        write_motion(request.motion_out, motions)
    return request.motion_out
