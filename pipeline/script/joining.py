"""The segments of a script become one file: pictures copied, sound mixed, captions, chapters, metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import accumulate
from pathlib import Path

from pipeline.output_files import captions_path
from pipeline.prefetch import Prefetcher
from pipeline.script.document import Script
from pipeline.script.pieces import Piece
from pipeline.script.segments import Segment
from pipeline.script.shots import Shot
from pipeline.script.soundtrack import soundtrack
from pipeline.spec import Output as File
from pipeline.trust import Consent, metadata
from pipeline.video.captions import Cue, cues, write_captions
from pipeline.video.join import Chapter, join
from pipeline.video.track_language import SEVERAL, UNDETERMINED, track_language

_AHEAD = 3
"""Seconds of sound that are mixed before they are needed."""


def join_film(
    script: Script, pieces: list[Piece], segments: list[Segment], consents: dict[str, Consent]
) -> Path | None:
    """Write the film, and the captions beside it; returns where these are.

    Raises:
        OutputError: a file cannot be written, or exists.
        VideoError: a segment is damaged.
    """
    output = script.file
    fps = output.fps
    captions = captions_path(File(path=output.path, captions=output.captions))
    finalizers: list[Callable[[Path], object]] = []
    sound, channels = soundtrack(script, segments)
    # sound is mixed, and captions are broken into lines, while what came before is encoded
    with ThreadPoolExecutor(1, "captions") as pool, closing(Prefetcher(sound, _AHEAD)) as ahead:
        if captions is not None:
            timed = pool.submit(film_cues, segments, fps)
            finalizers.append(
                lambda video: write_captions(captions, timed.result(), overwrite=output.overwrite)
            )
        join(
            output.path,
            [segment.path for segment in segments],
            ahead,
            fps=fps,
            channels=channels,
            alpha=output.alpha,
            metadata=film_metadata(script, pieces, segments, consents),
            language=_language(segments),
            chapters=chapters(script, pieces, segments),
            overwrite=output.overwrite,
            finalizers=finalizers,
        )
    return captions


def _language(segments: list[Segment]) -> str | None:
    """Of all whose language is known, as a track tells it; None where none is."""
    parts = (part for segment in segments for part in segment.speech)
    said = {track_language(part.language) for part in parts} - {UNDETERMINED}
    return next(iter(said), None) if len(said) < 2 else SEVERAL


def film_cues(segments: list[Segment], fps: int) -> list[Cue]:
    """The captions of all that is said, timed from the start of the film."""
    found: list[Cue] = []
    frames = 0
    for segment in segments:
        start = frames / fps
        for part in segment.speech:
            found += cues(part, start=start)
            start += part.duration
        frames += segment.frames
    return found


def chapters(script: Script, pieces: list[Piece], segments: list[Segment]) -> list[Chapter]:
    """A chapter for each scene; none where there is only one scene."""
    if len(script.scenes) < 2:
        return []
    ends = [frames / script.output.fps for frames in accumulate(segment.frames for segment in segments)]
    found = []
    for number, scene in enumerate(script.scenes):
        inside = [
            index
            for index, piece in enumerate(pieces)
            if isinstance(piece, Shot) and piece.scene_number == number
        ]
        start = ends[inside[0] - 1] if inside[0] else 0.0
        found.append(Chapter(scene.chapter or scene.title or f"Scene {number + 1}", start, ends[inside[-1]]))
    return found


def film_metadata(
    script: Script, pieces: list[Piece], segments: list[Segment], consents: dict[str, Consent]
) -> dict[str, str]:
    """What a single render writes, of all pieces together: what differs between them is listed."""
    merged: dict[str, dict[str, None]] = {}
    for piece, segment in zip(pieces, segments, strict=True):
        for said in _statements(script, piece, segment, consents) if isinstance(piece, Shot) else ():
            for name, value in said.items():
                merged.setdefault(name, {})[value] = None
    listed = {name: "; ".join(values) for name, values in merged.items()}
    return {**listed, "title": script.title} if script.title else listed


def _statements(
    script: Script, shot: Shot, segment: Segment, consents: dict[str, Consent]
) -> Iterator[dict[str, str]]:
    """What is to be said of each presenter who is seen or heard in a shot."""
    made = dict(segment.made)
    voice = made.get("voice", "none")
    for name in [role.name for role in shot.roles] or [name for name in (shot.speaker,) if name]:
        speaks = name == shot.speaker
        yield metadata(
            consents[name],
            head=made.get("head", "puppet") if speaks else "puppet",
            lips=made.get("lips", "puppet") if speaks else "puppet",
            voice=None if voice == "none" else voice,
            seed=int(made.get("seed", "0")),
            matting=made.get("matting") if shot.roles else None,
            subject=script.located(script.presenters[name].subject),
        )
