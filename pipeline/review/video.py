"""After a render: how good are the lips, how good is the head, and which of the two holds the video back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import NoFaceError
from pipeline.review.head import HeadMeasures, measure_head
from pipeline.review.lips import LipMeasures, measure_lips
from pipeline.review.sampling import Stretch, watch
from pipeline.review.scoring import mark_head, mark_lips
from pipeline.types import Finding, Phone

_FINE = 80.0
_IN_SIGHT = 0.9


@dataclass(frozen=True)
class Report:
    """What a finished video is worth, measured from its pixels and its sound alone."""

    lips: float
    """Mark of the lips layer, 0 to 100; real speakers lie around 90."""
    head: float
    """Mark of the layer around them, 0 to 100."""
    sentence: str
    """Names the weaker layer and what to do about it."""
    findings: tuple[Finding, ...]
    """What the marks are made of."""
    lip_measures: LipMeasures | None
    head_measures: HeadMeasures | None
    stretches: tuple[Stretch, ...]
    """The curves behind it, for `draw`."""


def review_video(path: Path | str, *, phones: Sequence[Phone] = (), face: int = 0) -> Report:
    """Judge a finished video.

    Args:
        path: any video with sound; over 90 s, six stretches of 15 s stand for it.
        phones: what is said in it, timed from its start, where that is known; without them the closures are
            heard in the sound.
        face: which face speaks, counted from the largest, where there are several.

    Raises:
        VideoError: it cannot be read, or has no sound.
        NoFaceError: no face is ever in sight.
    """
    stretches = watch(path, choose=face)
    seen, frames = sum(len(part.time) for part in stretches), sum(part.frames for part in stretches)
    if not seen:
        raise NoFaceError(f"No face was found in {Path(path).name}, so there is nothing to judge.")
    lip_measures, head_measures = measure_lips(stretches, phones), measure_head(stretches)
    lips, lip_findings = mark_lips(lip_measures)
    head, head_findings = mark_head(head_measures)
    return Report(
        lips=lips,
        head=head,
        sentence=_sentence(lips, lip_findings, head, head_findings),
        findings=(*lip_findings, *head_findings, *_sight(seen / frames)),
        lip_measures=lip_measures,
        head_measures=head_measures,
        stretches=tuple(stretches),
    )


def _sentence(lips: float, lip_findings: list[Finding], head: float, head_findings: list[Finding]) -> str:
    name, findings = ("lips", lip_findings) if lips <= head else ("head", head_findings)
    if min(lips, head) >= _FINE:
        return f"Both layers look natural; the {name} would be the first to improve."
    order = {"poor": 0, "fair": 1, "good": 2}
    worst = min(findings, key=lambda finding: order[finding.verdict])
    verb = "are" if name == "lips" else "is"
    return f"The {name} {verb} the weaker layer. {worst.sentence}"


def _sight(share: float) -> list[Finding]:
    if share >= _IN_SIGHT:
        return []
    sentence = f"The face is in sight in only {share:.0%} of the frames; the rest was left as it is."
    return [Finding("face in sight", "fair", sentence, share)]
