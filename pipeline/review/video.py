"""After a render: how natural are the lips and the head, and what would improve the video most?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import NoFaceError
from pipeline.findings import Finding
from pipeline.review.head import HeadMeasures, measure_head
from pipeline.review.lips import LipMeasures, measure_lips
from pipeline.review.sampling import Stretch, sample_video
from pipeline.review.scoring import score_head, score_lips, worst
from pipeline.types import Phone

_NATURAL = 80.0
"""Score from which a layer looks natural."""
_IN_VIEW = 0.9
"""Share of the frames in which the face should be in view."""


@dataclass(frozen=True)
class Report:
    """The review of a finished video, measured from its pixels and its sound alone."""

    lips: float
    """Score of the lips, 0 to 100; real speakers reach about 90."""
    head: float
    """Score of everything around them, 0 to 100."""
    sentence: str
    """The overall result and, unless it is good, what to do about it."""
    findings: tuple[Finding, ...]
    """What the scores are made of."""
    lip_measures: LipMeasures | None
    head_measures: HeadMeasures | None
    stretches: tuple[Stretch, ...]
    """The measured curves, for `draw`."""


def review_video(path: Path | str, *, phones: Sequence[Phone] = (), face: int = 1) -> Report:
    """Judge a finished video.

    Args:
        path: any video with sound; of one over 90 s, six stretches of 15 s are analysed.
        phones: what is said in it, timed from its start, where that is known; otherwise lip closures are
            estimated from the sound.
        face: which face speaks, where there are several; 1 is the largest.

    Raises:
        VideoError: it cannot be read, or has no sound.
        NoFaceError: no face is ever in view.
    """
    stretches = sample_video(path, face=face)
    seen, frames = sum(len(part.time) for part in stretches), sum(part.frames for part in stretches)
    if not seen:
        raise NoFaceError(f"No face was found in {Path(path).name}; review a video of a person who talks.")
    lip_measures, head_measures = measure_lips(stretches, phones), measure_head(stretches)
    lips, lip_findings = score_lips(lip_measures)
    head, head_findings = score_head(head_measures)
    return Report(
        lips=lips,
        head=head,
        sentence=_sentence(lips, lip_findings, head, head_findings),
        findings=(*lip_findings, *head_findings, *_visibility(seen / frames)),
        lip_measures=lip_measures,
        head_measures=head_measures,
        stretches=tuple(stretches),
    )


def _sentence(lips: float, lip_findings: list[Finding], head: float, head_findings: list[Finding]) -> str:
    """Praise where both layers look natural; otherwise the worst finding of the weaker one."""
    if min(lips, head) >= _NATURAL:
        return "Looks natural."
    findings = lip_findings if lips <= head else head_findings
    return worst(findings).sentence


def _visibility(share: float) -> list[Finding]:
    if share >= _IN_VIEW:
        return []
    sentence = f"The face is in view in only {share:.0%} of the frames; the other frames are unchanged."
    return [Finding("face in view", "fair", sentence, share)]
