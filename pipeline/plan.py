"""Turns a request into a plan: makes every choice and refuses what cannot be done, before any work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline import engines
from pipeline.cards import Card, Subject
from pipeline.errors import (
    AudioError,
    MotionFileError,
    OptionError,
    PhotoError,
    TextError,
    VideoError,
    concerning,
)
from pipeline.files import require_file
from pipeline.hub.checkpoints import Checkpoint
from pipeline.imitation import require_imitation, require_text, with_recording
from pipeline.options import Options
from pipeline.output_files import captions_path, claim_files
from pipeline.spec import Output, Scene
from pipeline.types import Motion, Style


@dataclass(frozen=True)
class Engine:
    """An engine that will run, with the options that it will run with."""

    card: Card
    options: Options | None

    @property
    def checkpoints(self) -> tuple[str, ...]:
        """Keys of the published files that it needs."""
        return engines.checkpoints(self.card.layer, self.card.name, self.options)


@dataclass(frozen=True, eq=False)
class Plan:
    """One video, decided: nothing in it is left to a default any more."""

    scene: Scene
    output: Output
    style: Style
    head: Engine
    lips: Engine | None
    """None where the head's own mouth speaks."""
    voice_options: Options | None
    motion: Motion | None
    """A motion file's motion at the output's rate, which the head plays."""
    matting: Engine | None = None
    """What cuts the person out; None where nobody is."""

    @property
    def lips_name(self) -> str:
        """What moves the lips: a lips engine, or the head itself."""
        return self.head.card.name if self.lips is None else self.lips.card.name

    @property
    def seed(self) -> int:
        """Of everything random."""
        return self.style.seed

    @property
    def voice(self) -> str | None:
        """What is heard: a voice's name, "recording", or nothing."""
        if self.scene.audio is not None:
            return "recording"
        return None if self.scene.text is None else self.scene.voice

    @property
    def language(self) -> str | None:
        """BCP 47 tag of what a voice says; None of a recording, or where nobody speaks."""
        spoken = self.scene.audio is None and self.scene.text is not None
        return engines.voice(self.scene.voice).language if spoken else None

    @property
    def recognizes(self) -> bool:
        """Whether the words of a recording without a transcript are recognised, for its captions."""
        return self.output.captions is not None and self.scene.audio is not None and self.scene.text is None

    @property
    def captions_path(self) -> Path | None:
        """Where the file of captions goes, if there is to be one."""
        return captions_path(self.output)

    @property
    def checkpoints(self) -> list[str]:
        """Keys of the published files that the engines will load."""
        running = (self.head, self.lips, self.matting)
        return [key for engine in running if engine is not None for key in engine.checkpoints]

    @property
    def downloads(self) -> list[str | Checkpoint]:
        """Every published file that will be loaded: those of the engines, the voice and the recogniser."""
        from pipeline.speech.recognition import whisper

        voiced = self.scene.text is not None and self.scene.audio is None
        voice = engines.voice(self.scene.voice).checkpoints if voiced else ()
        return [*self.checkpoints, *voice, *(whisper.checkpoints() if self.recognizes else ())]


def check(scene: Scene, output: Output) -> Plan:
    """Decide what will run, and refuse what cannot be done. Reads nothing larger than a motion file.

    Raises:
        OptionError: an unknown name, an impossible value, or choices that do not go together.
        TextError: there is nothing to say, nothing that the voice can say, or no words for captions.
        PhotoError, VideoError: the subject is missing, or of a kind that the engines do not take.
        MotionFileError: the motion file cannot be read, or the head does not play one.
        OutputError: a file cannot be written, or exists.
    """
    voice_options = check_choices(scene, output)
    kind = _kind(scene.subject)
    if kind == "video" and output.size is not None:
        raise OptionError("size crops a photo; leave it out for a video.", parameter="size")
    if scene.audio is not None:
        require_file(scene.audio, "recording", AudioError, "audio")
    head = _head(scene, kind)
    lips = _lips(scene, head, kind)
    _require_painted_teeth(scene, head, lips)
    voice_options = with_recording(scene.voice, scene.voice_from, voice_options)
    claim_files(scene, output)
    motion = _motion(scene, output.fps)
    scene = _seeded(scene)
    style = scene.performance(output.fps)
    return Plan(scene, output, style, head, lips, voice_options, motion, _matting(output))


def check_choices(scene: Scene, output: Output) -> Options | None:
    """What `check` refuses without looking at a file, which may not be here yet.

    Returns:
        The options of the voice that says the text; None where none does, or it has no options.

    Raises:
        OptionError: an unknown name, or an option of an engine that is not possible.
        TextError: there is nothing to say, nothing that the voice can say, or no words for captions.
    """
    if scene.text is None and scene.audio is None and scene.motion_in is None:
        raise TextError(
            "There is nothing to say; give a text, a recording or a motion file.", parameter="text"
        )
    _require_words(scene, output)
    if scene.head is not None:
        engines.options("head", scene.head, scene.head_options)
    if scene.lips is not None and scene.lips not in engines.ENGINES["head"]:  # its own mouth has its name
        engines.options("lips", scene.lips, scene.lips_options)
    return _voice_options(scene)


def _matting(output: Output) -> Engine | None:
    name = output.cuts_out
    return None if name is None else Engine(engines.card("matting", name), None)


def _require_words(scene: Scene, output: Output) -> None:
    """Refuse captions without words: of a motion file, or of a recording that nothing can transcribe."""
    from pipeline.speech.recognition import whisper

    if output.captions is None or scene.text is not None:
        return
    if scene.audio is None:
        raise TextError(
            "There are no words for captions; give a text, or leave the captions out.", parameter="captions"
        )
    if not whisper.available():
        raise TextError(
            "There are no words for captions; add the transcript as text, install faster-whisper, or leave "
            "the captions out.",
            parameter="captions",
        )


def _kind(subject: Path) -> Subject:
    from pipeline import faces

    require_file(subject, "photo or video", PhotoError, "subject")
    return "video" if faces.is_video(subject) else "photo"


def _head(scene: Scene, kind: Subject) -> Engine:
    """The head that was named, else the first one for this kind of subject."""
    fitting = [card for card in engines.cards("head") if kind in card.subjects]
    card = fitting[0] if scene.head is None else engines.card("head", scene.head)
    names = " or ".join(repr(each.name) for each in fitting)
    if kind not in card.subjects and kind == "video":
        raise VideoError(
            f"The head {card.name!r} takes a photo, not a video; choose {names}.", parameter="head"
        )
    if kind not in card.subjects:
        raise PhotoError(
            f"The head {card.name!r} takes a video, not a photo; choose {names}.", parameter="head"
        )
    if scene.motion_in is not None and not card.plays_motion:
        players = " or ".join(
            repr(each.name) for each in engines.cards("head") if each.plays_motion and kind in each.subjects
        )
        hint = f"choose {players}" if players else "leave the motion file out"
        raise MotionFileError(f"The head {card.name!r} plays no motion files; {hint}.", parameter="motion_in")
    return Engine(card, engines.options("head", card.name, scene.head_options))


def _require_painted_teeth(scene: Scene, head: Engine, lips: Engine | None) -> None:
    """Refuse a picture of teeth that is missing, or that nobody would paint."""
    if not scene.teeth_from:
        return
    for file in scene.teeth_from:
        require_file(file, "photo or video", PhotoError, "teeth_from")
    if lips is not None or not head.card.paints_teeth:
        names = " or ".join(repr(card.name) for card in engines.cards("head") if card.paints_teeth)
        raise OptionError(
            f"teeth_from needs a photo and the head {names} with its mouth; leave it out or choose these.",
            parameter="teeth_from",
        )


def _lips(scene: Scene, head: Engine, kind: Subject) -> Engine | None:
    """The lips that were named; else the head's own mouth where it has one, else the default lips."""
    own = head.card.speaks or scene.motion_in is not None
    if own and scene.lips in (None, head.card.name):
        if scene.lips_options:
            given = ", ".join(scene.lips_options)
            raise OptionError(
                f"The head's own mouth has no options; name a lips engine, or leave out {given}.",
                parameter="lips_options",
            )
        return None
    card = engines.cards("lips")[0] if scene.lips is None else engines.card("lips", scene.lips)
    if kind not in card.subjects:
        raise OptionError(f"The lips {card.name!r} do not work on a {kind}.", parameter="lips")
    if scene.text is None and scene.audio is None:
        raise TextError(
            f"The lips {card.name!r} need words; give a text or a recording, or leave the lips to the motion "
            "file.",
            parameter="lips",
        )
    return Engine(card, engines.options("lips", card.name, scene.lips_options))


def _voice_options(scene: Scene) -> Options | None:
    """Options of the voice that will say the text, which it must be able to say."""
    require_text(scene)
    if scene.text is None or scene.audio is not None:
        return None
    from pipeline.speech import check_text

    if scene.timed:
        from pipeline.speech.text.srt import read_srt

        with concerning("text"):
            read_srt(scene.text)
    check_text(scene.text, scene.voice, pronunciations=scene.dictionary)
    require_imitation(scene.voice, scene.voice_from)
    return engines.options("voice", engines.voice(scene.voice).family, scene.voice_options)


def _seeded(scene: Scene) -> Scene:
    try:
        return scene.seeded()
    except OSError as error:
        raise PhotoError(
            f"The picture or the recording cannot be read ({error.strerror}); check its permissions.",
            parameter="subject",
        ) from error


def _motion(scene: Scene, fps: int) -> Motion | None:
    if scene.motion_in is None:
        return None
    from pipeline.motion import read_motion, resample

    with concerning("motion_in"):
        return resample(read_motion(scene.motion_in), fps)
