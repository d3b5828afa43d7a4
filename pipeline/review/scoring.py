"""Measures become marks out of 100 and advice.

Every threshold is set so that the real speakers of the evaluation clips lie at its good end: what a viewer
would not notice costs nothing.
"""

from __future__ import annotations

import numpy as np

from pipeline.review.head import HeadMeasures
from pipeline.review.lips import LipMeasures
from pipeline.types import Finding

_GOOD, _FAIR = 75.0, 50.0
_ENOUGH = 4.0
"""Seconds of speech from which on the lips' mark can be relied on to some ten points."""
_BLINKS_COUNT = 15.0
"""Seconds from which on the number of blinks says something."""


def mark_lips(lips: LipMeasures | None) -> tuple[float, list[Finding]]:
    """The mark of the lips layer, 0 to 100, and its findings."""
    if lips is None:
        sentence = "There is too little speech with a face in sight to judge the lips."
        return 0.0, [Finding("lips", "poor", sentence)]
    follow = _ramp(lips.correlation, 0.10, 0.55)
    opens = _ramp(lips.opening, 0.02, 0.09)
    # Viewers forgive lips that come early sooner than late ones (ITU-R BT.1359).
    in_time = _ramp(-lips.lag, -0.20, -0.06) if lips.lag > 0 else _ramp(lips.lag, -0.20, -0.08)
    closes = _ramp(lips.hit - lips.chance, -0.05, 0.30)
    opens *= 0.4 + 0.6 * _ramp(-lips.shut, -0.75, -0.45)
    # Out of time or hardly moving, no amount of likeness helps; missed closures only annoy.
    mark = 100 * follow * (0.25 + 0.75 * in_time) * (0.3 + 0.7 * opens) * (0.8 + 0.2 * closes)
    findings = [_following(lips, follow), _opening(lips, opens)]
    findings += [_timing(lips, follow, in_time), _closing(lips, closes)]
    if lips.seconds < _ENOUGH:
        sentence = f"Only {lips.seconds:.1f} s of speech: the lips' mark may be far off; judge a longer clip."
        findings.append(Finding("length", "fair", sentence, lips.seconds))
    return mark, findings


def _opening(lips: LipMeasures, opens: float) -> Finding:
    if opens * 100 >= _GOOD:
        return Finding("opening", "good", "The mouth opens as widely as people's do.", lips.opening)
    verdict = "fair" if opens * 100 >= _FAIR else "poor"
    if lips.shut > 0.45:
        sentence = f"The mouth is shut in {lips.shut:.0%} of the speech, people's in 13 to 43 %; "
        return Finding(
            "opening", verdict, sentence + "choose a livelier style or another lips engine.", lips.shut
        )
    sentence = "The mouth hardly opens; choose a livelier style or another lips engine."
    return Finding("opening", verdict, sentence, lips.opening)


def _following(lips: LipMeasures, follow: float) -> Finding:
    value = lips.correlation
    if follow * 100 >= _GOOD:
        return Finding("lips", "good", f"The lips follow the sound (correlation {value:.2f}).", value)
    return Finding(
        "lips",
        "fair" if follow * 100 >= _FAIR else "poor",
        f"The lips follow the sound only loosely (correlation {value:.2f}, real speakers 0.45 or more); use "
        "a cleaner recording or another lips engine.",
        value,
    )


def _timing(lips: LipMeasures, follow: float, in_time: float) -> Finding:
    late = 1000 * lips.lag
    if follow * 100 < _FAIR:
        sentence = "Lips and sound agree too little to say whether they are in time."
        return Finding("timing", "fair", sentence, late)
    if in_time * 100 >= _GOOD:
        return Finding("timing", "good", f"Lips and sound are in time ({late:+.0f} ms).", late)
    way, cure = ("late", "delay the sound") if late > 0 else ("early", "delay the picture")
    return Finding(
        "timing",
        "fair" if in_time * 100 >= _FAIR else "poor",
        f"The lips are {abs(late):.0f} ms {way}; {cure} by as much.",
        late,
    )


def _closing(lips: LipMeasures, closes: float) -> Finding:
    counted = (
        f"{lips.hit:.0%} of {lips.closures} closures heard are seen, {lips.chance:.0%} would be by chance"
    )
    if closes * 100 >= _FAIR:
        return Finding("closures", "good", f"The lips close when they should ({counted}).", lips.hit)
    return Finding(
        "closures",
        "fair",
        f"The lips miss closures ({counted}); with a recording, give its transcript too.",
        lips.hit,
    )


def mark_head(head: HeadMeasures | None) -> tuple[float, list[Finding]]:
    """The mark of the head layer, 0 to 100, and its findings."""
    if head is None:
        return 0.0, [
            Finding("head", "poor", "The face is hardly ever in sight, so the head cannot be judged.")
        ]
    moves = min(_ramp(head.range, 0.1, 0.9), _ramp(-head.range, -28, -14))
    smooth = _ramp(-head.tremble, -4.0, -2.0)
    steady = _ramp(-60 * head.jumps / head.seconds, -30, -6)
    parts, weights = [moves, smooth * steady], [0.55, 0.45]
    findings = [_moving(head, moves), _smoothness(head, smooth, steady)]
    if head.seconds >= _BLINKS_COUNT:
        blinking = min(_ramp(head.blinks, 0, 5), _ramp(-head.blinks, -120, -70))
        parts, weights = [*parts, blinking], [0.45, 0.35, 0.2]
        findings.append(_blinking(head, blinking))
    worst = min(parts)
    # The mean alone would forgive a head that is perfectly smooth because it never moves.
    return 100 * float(np.dot(parts, weights)) * (0.5 + 0.5 * worst), findings


def _moving(head: HeadMeasures, moves: float) -> Finding:
    value = head.range
    if moves * 100 >= _GOOD:
        return Finding("head", "good", f"The head moves naturally ({value:.1f}° about its middle).", value)
    verdict = "fair" if moves * 100 >= _FAIR else "poor"
    if value < 5:
        sentence = f"The head hardly moves ({value:.1f}°); choose a livelier style."
    else:
        sentence = f"The head swings too far ({value:.0f}°); choose a calmer style."
    return Finding("head", verdict, sentence, value)


def _smoothness(head: HeadMeasures, smooth: float, steady: float) -> Finding:
    if steady * 100 < _GOOD:
        sentence = f"The face jumps {head.jumps} times; where these are no cuts, use another head engine."
        return Finding("smoothness", "poor", sentence, head.jumps)
    if smooth * 100 >= _GOOD:
        return Finding("smoothness", "good", "The head moves smoothly.", head.tremble)
    verdict = "fair" if smooth * 100 >= _FAIR else "poor"
    return Finding("smoothness", verdict, "The head trembles; choose a calmer style.", head.tremble)


def _blinking(head: HeadMeasures, blinking: float) -> Finding:
    value = round(head.blinks)
    if blinking * 100 >= _GOOD:
        return Finding("blinks", "good", f"The eyes blink {value} times a minute, as people do.", head.blinks)
    if value < 10:
        sentence = f"The eyes stare: {value} blinks a minute, people blink 10 to 30 times; raise the blinks."
    else:
        sentence = f"The eyes blink too often, {value} times a minute; lower the blinks."
    return Finding("blinks", "fair" if blinking * 100 >= _FAIR else "poor", sentence, head.blinks)


def _ramp(value: float, bad: float, good: float) -> float:
    """0 at `bad` and below, 1 at `good` and above, straight in between."""
    return float(np.clip((value - bad) / (good - bad), 0, 1))
