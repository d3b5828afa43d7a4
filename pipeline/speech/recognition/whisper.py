"""Words in a recording, in about a hundred languages: Whisper, run by the package faster-whisper.

Radford et al. 2022, https://arxiv.org/abs/2212.04356. The multilingual "base" network is carried by a
package of `requirements.txt`; on a card, "large-v3-turbo" takes its place. Silero's voice activity
detector, which faster-whisper brings, finds what is speech.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pipeline.errors import AudioError, CheckpointError, OptionError
from pipeline.speech.audio.recording import read_recording
from pipeline.speech.recognition import networks
from pipeline.speech.recognition.devanagari import is_urdu
from pipeline.speech.recognition.hindi_words import restored
from pipeline.speech.recognition.spoken_languages import spoken_languages
from pipeline.speech.recognition.word_edges import at_their_sound
from pipeline.types import RATE, Word

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_UNSURE = 0.5
"""Probability of the language below which it is worth asking which one it is."""
_INVENTED = -0.7
"""Mean log-probability of a segment's words below which they are made up, where the network hears no speech
either: in music it writes "You" at -0.99. Speech in music or noise was never below -0.67."""

INCOMPLETE = (
    "Part of the recording could not be understood and is missing from the transcript; check it against the "
    "recording."
)
"""What is said of a transcript that is incomplete."""

_RATE = 16_000
"""Samples per second that the network hears."""
_PROMPTS = {"zh": "以下是普通话的句子。"}
"""What is taken to have been said before; in Chinese it asks for punctuation and simplified characters."""

_LETTERED = frozenset(("th", "lo", "my"))
"""Languages that the network writes letter by letter, and with spaces between phrases only."""
_BREATH = 0.3
"""Seconds of silence between two letters that end a phrase of theirs."""


@dataclass(frozen=True)
class Transcript:
    """What was said in a recording."""

    text: str
    words: tuple[Word, ...]
    """Every word with its times, in seconds from the start of the recording."""
    language: str
    """ISO 639-1 code; "und" where nobody speaks."""
    probability: float
    """Of the language, 0 to 1; 1 where it was given."""
    seconds: float
    """Length of the recording."""
    recognizer: str = ""
    """Name of the network that wrote it down."""
    others: tuple[str, ...] = ()
    """Codes of other languages that parts of it seem to be in; all of it is written down as `language`."""

    incomplete: bool = False
    """Whether a stretch was left out, in which the network wrote one thing over and over."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What its reader should know, a sentence each."""
        return tuple(filter(None, (INCOMPLETE if self.incomplete else "", self.doubt)))

    @property
    def doubt(self) -> str:
        """A sentence where it is not certain which language is spoken, or there are several; else empty."""
        if self.words and self.others:
            return (
                f"Part of the recording is perhaps in {' and '.join(self.others)}, but all of it is written "
                f"down as {self.language}; correct it, or give each language as a recording of its own."
            )
        if not self.words or self.probability >= _UNSURE:
            return ""
        return (
            f"The language of the recording is perhaps {self.language} ({self.probability:.0%}); name it as "
            "language if it is another."
        )


@dataclass(frozen=True)
class Heard:
    """How far a recording is written down."""

    text: str
    """The words so far."""
    fraction: float
    """Share of the recording that is written down, 0 to 1."""


def available() -> bool:
    """Whether recordings can be transcribed on this machine, perhaps after a download."""
    return find_spec("faster_whisper") is not None


def recognize(
    path: Path | str, *, language: str | None = None, progress: Callable[[float], None] | None = None
) -> Transcript:
    """The words of a recording, or of a video's sound.

    Args:
        path: any sound or video file that FFmpeg reads, up to ten minutes long.
        language: its ISO 639-1 code ("de"); found in the first half minute of speech where None.
        progress: called with the share that is written down, 0 to 1, about every half minute of speech.

    Raises:
        AudioError: it cannot be read, has no sound, is silent, too short or too long.
        OptionError: the network does not know the language.
        CheckpointError: the recogniser is not installed, or its files cannot be had.
    """
    heard = recognizing(path, language=language)
    while True:
        try:
            written = next(heard)
        except StopIteration as stop:
            return cast("Transcript", stop.value)
        if progress is not None:
            progress(written.fraction)


def recognizing(path: Path | str, *, language: str | None = None) -> Generator[Heard, None, Transcript]:
    """`recognize` step by step, about half a minute of speech at a time. Closing it stops the work.

    Arguments and errors as there.
    """
    network, model = _model()
    if language is not None and language not in model.supported_languages:
        raise OptionError(
            f"The language {language!r} is not one that can be recognised; give a code such as 'en' or 'es'.",
            parameter="language",
        )
    transcript = yield from _transcript(model, read_recording(path), language)
    return replace(transcript, recognizer=network.name)


def require_speech(transcript: Transcript, name: str) -> Transcript:
    """The same transcript, if there is a word in it.

    Raises:
        AudioError: there is none.
    """
    if not transcript.words:
        raise AudioError(
            f"No speech was found in {name}; choose a recording in which somebody speaks.", parameter="audio"
        )
    return transcript


def _transcript(
    model: WhisperModel, samples: np.ndarray, language: str | None
) -> Generator[Heard, None, Transcript]:
    import soxr
    from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

    from pipeline.speech.recognition.repetition import left_out

    seconds = len(samples) / RATE
    sound = soxr.resample(samples, RATE, _RATE)
    options = VadOptions(min_silence_duration_ms=500)
    speech = get_speech_timestamps(sound, options)
    if not speech:
        return Transcript("", (), "und", 0.0, seconds)
    probability, others = 1.0, tuple[str, ...]()
    if language is None:
        chunks, _ = collect_chunks(sound, speech)
        language, probability, others = spoken_languages(model, np.concatenate(chunks))
    segments, info = model.transcribe(
        sound,
        language=language,
        temperature=0.0,
        condition_on_previous_text=False,
        log_prob_threshold=_INVENTED,
        hotwords=_PROMPTS.get(language),
        word_timestamps=True,
        vad_filter=True,
        vad_parameters=options,
    )
    heard = list[Any]()
    text, words = "", tuple[Word, ...]()
    for segment in segments:
        heard += segment.words or ()
        text, words = _written(heard, seconds, language)
        yield Heard(text, min(segment.end / seconds, 1.0))
    if not heard:
        return Transcript("", (), "und", 0.0, seconds)
    return Transcript(
        text,
        at_their_sound(words, sound, _RATE),
        language,
        float(probability),
        seconds,
        others=others,
        incomplete=left_out(info),
    )


def _written(heard: list[Any], seconds: float, language: str) -> tuple[str, tuple[Word, ...]]:
    """The text and its words, Hindi in its own letters."""
    text, words = "".join(word.word for word in heard).strip(), _words(heard, seconds)
    if language in _LETTERED:
        return text, _phrases(heard, words)
    if language != "hi" or not is_urdu(text):
        return text, words
    words = tuple(
        Word(each.text, words[each.first].start, words[each.end - 1].end)
        for each in restored([word.text for word in words])
    )
    return " ".join(word.text for word in words), words


def _words(heard: list[Any], seconds: float) -> tuple[Word, ...]:
    """The words in order, none of them beginning before another one ends."""
    words: list[Word] = []
    at = 0.0
    for word in heard:
        start = min(max(float(word.start), at), seconds)
        at = min(max(float(word.end), start), seconds)
        if word.word.strip():
            words.append(Word(word.word.strip(), start, at))
    return tuple(words)


def _phrases(heard: list[Any], letters: tuple[Word, ...]) -> tuple[Word, ...]:
    """The letters between two spaces or breaths as one word, since captions put a space between words."""
    written = [letter.word for letter in heard]
    after_space = [
        letter[:1].isspace() or before[-1:].isspace()
        for before, letter in zip(["", *written], written, strict=False)
        if letter.strip()
    ]
    phrases: list[Word] = []
    for letter, apart in zip(letters, after_space, strict=True):
        last = phrases[-1] if phrases else None
        if last is None or apart or letter.start - last.end > _BREATH:
            phrases.append(letter)
        else:
            phrases[-1] = Word(last.text + letter.text, last.start, letter.end)
    return tuple(phrases)


def checkpoints() -> tuple[str, ...]:
    """Keys of the published files that a recording needs on this machine, which has the recogniser."""
    return networks.fitting().checkpoints


@cache
def _model() -> tuple[networks.Network, WhisperModel]:
    if not available():
        raise CheckpointError(
            "Recordings are transcribed by the package faster-whisper; install it with "
            "`pip install faster-whisper`, or give the transcript as text.",
            parameter="audio",
        )
    return networks.load_fitting()
