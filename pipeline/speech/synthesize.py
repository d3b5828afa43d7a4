"""A text, spoken by a voice, becomes a stream of `Speech`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipeline.engines import DEFAULT_VOICE, load_voice
from pipeline.engines import voice as voice_card
from pipeline.errors import OptionError
from pipeline.options import Options
from pipeline.protocols import Utterance, Voice
from pipeline.speech.audio.loudness import apply_limiter, limiter_gains, peak_envelope
from pipeline.speech.front_end import checked_text, left_out
from pipeline.speech.phonemes import merge_silences, truncate
from pipeline.speech.recognition.aligner import make_aligner
from pipeline.speech.text.normalize import NormalizedText
from pipeline.speech.text.pronunciation import Pronunciations, without_ipa
from pipeline.speech.text.segment import Phrase, split_phrases
from pipeline.speech.text.words import NormalizedWord
from pipeline.speech.voices.stress import AROUND, louder
from pipeline.types import RATE, Phone, Speech, Word, shift_time

_LOG = logging.getLogger(__name__)
_SLOWEST, _FASTEST = 0.5, 2.0
"""Range of the pace, as in `spec.Scene`."""
_LEAD = 0.06
"""Seconds of silence before each part: lips close for a "p" before it is heard."""
_ONSET = 0.03
"""Seconds that are kept of a voice's own silence before its first phone, for the onset of that phone."""
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
    pronunciations: Pronunciations = (),
) -> Iterator[Speech]:
    """A text as a voice says it, one part per phrase: a sentence, or a clause of a long one.

    The text is checked, and the voice loaded, before this returns. What cannot be spoken is left out and
    logged as a warning; `text_warnings` tells it beforehand. A pause at the start is a part without words.

    Args:
        text: up to 20,000 characters; numbers, dates and abbreviations are read as a person would, markup is
            not read, "[pause 2s]" or SSML's `<break>` are silence, and a word between asterisks is emphasised
            where the voice can.
        voice: the name of a voice; see `engines.voices`.
        options: the options of its family, from `engines.options`.
        fps: frame rate of the video to be made; each part is a whole number of its frames.
        pace: factor on the speed of speech, 0.5 to 2.
        seed: the same text and seed give the same bytes.
        pronunciations: words that are said otherwise than they would be read.

    Raises:
        TextError: there is nothing to say, too much of it, or a script that the voice does not read.
        OptionError: the pace is out of range.
        UnknownNameError: there is no such voice.
        CheckpointError: the voice's files, or the package that runs it, are missing.
    """
    if not _SLOWEST <= pace <= _FASTEST:
        raise OptionError(
            f"pace={pace:g} is not possible; give a number from {_SLOWEST:g} to {_FASTEST:g}.",
            parameter="pace",
        )
    card = voice_card(voice)
    normalized = checked_text(text, card, pronunciations)
    for warning in left_out(normalized, card):
        _LOG.warning(warning)
    return _parts(load_voice(voice, options), normalized, fps, pace, seed)


def _parts(voice: Voice, normalized: NormalizedText, fps: int, pace: float, seed: int) -> Iterator[Speech]:
    if normalized.lead:
        silence = np.zeros(_whole_frames(normalized.lead, RATE // fps), np.float32)
        phones = (Phone("", 0.0, len(silence) / RATE),)
        yield Speech(silence, phones, language=voice.card.language)
    for phrase in split_phrases(normalized.words):
        yield _part(voice, phrase, fps, pace, seed)


def _part(voice: Voice, phrase: Phrase, fps: int, pace: float, seed: int) -> Speech:
    utterance, room = _stressed(_without_lead(voice.say(phrase.words, pace=pace, seed=seed)), phrase)
    end = len(utterance.samples) / utterance.rate
    if utterance.phones and not utterance.phones[-1].label:
        end = utterance.phones[-1].start
    samples = _finished(
        utterance, voice.gain * room, end + max(phrase.pause / pace, phrase.silence), RATE // fps
    )
    phones, words = _times(utterance, phrase, samples, voice.card.language)
    return Speech(samples, phones, words, phrase.written, voice.card.language)


def _without_lead(utterance: Utterance) -> Utterance:
    """The utterance from shortly before its first phone: some voices are silent for 0.3 s before it."""
    phones, words = utterance.phones, utterance.words
    if not phones or phones[0].label or phones[0].end <= _ONSET:
        return utterance
    cut = round((phones[0].end - _ONSET) * utterance.rate)
    seconds = cut / utterance.rate
    later = (shift_time(phone, -seconds) for phone in phones[1:])
    return replace(
        utterance,
        samples=utterance.samples[cut:],
        phones=(Phone("", 0.0, phones[0].end - seconds), *later),
        words=words and tuple((max(start - seconds, 0.0), max(end - seconds, 0.0)) for start, end in words),
    )


def _stressed(utterance: Utterance, phrase: Phrase) -> tuple[Utterance, float]:
    """The utterance with its emphasised words louder, and the gain of the whole that makes room for them."""
    times = zip(phrase.words, utterance.words or (), strict=False)
    spans = [span for word, span in times if word.emphasis and span[1] > span[0]]
    if not spans:
        return utterance, 1.0
    return replace(utterance, samples=louder(utterance.samples, utterance.rate, spans)), AROUND


def _times(
    utterance: Utterance, phrase: Phrase, samples: np.ndarray, language: str
) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
    """Phones and words of a finished part: the voice's own, or those found in the sound."""
    phones: tuple[Phone, ...] = ()
    words: tuple[Word, ...] = ()
    seconds = len(samples) / RATE
    if utterance.phones is None or utterance.words is None:
        letters = [replace(word, spoken=without_ipa(word.spoken)) for word in phrase.words]
        aligner = make_aligner(letters, seconds=seconds, language=language)
        phones, words = aligner.align(samples, last=True)
    if utterance.phones is not None:
        later = [shift_time(phone, _LEAD) for phone in utterance.phones]
        silence = Phone("", later[-1].end, seconds)
        phones = truncate(merge_silences([Phone("", 0.0, _LEAD), *later, silence]), seconds)
    if utterance.words is not None:
        words = _timed(phrase.words, utterance.words)
    return phones, words


def _timed(words: Sequence[NormalizedWord], times: Sequence[tuple[float, float]]) -> tuple[Word, ...]:
    """The words that sound; a silent one inside a stretch without spaces belongs to the one before it."""
    timed: list[Word] = []
    for word, (start, end) in zip(words, times, strict=True):
        if end > start:
            timed.append(Word(word.written, start + _LEAD, end + _LEAD, word.goes_on))
        elif timed and timed[-1].goes_on:
            timed[-1] = replace(timed[-1], text=timed[-1].text + word.written, goes_on=word.goes_on)
    return tuple(timed)


def _finished(utterance: Utterance, gain: float, seconds: float, frame: int) -> np.ndarray:
    """The sound at `RATE`, levelled, after the leading silence, padded or cut to a whole number of frames.

    Args:
        utterance: the voice's output.
        gain: see `protocols.Voice.gain`.
        seconds: when the pause after the last sound is over.
        frame: samples per video frame.
    """
    import soxr

    samples = soxr.resample(utterance.samples, utterance.rate, RATE)
    samples = apply_limiter(samples, limiter_gains(peak_envelope(samples), gain))
    length = _whole_frames(_LEAD + seconds, frame)
    whole = np.zeros(length, np.float32)
    lead = round(_LEAD * RATE)
    kept = samples[: length - lead]
    ramp = np.linspace(0.0, 1.0, _FADE, dtype=np.float32)
    kept[:_FADE] *= ramp
    kept[-_FADE:] *= ramp[::-1]
    whole[lead : lead + len(kept)] = kept
    return whole


def _whole_frames(seconds: float, frame: int) -> int:
    """Samples of the whole video frames, of `frame` samples each, that take at least `seconds`."""
    return -(-round(seconds * RATE) // frame) * frame
