"""Whisper without its loops, a letter or a phrase written over and over, where noise hides the speech.

The published recogniser samples such a stretch again, at rising temperatures (Radford et al. 2022, section
4.5). That takes seconds for each, and is not the same twice; here it is searched again under a penalty
for tokens that were written already, and what repeats itself even so is left out. A window with words in
letters that are none of its language's is searched again without these; the more probable text is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from faster_whisper import WhisperModel

from pipeline.speech.recognition.strange_letters import is_astray, strange_tokens

_RUN = re.compile(r"(.{1,60}?)\1{11,}", re.DOTALL)
"""A letter or a phrase twelve times in a row: people repeat themselves, too, but not so often in a window."""
_SHORTEST = 60
"""Letters from which on such a row is a loop, and neither laughter nor a drawn-out vowel."""
_PENALTY = 1.15
"""What the probability of a token is divided by where it was written before."""
_CREDIBLE = -1.0
"""Mean log-probability of the tokens below which another try is no better; as Whisper's own bound."""


def repeats(text: str) -> bool:
    """Whether a text goes round in circles.

    How well it can be compressed, Whisper's own sign, does not tell: ten points of a list that begin and end
    alike are as repetitive, and were said.
    """
    return any(len(run[0]) >= _SHORTEST for run in _RUN.finditer(text))


@dataclass(frozen=True)
class _Cut:
    """What is left of a window, in the form of CTranslate2's results."""

    sequences_ids: list[list[int]]
    no_speech_prob: float


class PatientModel(WhisperModel):
    """Whisper, which tries again where it repeats itself or strays into the letters of other languages; all
    other windows are as they were."""

    def generate_with_fallback(self, encoder_output: Any, prompt: Any, tokenizer: Any, options: Any) -> Any:
        """The words of a window of half a minute: a result, its mean log-probability and two numbers more."""
        first = super().generate_with_fallback(encoder_output, prompt, tokenizer, options)
        if is_astray(tokenizer.decode(_tokens(first)), tokenizer.language_code):
            strange = strange_tokens(tokenizer.tokenizer, tokenizer.language_code)
            kept = replace(options, suppress_tokens=sorted({*(options.suppress_tokens or ()), *strange}))
            again = super().generate_with_fallback(encoder_output, prompt, tokenizer, kept)
            first = max(first, again, key=_log_probability)
        if not repeats(tokenizer.decode(_tokens(first))):
            return first
        wary = replace(options, repetition_penalty=_PENALTY)
        again = super().generate_with_fallback(encoder_output, prompt, tokenizer, wary)
        if again[1] >= _CREDIBLE and not repeats(tokenizer.decode(_tokens(again))):
            return again
        options.left_out = True  # they are those of one transcription, which finds them in its result again
        return _Cut([_sound_part(_tokens(first), tokenizer)], first[0].no_speech_prob), *first[1:]


def left_out(info: Any) -> bool:
    """Whether part of a recording was left out, by what `transcribe` tells once its segments are read."""
    return getattr(info.transcription_options, "left_out", False)


def _log_probability(decoded: Any) -> float:
    return float(decoded[1])


def _tokens(decoded: Any) -> list[int]:
    return list(decoded[0].sequences_ids[0])


def _sound_part(tokens: list[int], tokenizer: Any) -> list[int]:
    """The longest beginning that ends with a time and does not repeat itself, perhaps nothing."""
    ends = [
        number
        for number in range(2, len(tokens) + 1)
        if tokens[number - 2] < tokenizer.timestamp_begin <= tokens[number - 1]
    ]
    fitting = (tokens[:end] for end in reversed(ends) if not repeats(tokenizer.decode(tokens[:end])))
    return next(fitting, [])
