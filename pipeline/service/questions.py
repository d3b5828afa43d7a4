"""What the page asks before it starts a job that would probably disappoint: one more press of Create answers.

A very long script, and a recording in which nobody seems to speak.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import StudioError
from pipeline.plan import Plan
from pipeline.progress import SPEECH_RATE
from pipeline.service.messages import Message

_LONG_SECONDS = 180.0
"""Rendering time from which somebody would want to know before it starts."""

_AGAIN = "Press Create again to go ahead anyway."


def seconds_of(plan: Plan) -> float:
    """Length of the video, as far as it can be known before it is made."""
    scene = plan.scene
    if scene.audio is not None:
        return _declared_seconds(scene.audio)
    if scene.text is None:
        return 0.0 if plan.motion is None else len(plan.motion) / plan.motion.fps
    return len(scene.text) / SPEECH_RATE / scene.pace


def question(plan: Plan, render_seconds: float) -> Message | None:
    """What to ask before this plan is carried out; None where nothing speaks against it.

    Args:
        render_seconds: how long it is expected to take.
    """
    if plan.scene.audio is not None and not _speaks(plan.scene.audio):
        sentence = "There is no speech in this recording, so the lips would not move properly."
        return Message(sentence, f"Choose another recording. {_AGAIN}", "audio")
    if render_seconds > _LONG_SECONDS:
        said, taken = minutes(seconds_of(plan)), minutes(render_seconds)
        sentence = f"This makes a video of {said} and will take {taken}."
        return Message(sentence, _AGAIN, "audio" if plan.scene.audio is not None else "text")
    return None


def minutes(seconds: float) -> str:
    """A rough length: "about 3 minutes"."""
    whole = max(round(seconds / 60), 1)
    return f"about {whole} minute{'s' if whole > 1 else ''}"


def _declared_seconds(recording: Path) -> float:
    """What the file says of its length, which is good enough for an estimate; 0 where it says nothing."""
    import av

    try:
        with av.open(str(recording), metadata_errors="replace") as box:
            return max(box.duration or 0, 0) / av.time_base
    except (OSError, ValueError):
        return 0.0


def _speaks(recording: Path) -> bool:
    from pipeline.service import assessment

    try:
        findings = assessment.assess_recording(recording)
    except StudioError:
        return True  # the render says what is wrong
    return not any(found.topic == "voice" and found.verdict == "poor" for found in findings)
