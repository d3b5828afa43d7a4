"""Text normalisation: each word as it is written, and as it is read aloud.

The steps, each a module with the examples that are its tests:

1. `characters`: Unicode. Letters in their plain form, nothing invisible.
2. `markdown`, `subtitles`, `tags`, `directions`: markup becomes words and pauses.
3. `lines`: headings and lines of a list become phrases, full stops get their space.
4. `capitals`: what is shouted is read as words. English only.
5. `replacements`, by the rules of `english`: numbers, dates, ranges, money, units, addresses, brands; of
   `locales` in German, Spanish, French, Hindi, Italian, Portuguese and Mandarin; `japanese`: what its front
   end would misread. Other languages get their numbers in words where num2words knows the language; espeak,
   the front end of most voices, reads the rest.
6. `foreign`: words of other scripts are romanised, or left out with a warning.
7. `unspaced`: what Japanese and Chinese write without spaces becomes words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.speech.text import emphasis, locales, marks, pronunciation
from pipeline.speech.text.bounds import split_word
from pipeline.speech.text.foreign import speakable
from pipeline.speech.text.plain import plain_text
from pipeline.speech.text.pronunciation import Pronunciations
from pipeline.speech.text.replacements import replacements_of, shortened, tokens
from pipeline.speech.text.scripts import script_of
from pipeline.speech.text.unspaced import split_unspaced
from pipeline.speech.text.words import NormalizedWord

__all__ = ["NormalizedText", "NormalizedWord", "normalize", "normalize_text"]


@dataclass(frozen=True)
class NormalizedText:
    """A text, ready to be spoken."""

    words: tuple[NormalizedWord, ...]
    lead: float = 0.0
    """Seconds of silence that are asked for before the first word."""
    warnings: tuple[str, ...] = ()
    """What of the text will not be spoken, one sentence each."""


_PUNCTUATION = ".,;:!?…'’\"-¿¡。，！？、；：।॥؟،؛()"
_READ_BY_ESPEAK = "%&+=€$£@°"
"""Signs that espeak reads by name in every language."""
_ENDS = ".,;:!?…"
_VARIATION_SELECTORS = "\ufe0e\ufe0f"
_DASHES = re.compile(r"\s+[-–—―]+\s+|\s*[—―]\s*|--+")


_MOST_SILENCE = 300.0
"""Seconds of all pauses in a text together."""


def normalize(text: str, language: str = "en") -> list[NormalizedWord]:
    """The words of a text in order, each with how it is read aloud; see `normalize_text`."""
    return list(normalize_text(text, language).words)


@lru_cache(maxsize=4)  # a job asks when it is checked, spoken, and told what was left out
def normalize_text(text: str, language: str = "en", pronunciations: Pronunciations = ()) -> NormalizedText:
    """The words of a text in order, each with how it is read aloud, and what of it cannot be.

    Args:
        text: anything that may be pasted; control characters, emoji and markup are not read.
        language: BCP 47 tag of the language that it is read in.
        pronunciations: words that are said otherwise than they would be read.
    """
    plain = plain_text(text)
    collected = _Collector(language)
    code, start = language.split("-")[0].lower(), 0
    found, unread = replacements_of(plain.text, code, pronunciations)
    places, unheard = emphasis.possible(plain.emphasis, code)
    for written, spoken, breaks, end in tokens(plain.text, found):
        collected.add(written, spoken, breaks, any(start < place <= end for place in places))
        start = end
    pairs = zip(collected.words, [*collected.words[1:], None], strict=False)
    resolved = [_resolve_ellipsis(word, after) for word, after in pairs]
    single = (part for word in resolved for part in split_unspaced(word, language))
    bounded = tuple(piece for word in single for piece in split_word(word))
    warnings = *plain.warnings, *unread, *collected.warnings, *unheard
    return NormalizedText(bounded, collected.lead, warnings)


class _Collector:
    """Makes words of tokens, one by one."""

    def __init__(self, language: str) -> None:
        self.words: list[NormalizedWord] = []
        self.lead = 0.0
        self._language = language
        self._opens, self._new_line = True, False
        self._silence = 0.0
        self._before = ""
        self._left_out: dict[str, str] = {}
        self._too_silent = False

    @property
    def warnings(self) -> list[str]:
        """What was left out, each once."""
        found = [
            f'"{shortened(part)}" is {script} script, which the voice cannot read; it is left out.'
            for part, script in self._left_out.items()
        ]
        if self._too_silent:
            found.append(
                f"The pauses are longer than {_MOST_SILENCE:g} s in all; the last ones are left out."
            )
        return found

    def add(self, written: str, spoken: str, breaks: bool, stressed: bool = False) -> None:
        """Take the next token; `breaks` where a paragraph begins with it, `stressed` where it is."""
        self._opens = self._opens or breaks
        if written == marks.LINE:
            self._new_line = bool(self.words)
            return
        if (seconds := marks.seconds(written)) is not None:
            self._pause(seconds)
            return
        spoken, left_out = self._readable(spoken)
        self._left_out |= {part: _script_name(part) for part in left_out}
        if any(letter.isalnum() for letter in spoken):
            written = f"{self._before} {written}".strip()
            self.words.append(NormalizedWord(written, spoken, self._opens, self._new_line, emphasis=stressed))
            self._opens = self._new_line = False
            self._before = ""
        elif self.words and (spoken or left_out):
            last = self.words[-1]
            said = _with_sign(last.spoken, spoken) if spoken else last.spoken
            gap = "" if last.pause and written[0] in _ENDS else " "
            self.words[-1] = replace(last, written=f"{last.written}{gap}{written}", spoken=said)
        elif left_out:
            self._before = f"{self._before} {written}".strip()

    def _readable(self, spoken: str) -> tuple[str, list[str]]:
        """What a voice reads of a token, and the parts of it that cannot be read; IPA stays as it is."""
        said, left_out = "", []
        for piece, ipa in pronunciation.split_ipa(spoken):
            if ipa is None:
                piece, unread = speakable(_pronounceable(piece, self._language), self._language)
                left_out += unread
            said += piece
        return said, left_out

    def _pause(self, seconds: float) -> None:
        allowed = min(seconds, _MOST_SILENCE - self._silence)
        self._too_silent = self._too_silent or allowed < seconds
        before = self.words[-1].pause if self.words else self.lead
        after = min(before + allowed, marks.LONGEST_PAUSE)
        self._silence += after - before
        if self.words:
            self.words[-1] = replace(self.words[-1], pause=after)
        else:
            self.lead = after


def _script_name(part: str) -> str:
    return next((script for letter in part if (script := script_of(letter))), "another")


def _pronounceable(spoken: str, language: str) -> str:
    """Only what a voice can read: letters, digits, spaces and punctuation; in English, signs by name."""
    if language.startswith("ja"):  # whose front end reads digits itself, but only European ones
        spoken = locales.european_digits(spoken)
    spoken = _DASHES.sub(", ", re.sub(r"\.{2,}", "…", spoken))
    spoken = re.sub(r"([!?])[!?]+", r"\1", spoken).replace("“", '"').replace("”", '"').replace("’", "'")
    names = _sign_names(language)
    spoken = "".join(_read_character(character, names) for character in spoken)
    spoken = re.sub(r"\s+([.,;:!?…])", r"\1", " ".join(spoken.split()))
    return spoken.lstrip(".,;:!?…-") if any(letter.isalnum() for letter in spoken) else spoken


def _sign_names(language: str) -> dict[str, str]:
    if names := locales.signs_of(language.split("-")[0].lower()):
        return {sign: name for sign, name in names.items() if sign not in _PUNCTUATION}
    if not language.startswith("en"):
        return {sign: sign for sign in _READ_BY_ESPEAK}
    from pipeline.speech.text.english_tables import SIGN_NAMES

    return SIGN_NAMES


def _read_character(character: str, names: dict[str, str]) -> str:
    category = unicodedata.category(character)
    if character in _VARIATION_SELECTORS:
        return ""
    if category[0] in "LMN" or character in _PUNCTUATION or character.isspace():
        return character
    return f" {names[character]} " if character in names else " "


def _with_sign(word: str, sign: str) -> str:
    """A word with the lone sign behind it: punctuation ends the word, anything else follows after a space."""
    return word.rstrip(".,") + sign if all(mark in _PUNCTUATION for mark in sign) else f"{word} {sign}"


def _resolve_ellipsis(word: NormalizedWord, after: NormalizedWord | None) -> NormalizedWord:
    """Three dots become a full stop where a sentence or paragraph follows, and a comma elsewhere."""
    ends = after is None or after.opens or not after.written[0].islower()
    return replace(word, spoken=word.spoken.replace("…", "." if ends else ","))
