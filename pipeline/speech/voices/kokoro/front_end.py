"""From words to Kokoro's alphabet, for the languages of its embedded voices.

The network was trained on the phonemes of the package misaki. English is read by the package hibari-tts,
which has misaki's dictionaries and rules. Where that is missing, and in most other languages, espeak reads,
and its IPA is rewritten in Kokoro's letters as misaki does. Mandarin goes through pinyin
(`mandarin`), Japanese through kana (`japanese`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec

from pipeline.speech.text import espeak
from pipeline.speech.text.pronunciation import read_with_ipa
from pipeline.speech.voices.kokoro.alphabet import known

FrontEnd = Callable[[str], str]
"""From a phrase in words to its symbols in Kokoro's alphabet."""

_LETTERS: tuple[tuple[str, str], ...] = (
    ("aɪ", "I"), ("aʊ", "W"), ("dz", "ʣ"), ("dʒ", "ʤ"), ("eɪ", "A"), ("oʊ", "O"), ("əʊ", "Q"), ("ts", "ʦ"),
    ("tʃ", "ʧ"), ("ɔɪ", "Y"), ("g", "ɡ"), ("ʏ", "y"), ("-", ""),
)  # fmt: skip
"""espeak's IPA and Kokoro's letters for it, in every language but English."""
_ENGLISH: tuple[tuple[str, str], ...] = (
    ("ʔˌn\u0329", "ʔn"), ("ʔn\u0329", "ʔn"), ("aɪ", "I"), ("aʊ", "W"), ("dʒ", "ʤ"), ("eɪ", "A"), ("tʃ", "ʧ"),
    ("ɔɪ", "Y"), ("ʲo", "jo"), ("ʲə", "jə"), ("ʲ", ""), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"),
    ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""), ("g", "ɡ"), ("-", ""),
)  # fmt: skip
_AMERICAN: tuple[tuple[str, str], ...] = (
    ("oʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""), ("e", "A"), ("o", "ɔ"), ("ɾ", "T"),
    ("ʔ", "t"),
)  # fmt: skip
_BRITISH: tuple[tuple[str, str], ...] = (
    ("eə", "ɛː"), ("iə", "ɪə"), ("əʊ", "Q"), ("e", "A"), ("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"),
)  # fmt: skip


@cache
def front_end(language: str) -> FrontEnd:
    """The front end of a language, by its BCP 47 tag; IPA that is marked in the text is taken as it is."""
    read, convert = _reader(language), partial(in_letters, language=language)
    return lambda text: known(read_with_ipa(text, read, convert))


def in_letters(ipa: str, *, language: str) -> str:
    """IPA in Kokoro's letters of a language, by its BCP 47 tag."""
    letters = _LETTERS
    if language.startswith("en"):
        letters = (*_ENGLISH, *(_BRITISH if language == "en-GB" else _AMERICAN))
    for symbols, letter in letters:
        ipa = ipa.replace(symbols, letter)
    return ipa


def _reader(language: str) -> FrontEnd:
    if language.startswith("en"):
        return _english(british=language == "en-GB")
    if language.startswith("zh"):
        from pipeline.speech.voices.kokoro import mandarin

        english = front_end("en-US")
        return lambda text: known(mandarin.phonemize(text, english))
    if language == "ja":
        from pipeline.speech.voices.kokoro import japanese

        return lambda text: known(japanese.phonemize(text))
    return partial(_espeak, language=language)


def _espeak(text: str, *, language: str) -> str:
    """What espeak reads, in Kokoro's letters."""
    phonemes = "".join(espeak.phonemize(text, language)).replace("c\u0327", "ç")
    phonemes = in_letters(phonemes, language=language)
    phonemes = re.sub(r"([.!?])(?=\w)", r"\1 ", phonemes)
    # A consonant that is a syllable of its own ("n̩") follows a schwa in Kokoro's alphabet.
    phonemes = re.sub("(\\S)\u0329", "ᵊ\\1", phonemes)
    return known(phonemes).strip()


def _english(*, british: bool) -> FrontEnd:
    if find_spec("hibari") is None:
        return partial(_espeak, language="en-GB" if british else "en-US")
    reader = dictionary_reader(british=british)
    return lambda text: known(unicodedata.normalize("NFD", reader(text)).replace("c\u0327", "ç"))


@cache
def dictionary_reader(*, british: bool) -> FrontEnd:
    """The English dictionaries and rules of the package hibari-tts, which must be installed."""
    from hibari.g2p import G2P

    reader: FrontEnd = G2P(british=british)
    return reader
