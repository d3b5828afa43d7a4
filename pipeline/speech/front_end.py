"""The text front end: what will be said of a text, without synthesising it."""

from __future__ import annotations

import re

from pipeline.cards import VoiceCard
from pipeline.engines import DEFAULT_VOICE
from pipeline.engines import card as family_card
from pipeline.engines import voice as voice_card
from pipeline.errors import TextError
from pipeline.speech.text import espeak
from pipeline.speech.text.normalize import NormalizedText, normalize, normalize_text
from pipeline.speech.text.plain import plain_text
from pipeline.speech.text.pronunciation import Pronunciations
from pipeline.speech.text.scripts import unreadable_script, voice_for_script
from pipeline.speech.text.segment import split_phrases

_LONGEST_TEXT = 20_000
"""Characters that can be spoken in one go: about twenty minutes."""
_PLAIN_WORD = re.compile(r"(?<!\S)[A-Za-z][a-z]{2,19}(?=[.,;:!?]?\s|[.,;:!?]?$)", re.ASCII)
"""What every voice says as it stands, whatever else there is: no text needs to be normalised, which takes ten
times as long as all other checks, to know that there is something to say."""
_LONGEST_WORD = 300
"""Characters without a space that count as one word."""


def spoken(text: str, language: str = "en") -> list[str]:
    """The phrases of a text as they will be said, in words.

    Normalisation and segmentation are those of `speak`: numbers, dates, abbreviations and signs are put into
    words, and each entry is synthesised in one go.

    Args:
        text: any text; an empty one has no phrases.
        language: BCP 47 tag of the language that it is read in.
    """
    return [phrase.spoken for phrase in split_phrases(normalize(text, language))]


def phonemize(text: str, voice: str | None = None) -> list[str]:
    """The pronunciation of each phrase of a text in IPA, with stress marks and punctuation.

    Args:
        text: any text; an empty one has no phrases.
        voice: the name of a voice; `joe`, whose phonemes are espeak's, where None. An English voice that is
            included is given exactly these; for any other, espeak reads its language.

    Raises:
        UnknownNameError: there is no such voice.
    """
    card = voice_card("joe" if voice is None else voice)
    return ["".join(_symbols(phrase, card)) for phrase in spoken(text, card.language)]


def check_text(text: str, voice: str = DEFAULT_VOICE, *, pronunciations: Pronunciations = ()) -> None:
    """Refuse a text that a voice cannot speak, before anything is loaded or downloaded.

    Raises:
        TextError: it is empty or too long, has an endless word, or is in a script that the voice does not
            read.
        UnknownNameError: there is no such voice.
    """
    card = voice_card(voice)
    if pronunciations or not _PLAIN_WORD.search(_readable(text, card)):
        checked_text(text, card, pronunciations)


def text_warnings(text: str, voice: str = DEFAULT_VOICE, *, pronunciations: Pronunciations = ()) -> list[str]:
    """What of a text a voice will leave out, one sentence each; nothing is loaded or downloaded.

    Args:
        text: any text; of one that is too long there is nothing to tell.
        voice: the name of a voice.
        pronunciations: words that are said otherwise than they would be read.

    Raises:
        UnknownNameError: there is no such voice.
    """
    card = voice_card(voice)
    if len(text) > _LONGEST_TEXT:
        return []
    return left_out(normalize_text(text, card.language, pronunciations), card)


def left_out(normalized: NormalizedText, card: VoiceCard) -> list[str]:
    """What of a text a voice will not say, or not as it is marked, one sentence each."""
    warnings = list(normalized.warnings)
    if any(word.emphasis for word in normalized.words) and not family_card("voice", card.family).stresses:
        warnings.append(f"The voice {card.name!r} cannot emphasise single words; it says them as the others.")
    return warnings


def checked_text(text: str, card: VoiceCard, pronunciations: Pronunciations = ()) -> NormalizedText:
    """The normalised form of a text; see `check_text`.

    Raises:
        TextError: the voice cannot speak the text.
    """
    _readable(text, card)
    normalized = normalize_text(text, card.language, pronunciations)
    if not normalized.words:
        raise TextError("There are no words to say; type what they should say.", parameter="text")
    return normalized


def _readable(text: str, card: VoiceCard) -> str:
    """The text without its markup.

    Raises:
        TextError: it is too long, has an endless word, or is in a script that the voice does not read.
    """
    _check_length(text)
    plain = plain_text(text).text
    _check_endless(plain)
    _check_script(plain, card)
    return plain


def _check_length(text: str) -> None:
    if len(text) > _LONGEST_TEXT:
        raise TextError(
            f"The text has {len(text):,} characters; split it into texts of at most {_LONGEST_TEXT:,}.",
            parameter="text",
        )


def _check_endless(text: str) -> None:
    endless = re.search(rf"[!-~]{{{_LONGEST_WORD},}}", text)
    if endless:
        raise TextError(
            f"{endless[0][:20]!r}… is one word of {len(endless[0]):,} characters; put spaces in it.",
            parameter="text",
        )


def _check_script(text: str, card: VoiceCard) -> None:
    script = unreadable_script(text, card.language)
    if script:
        other = voice_for_script(script)
        hint = f"try the voice {other!r}" if other else "choose a voice of its language"
        raise TextError(f"The voice {card.name!r} cannot read {script} script; {hint}.", parameter="voice")


def _symbols(phrase: str, card: VoiceCard) -> list[str]:
    if card.name == "joe":
        from pipeline.speech.voices.piper import embedded_front_end

        return embedded_front_end().symbols(phrase)
    if card.family == "hibari":
        from pipeline.speech.voices.kokoro import alphabet
        from pipeline.speech.voices.kokoro.front_end import front_end

        return list(alphabet.in_ipa(front_end(card.language)(phrase)))
    return espeak.phonemize(phrase, card.language)
