"""Jobs that would probably disappoint need a second press of Create: the page says why it asks.

These are very long scripts, and recordings in which nobody seems to speak.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import StudioError
from pipeline.plan import Plan
from pipeline.service.estimates import video_seconds
from pipeline.service.messages import Message

_LONG_SECONDS = 180.0
"""Rendering time in seconds from which a job has to be confirmed."""

_AGAIN = "Press Create again to go ahead anyway."


def confirmation(plan: Plan, render_seconds: float) -> Message | None:
    """What the visitor has to confirm before this plan is carried out; None where it can start at once.

    Args:
        plan: the job's.
        render_seconds: how long it is expected to take.
    """
    if plan.scene.audio is not None and not _speaks(plan.scene.audio):
        sentence = "There is no speech in this recording, so the lips would not move properly."
        return Message(sentence, f"Choose another recording. {_AGAIN}", "audio")
    if render_seconds > _LONG_SECONDS:
        said, taken = minutes(video_seconds(plan)), minutes(render_seconds)
        sentence = f"This makes a video of {said} and will take {taken}."
        return Message(sentence, _AGAIN, "audio" if plan.scene.audio is not None else "text")
    return None


def minutes(seconds: float) -> str:
    """A rough length: "about 3 minutes"."""
    whole = max(round(seconds / 60), 1)
    return f"about {whole} minute{'s' if whole > 1 else ''}"


def _speaks(recording: Path) -> bool:
    from pipeline.service import assessment

    try:
        findings = assessment.assess_recording(recording)
    except StudioError:
        return True  # the render says what is wrong
    return not any(found.topic == "voice" and found.verdict == "poor" for found in findings)
