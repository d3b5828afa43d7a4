"""Turns measures into scores out of 100, and advice.

Every threshold is set so that the real speakers of the evaluation clips are at its good end: what a viewer
would not notice costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.findings import Finding, Verdict
from pipeline.review.head import HeadMeasures
from pipeline.review.lips import LipMeasures

_GOOD, _FAIR = 75.0, 50.0
"""Scores from which a measure is good, and fair."""
_ENOUGH = 4.0
"""Seconds of speech from which the lips score is reliable to about ten points."""
_BLINKS_COUNT = 15.0
"""Seconds from which the number of blinks is meaningful."""


def worst(findings: Sequence[Finding]) -> Finding:
    """The first of the findings with the worst verdict."""
    return min(findings, key=lambda finding: ("poor", "fair", "good").index(finding.verdict))


def score_lips(lips: LipMeasures | None) -> tuple[float, list[Finding]]:
    """The score of the lips, 0 to 100, and its findings."""
    if lips is None:
        sentence = "There is too little speech with a face in view to judge the lips; use a longer video."
        return 0.0, [Finding("lips", "poor", sentence)]
    correlated = _ramp(lips.correlation, 0.10, 0.55)
    opens = _ramp(lips.opening, 0.02, 0.09)
    # Viewers forgive lips that come early sooner than late ones (ITU-R BT.1359).
    in_sync = _ramp(-lips.lag, -0.20, -0.06) if lips.lag > 0 else _ramp(lips.lag, -0.20, -0.08)
    closes = _ramp(lips.hit - lips.chance, -0.05, 0.30)
    opens *= 0.4 + 0.6 * _ramp(-lips.shut, -0.75, -0.45)
    # Out of sync or hardly moving, no correlation helps; missed closures are merely noticeable.
    score = 100 * correlated * (0.25 + 0.75 * in_sync) * (0.3 + 0.7 * opens) * (0.8 + 0.2 * closes)
    findings = [_correlation(lips, correlated), _opening(lips, opens)]
    findings += [_sync(lips, correlated, in_sync), _closing(lips, closes)]
    if lips.seconds < _ENOUGH:
        sentence = (
            f"With only {lips.seconds:.1f} s of speech, the lips score may be far off; review a longer video."
        )
        findings.append(Finding("length", "fair", sentence, lips.seconds))
    return score, findings


def _opening(lips: LipMeasures, opens: float) -> Finding:
    if opens * 100 >= _GOOD:
        return Finding("opening", "good", "The mouth opens as wide as in natural speech.", lips.opening)
    verdict: Verdict = "fair" if opens * 100 >= _FAIR else "poor"
    if lips.shut > 0.45:
        sentence = f"The mouth is shut for {lips.shut:.0%} of the speech (naturally 13 to 43%); "
        return Finding(
            "opening", verdict, sentence + "choose a livelier style or another lips engine.", lips.shut
        )
    sentence = "The mouth hardly opens; choose a livelier style or another lips engine."
    return Finding("opening", verdict, sentence, lips.opening)


def _correlation(lips: LipMeasures, correlated: float) -> Finding:
    value = lips.correlation
    if correlated * 100 >= _GOOD:
        return Finding("lips", "good", f"The lips match the sound (correlation {value:.2f}).", value)
    return Finding(
        "lips",
        "fair" if correlated * 100 >= _FAIR else "poor",
        f"The lips match the sound only loosely (correlation {value:.2f}, real speakers 0.45 or more); use a "
        "cleaner recording or another lips engine.",
        value,
    )


def _sync(lips: LipMeasures, correlated: float, in_sync: float) -> Finding:
    late = 1000 * lips.lag
    if correlated * 100 < _FAIR:
        sentence = (
            "The lips match the sound too little to tell whether they are in sync; use another lips engine."
        )
        return Finding("sync", "fair", sentence, late)
    if in_sync * 100 >= _GOOD:
        return Finding("sync", "good", f"Lips and sound are in sync ({late:+.0f} ms).", late)
    way, cure = ("late", "delay the sound") if late > 0 else ("early", "delay the picture")
    return Finding(
        "sync",
        "fair" if in_sync * 100 >= _FAIR else "poor",
        f"The lips are {abs(late):.0f} ms {way}; {cure} by the same amount.",
        late,
    )


def _closing(lips: LipMeasures, closes: float) -> Finding:
    counted = (
        f"{lips.hit:.0%} of {lips.closures} closures in the sound are visible, {lips.chance:.0%} by chance"
    )
    if closes * 100 >= _FAIR:
        return Finding("closures", "good", f"The lips close when they should ({counted}).", lips.hit)
    return Finding(
        "closures",
        "fair",
        f"The lips do not close when they should ({counted}); with a recording, add its transcript.",
        lips.hit,
    )


def score_head(head: HeadMeasures | None) -> tuple[float, list[Finding]]:
    """The score of the head, 0 to 100, and its findings."""
    if head is None:
        return 0.0, [
            Finding(
                "head",
                "poor",
                "The face is hardly ever in view, so the head cannot be judged; use a video that shows it.",
            )
        ]
    moves = min(_ramp(head.range, 0.1, 0.9), _ramp(-head.range, -28, -14))
    smooth = _ramp(-head.jitter, -4.0, -2.0)
    steady = _ramp(-60 * head.jumps / head.seconds, -30, -6)
    parts, weights = [moves, smooth * steady], [0.55, 0.45]
    findings = [_moving(head, moves), _smoothness(head, smooth, steady)]
    if head.seconds >= _BLINKS_COUNT:
        blinking = min(_ramp(head.blinks, 0, 5), _ramp(-head.blinks, -120, -70))
        parts, weights = [*parts, blinking], [0.45, 0.35, 0.2]
        findings.append(_blinking(head, blinking))
    weakest = min(parts)
    # The mean alone would pass a head that is perfectly smooth because it never moves.
    return 100 * float(np.dot(parts, weights)) * (0.5 + 0.5 * weakest), findings


def _moving(head: HeadMeasures, moves: float) -> Finding:
    value = head.range
    if moves * 100 >= _GOOD:
        return Finding("head", "good", f"The head moves naturally (by {value:.1f}°).", value)
    verdict: Verdict = "fair" if moves * 100 >= _FAIR else "poor"
    if value < 5:
        sentence = f"The head hardly moves ({value:.1f}°); choose a livelier style."
    else:
        sentence = f"The head swings too far ({value:.0f}°); choose a calmer style."
    return Finding("head", verdict, sentence, value)


def _smoothness(head: HeadMeasures, smooth: float, steady: float) -> Finding:
    if steady * 100 < _GOOD:
        sentence = f"The face jumps {head.jumps} times; unless these are cuts, use another head engine."
        return Finding("smoothness", "poor", sentence, head.jumps)
    if smooth * 100 >= _GOOD:
        return Finding("smoothness", "good", "The head moves smoothly.", head.jitter)
    verdict: Verdict = "fair" if smooth * 100 >= _FAIR else "poor"
    return Finding("smoothness", verdict, "The head trembles; choose a calmer style.", head.jitter)


def _blinking(head: HeadMeasures, blinking: float) -> Finding:
    value = round(head.blinks)
    if blinking * 100 >= _GOOD:
        return Finding("blinks", "good", f"The eyes blink naturally, {value} times a minute.", head.blinks)
    if value < 10:
        sentence = f"The eyes blink only {value} times a minute (naturally 10 to 30 times); raise the blinks."
    else:
        sentence = f"The eyes blink too often, {value} times a minute; lower the blinks."
    return Finding("blinks", "fair" if blinking * 100 >= _FAIR else "poor", sentence, head.blinks)


def _ramp(value: float, bad: float, good: float) -> float:
    """0 at `bad` and below, 1 at `good` and above, linear in between."""
    return float(np.clip((value - bad) / (good - bad), 0, 1))
