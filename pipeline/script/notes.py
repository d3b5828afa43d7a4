"""Notes on a finished film: what was left out of it."""

from __future__ import annotations

from pipeline.script.pieces import Piece
from pipeline.script.segments import Segment
from pipeline.script.shots import Shot


def left_out(wanted: list[Piece], segments: list[Segment]) -> tuple[str, ...]:
    """What the voices do not say, and frames in which no face was found, a sentence each."""
    from pipeline.speech import text_warnings

    found: dict[str, None] = {}
    for piece, segment in zip(wanted, segments, strict=True):
        if not isinstance(piece, Shot) or piece.spoken is None:
            continue
        if piece.spoken.audio is None:
            said = piece.spoken
            warnings = text_warnings(said.text or "", said.voice, pronunciations=said.dictionary)
            found.update((f"{piece.place}: {warning}", None) for warning in warnings)
        if segment.faceless:
            found[f"{piece.place}: {segment.faceless} frames show no face and were left as they are."] = None
    return tuple(found)
