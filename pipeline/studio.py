"""A scene becomes a video: the steps in the order in which they happen.

Between the words and the file everything is a chain of generators: one part of speech (a sentence) is
animated and encoded while the next is being synthesised, so memory does not grow with length, and closing
the stream stops all of it and leaves no half file behind.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from pipeline import engines, hub
from pipeline.checksums import sha256
from pipeline.errors import concerning
from pipeline.imitation import scene_consent
from pipeline.inference.caches import LruCache
from pipeline.plan import Engine, Plan, check
from pipeline.prefetch import Prefetcher, shared
from pipeline.progress import Event, Progress
from pipeline.protocols import Head, MotionPlayer
from pipeline.recording import record, video_seconds
from pipeline.spec import Output, Scene
from pipeline.trust import Consent, metadata
from pipeline.types import Clip, Footage, Portrait, Speech

MakeClip = Callable[[Plan, Portrait | Footage, Iterable[Speech]], Clip]
"""What makes the frames of a plan: `animate`, in this process or elsewhere."""

_portraits = LruCache[Portrait](2)
"""With their reviews, for the next take of the same photo."""


def stream(
    scene: Scene,
    output: Output,
    *,
    preview: bool = False,
    consent: Consent | None = None,
    make_clip: MakeClip | None = None,
) -> Generator[Event, None, None]:
    """Make the video, saying on the way how far it is; the last event is the `Result`.

    Close the iterator to cancel: the threads stop and nothing stays behind on disk.

    Args:
        preview: send a `Chunk` for about every finished second.
        consent: an answer that was already taken for this very picture; without it, the scene's.
        make_clip: makes the frames in place of `animate`, on a borrowed GPU for example.

    Raises:
        StudioError: what was asked for cannot be done; before the first frame wherever that can be known.
    """
    plan = check(scene, output)
    consent = consent or scene_consent(scene)
    for share in hub.pull(plan.downloads):
        yield Progress("download", share)
    plan = _settled(plan)
    yield Progress("subject", 0.0)
    with closing(Prefetcher(speech(plan))) as parts:  # the first words are made while the subject is read
        subject = load_subject(plan)
        yield Progress("speech", 0.02, findings=getattr(subject, "findings", ()))
        for_file, for_clip = shared(parts, 2)
        clip = (make_clip or animate)(plan, subject, for_clip)
        del for_clip  # a reader that is kept but never read would keep all of the speech in memory
        with closing(clip):
            said = metadata(
                consent,
                head=plan.head.card.name,
                lips=plan.lips_name,
                voice=plan.voice,
                seed=plan.seed,
                motion=plan.motion is not None,
                matting=plan.matting.card.name if plan.matting else None,
                subject=plan.scene.subject,
            )
            yield from record(plan, subject, clip, for_file, said, preview=preview)


def _settled(plan: Plan) -> Plan:
    """The plan with a matting engine that fits into the device's memory, where the choice was left open."""
    if plan.matting is None:
        return plan
    from pipeline.stage import mattes

    return replace(plan, matting=Engine(engines.card("matting", mattes.settled(plan.output.matting)), None))


@concerning("subject")
def load_subject(plan: Plan) -> Portrait | Footage:
    """The person who speaks: a portrait with its review, or footage for heads that take video.

    Raises:
        PhotoError, NoFaceError, VideoError: the picture cannot be used.
    """
    from pipeline import faces
    from pipeline.review.teeth import review_teeth

    subject, face, size = plan.scene.subject, plan.scene.face, plan.output.size
    if faces.is_video(subject):
        return faces.open_footage(subject, fps=plan.style.fps, face=face)
    key = sha256(subject), face, size
    portrait = _portraits.get(key, lambda: _reviewed(faces.portrait(subject, face=face, size=size)))
    if plan.matting is not None:
        from pipeline.stage.matting import cut_out

        portrait = cut_out(portrait, engines.load("matting", plan.matting.card.name))
    if not plan.scene.teeth_from:
        return portrait
    teeth, finding = review_teeth(plan.scene.teeth_from, portrait.face)
    return replace(portrait, findings=(*portrait.findings, finding), teeth=teeth)


def _reviewed(portrait: Portrait) -> Portrait:
    from pipeline import review

    return replace(portrait, findings=review.review_photo(portrait.image, portrait.face))


def speech(plan: Plan) -> Iterator[Speech]:
    """The words as a stream of parts: synthesised, found in the recording, or fitted to a motion file.

    Raises:
        TextError, AudioError: the words cannot be spoken or heard.
    """
    from pipeline.speech import listen, speak
    from pipeline.speech.fitting import fit_length

    scene, fps = plan.scene, plan.style.fps
    parts: Iterator[Speech] = iter(())
    if scene.audio is not None:
        parts = listen(scene.audio, text=scene.text, fps=fps, recognize=plan.recognizes)
    elif scene.text is not None and scene.timed:
        parts = _dub(plan, scene.text)
    elif scene.text is not None:
        parts = speak(
            scene.text,
            voice=scene.voice,
            options=plan.voice_options,
            pace=scene.pace,
            fps=fps,
            seed=plan.seed,
            pronunciations=scene.dictionary,
        )
    return parts if plan.motion is None else fit_length(parts, len(plan.motion), fps)


def _dub(plan: Plan, subtitles: str) -> Iterator[Speech]:
    """Subtitles at their times, as long as the video in which they are spoken."""
    from pipeline.speech.text.srt import read_srt
    from pipeline.speech.timed import speak_timed

    scene = plan.scene
    return speak_timed(
        read_srt(subtitles),
        voice=scene.voice,
        options=plan.voice_options,
        fps=plan.style.fps,
        seed=plan.seed,
        pronunciations=scene.dictionary,
        seconds=video_seconds(scene.subject),
    )


def animate(plan: Plan, subject: Portrait | Footage, parts: Iterable[Speech]) -> Clip:
    """The two layers: the head's clip, then the lips on it unless the head's own mouth speaks."""
    head = engines.load("head", plan.head.card.name, plan.head.options)
    if plan.lips is None:
        return _head_clip(plan, head, subject, parts)
    lips = engines.load("lips", plan.lips.card.name, plan.lips.options)
    for_head, for_lips = shared(parts, 2)
    return lips.sync(_head_clip(plan, head, subject, for_head), for_lips, plan.style)


def _head_clip(plan: Plan, head: Head, subject: Portrait | Footage, parts: Iterable[Speech]) -> Clip:
    if plan.motion is None:
        return head.animate(subject, parts, plan.style, speaking=plan.lips is None)
    assert isinstance(head, MotionPlayer), "check() lets a motion file pass only for heads that play one"
    return head.play(subject, [plan.motion])
