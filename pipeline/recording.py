"""Frames and sound become the finished file: captions, the visible mark, the motion file, progress.

What happens to every frame is a list of frame filters; what happens once, to the whole file, a list of
finalizers that run on the unfinished video before it gets its name. So a file that stands beside the video
and cannot be written leaves no video without it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline import engines
from pipeline.findings import Finding
from pipeline.inference.attended import attended
from pipeline.plan import Engine, Plan
from pipeline.progress import Chunk, Clock, Event, Progress, Result
from pipeline.types import Clip, Footage, Frame, Motion, Phone, Portrait, Speech, shift_time

if TYPE_CHECKING:
    from pipeline.video import Captions

FrameFilter = Callable[[np.ndarray, float], np.ndarray]
"""From a frame, `(H, W, 3)` uint8 RGB or RGBA, and its time in seconds to the frame that is written."""

Finalizer = Callable[[Path], object]
"""Takes the unfinished video, all of whose frames and sound are written."""

_LEFT_OUT = (
    "Part of the recording could not be understood and is missing from the captions; add its transcript to "
    "complete them."
)


def record(
    plan: Plan,
    subject: Portrait | Footage,
    clip: Clip,
    speech: Iterable[Speech],
    metadata: dict[str, str],
    *,
    preview: bool,
) -> Generator[Event, None, None]:
    """Write picture and sound part by part, then the files that stand beside the video; ends in a `Result`.

    Closing the iterator stops everything behind `clip` and leaves nothing on disk.
    """
    from pipeline.video import Captions, Writer

    output = plan.output
    captions = Captions(clip.size) if output.captions else None
    shown = _shown if plan.matting is None else _cut_out(subject, plan.matting)
    tally = _Tally()
    chunks: list[Path] = []
    clock = Clock(seconds=_length(plan), text=plan.scene.text)
    parts = iter(speech)
    begun = list(itertools.islice(parts, 1))  # its language is told at the beginning of the file
    language = plan.language or next((part.language for part in begun), None)
    filters = _frame_filters(plan, clip.size, captions, language)
    with (
        _removed(chunks),
        Writer(
            output.path,
            size=clip.size,
            fps=clip.fps,
            alpha=output.alpha,
            metadata=metadata,
            language=language,
            overwrite=output.overwrite,
            chunks=chunks.append if preview else None,
            finalizers=_finalizers(plan, captions, tally.motions),
        ) as writer,
    ):
        for part in itertools.chain(begun, parts):
            start = tally.frames / clip.fps
            if captions:
                captions.add(part)
            clock.heard(part, start)
            tally.heard(part, start)
            writer.sound(part.samples)
            for frame in attended(clip, part.frames(clip.fps)):
                if not isinstance(frame, Frame):
                    yield clock.at(_reached(clip, tally))
                    continue
                image = shown(frame)
                for passed in filters:
                    image = passed(image, tally.frames / clip.fps)
                writer.write(image, owned=image is not frame.image)  # whatever changed it made a copy
                tally.frames += 1
                tally.faceless += plan.lips is not None and frame.landmarks is None
                if output.motion and frame.motion is not None:
                    tally.motions.append(frame.motion)
                while chunks:
                    yield Chunk(chunks.pop(0))
                if tally.frames % clip.fps == 0:
                    yield clock.at(_reached(clip, tally))
        yield Progress("saving", 0.99)
    yield _result(plan, subject, tally, clip.fps)


def _reached(clip: Clip, tally: _Tally) -> float:
    """Seconds of the video that are made, or as good as made."""
    return max(tally.frames / clip.fps, clip.steps.seconds if clip.steps else 0.0)


class _Tally:
    """What was counted and kept of the frames."""

    def __init__(self) -> None:
        self.frames = self.faceless = 0
        self.motions: list[Motion] = []
        self.phones: list[Phone] = []
        self.ends: list[float] = []
        """When each part with words ended, in seconds."""
        self.incomplete = False
        """Whether words of a recording are missing."""

    def heard(self, part: Speech, start: float) -> None:
        """Keep the times of a part that begins at `start`, in seconds."""
        if part.text:
            self.ends.append(start + part.duration)
        self.incomplete |= part.incomplete
        self.phones.extend(shift_time(phone, start) for phone in part.phones)


def _result(plan: Plan, subject: Portrait | Footage, tally: _Tally, fps: int) -> Result:
    from pipeline.stage import mattes

    matting = None if plan.matting is None else plan.matting.card.name
    findings: tuple[Finding, ...] = getattr(subject, "findings", ())
    return Result(
        video=plan.output.path,
        duration=tally.frames / fps,
        head=plan.head.card.name,
        lips=plan.lips_name,
        seed=plan.seed,
        captions=plan.captions_path,
        motion=plan.output.motion if tally.motions else None,
        findings=findings,
        phones=() if plan.scene.audio is not None else tuple(tally.phones),
        notes=(*mattes.notes(plan.output.matting, matting), *_notes(plan, tally)),
        faceless=tally.faceless,
        face=plan.scene.face,
    )


def video_seconds(subject: Path) -> float:
    """How long a subject lasts by itself: a video's length, 0 of a photo."""
    from pipeline import faces, video

    return video.probe(subject).duration if faces.is_video(subject) else 0.0


def _notes(plan: Plan, tally: _Tally) -> tuple[str, ...]:
    from pipeline.speech import text_warnings
    from pipeline.speech.text.srt import read_srt
    from pipeline.speech.timed import late_lines

    scene = plan.scene
    spoken = scene.text is not None and scene.audio is None
    if not spoken:
        return (_LEFT_OUT,) if tally.incomplete else ()
    late = []
    if scene.timed:
        late = late_lines(read_srt(scene.text or ""), tally.ends, seconds=video_seconds(scene.subject))
    return (*late, *text_warnings(scene.text or "", scene.voice, pronunciations=scene.dictionary))


def _frame_filters(
    plan: Plan, size: tuple[int, int], captions: Captions | None, language: str | None
) -> list[FrameFilter]:
    from pipeline.trust import Mark

    filters: list[FrameFilter] = []
    if captions is not None and plan.output.captions == "burn":
        filters.append(captions.burn)
    if plan.output.mark:
        mark = Mark(size, language)
        filters.append(lambda image, seconds: mark.draw(image))
    return filters


def _shown(frame: Frame) -> np.ndarray:
    return frame.image


def _cut_out(subject: Portrait | Footage, matting: Engine) -> Callable[[Frame], np.ndarray]:
    """From the frames of one clip, in order, to the person in them, `(H, W, 4)` uint8 RGBA."""
    from pipeline.stage.matting import Matte

    face = subject.face.box if isinstance(subject, Portrait) else None
    matte = Matte(face, engines.load("matting", matting.card.name))

    def cut(frame: Frame) -> np.ndarray:
        presenter = matte.cut(frame)
        alpha = frame.alpha if presenter.alpha is None else np.round(255 * presenter.alpha)
        return np.dstack([presenter.rgb, np.asarray(alpha, np.uint8)])

    return cut


def _finalizers(plan: Plan, captions: Captions | None, motions: list[Motion]) -> list[Finalizer]:
    from pipeline.motion import write_motion

    finalizers: list[Finalizer] = []
    overwrite = plan.output.overwrite
    if captions is not None and (path := plan.captions_path) is not None:
        finalizers.append(lambda video: captions.write(path, overwrite=overwrite))
    if (motion := plan.output.motion) is not None:
        finalizers.append(
            lambda video: write_motion(motion, motions, overwrite=overwrite) if motions else None
        )
    return finalizers


def _length(plan: Plan) -> float | None:
    """Seconds of the video where they are known beforehand."""
    from pipeline.video import sound_seconds

    if plan.motion is not None:
        return len(plan.motion) / plan.motion.fps
    return None if plan.scene.audio is None else sound_seconds(plan.scene.audio)


@contextmanager
def _removed(chunks: list[Path]) -> Iterator[None]:
    """Removes in the end the previews that nobody was handed: of the last second, or of a job given up."""
    try:
        yield
    finally:
        for path in chunks:
            path.unlink(missing_ok=True)
