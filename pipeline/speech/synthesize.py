"""A text, said by a voice, becomes a stream of `Speech`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.engines import DEFAULT_VOICE, Utterance, Voice, VoiceCard, load_voice
from pipeline.engines import voice as voice_card
from pipeline.errors import TextError
from pipeline.options import Options
from pipeline.speech.audio.loudness import apply_limiter, limiter, peaks
from pipeline.speech.phonemes import cut_off, merge_silences
from pipeline.speech.recognition.aligner import PhoneAligner
from pipeline.speech.text.normalize import normalize
from pipeline.speech.text.scripts import foreign_script, speaker_of
from pipeline.speech.text.segment import Phrase, split_phrases
from pipeline.types import RATE, Phone, Speech, Word

LONGEST_TEXT = 20_000
"""Characters that can be spoken in one go: some twenty minutes."""
_LONGEST_WORD = 300
_SLOWEST, _FASTEST = 0.5, 2.0
_LEAD = 0.06
"""Seconds of silence before each part: lips close for a "p" before it is heard."""
_FADE = RATE // 200
"""Samples over which a part fades in and out: 5 ms, so that no join clicks."""


def speak(
    text: str,
    *,
    voice: str = DEFAULT_VOICE,
    options: Options | None = None,
    fps: int = 25,
    pace: float = 1.0,
    seed: int = 0,
) -> Iterator[Speech]:
    """A text as a voice says it, a sentence at a time (long ones in clauses).

    The text is checked, and the voice loaded, before this returns.

    Args:
        text: up to 20,000 characters; numbers, dates and abbreviations are said as a person would.
        voice: the name of a voice; see `engines.voices`.
        options: its family's own options.
        fps: frame rate of the video to be made; each part is a whole number of its frames.
        pace: factor on the speed of speech, 0.5 to 2.
        seed: the same text and seed give the same bytes.

    Raises:
        TextError: nothing to say, too much of it, or a language that the voice cannot speak.
        UnknownNameError: there is no such voice.
        CheckpointError: the voice's files cannot be had.
    """
    if not _SLOWEST <= pace <= _FASTEST:
        raise TextError(f"A pace of {pace:g} cannot be spoken; choose one between {_SLOWEST} and {_FASTEST}.")
    _check_length(text)
    chosen = voice_card(voice)
    _check_script(text, chosen)
    said = normalize(text, chosen.language)
    if not said:
        raise TextError("There are no words to say; type what they should say.")
    loaded = load_voice(voice, options)
    return (_part(loaded, line, fps, pace, seed) for line in split_phrases(said))


def _check_length(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise TextError(
            f"The text has {len(text):,} characters; split it, at most {LONGEST_TEXT:,} can be spoken."
        )
    endless = re.search(rf"[!-~]{{{_LONGEST_WORD},}}", text)
    if endless:
        raise TextError(
            f"{endless[0][:20]!r}… is one word of {len(endless[0]):,} characters; put spaces in it."
        )


def _check_script(text: str, chosen: VoiceCard) -> None:
    script = foreign_script(text, chosen.language)
    if script:
        other = speaker_of(script)
        hint = f"try the voice {other!r}." if other else "choose a voice of its language."
        raise TextError(f"The voice {chosen.name!r} cannot read {script} letters; {hint}")


def _part(voice: Voice, line: Phrase, fps: int, pace: float, seed: int) -> Speech:
    said = voice.say(line.said, pace=pace, seed=seed)
    ends_silent = bool(said.phones) and not said.phones[-1].label
    end = said.phones[-1].start if ends_silent else len(said.samples) / said.rate
    samples = _finished(said, voice.gain, end + line.pause / pace, RATE // fps)
    text = " ".join(item.written for item in line.said)
    phones, words = _times(said, line, samples, voice.card.language)
    return Speech(samples, phones, words, text, voice.card.language)


def _times(
    said: Utterance, line: Phrase, samples: np.ndarray, language: str
) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
    """Phones and words of a finished part: the voice's own, or those that a recogniser hears."""
    phones, words = (), ()
    if said.phones is None or said.words is None:
        phones, words = PhoneAligner(line.said, language).hear(samples, last=True)
    if said.phones is not None:
        later = [replace(p, start=p.start + _LEAD, end=p.end + _LEAD) for p in said.phones]
        end = Phone("", later[-1].end, len(samples) / RATE)
        phones = cut_off(merge_silences([Phone("", 0.0, _LEAD), *later, end]), end.end)
    if said.words is not None:
        spans = zip(line.said, said.words, strict=True)
        words = tuple(Word(item.written, a + _LEAD, b + _LEAD) for item, (a, b) in spans if b > a)
    return phones, words


def _finished(said: Utterance, gain: float, seconds: float, frame: int) -> np.ndarray:
    """The sound at `RATE`, levelled, led in by silence, filled up or cut to a whole number of frames.

    `seconds` is when the pause behind the last sound is over.
    """
    import soxr

    samples = soxr.resample(said.samples, said.rate, RATE)
    samples = apply_limiter(samples, limiter(peaks(samples), gain))
    length = -(-round((_LEAD + seconds) * RATE) // frame) * frame
    whole = np.zeros(length, np.float32)
    lead = round(_LEAD * RATE)
    kept = samples[: length - lead]
    ramp = np.linspace(0.0, 1.0, _FADE, dtype=np.float32)
    kept[:_FADE] *= ramp
    kept[-_FADE:] *= ramp[::-1]
    whole[lead : lead + len(kept)] = kept
    return whole
