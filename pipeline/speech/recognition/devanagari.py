"""Hindi that was written down in Urdu's letters, in Devanagari.

Spoken Hindi and Urdu are one language. The small recogniser hears it well and mostly writes it as Urdu; made
to write Devanagari, it loses words and repeats itself. Urdu leaves short vowels out: `hindi_words` knows
those of frequent words, and here any other word is spelled letter by letter. What has no vowel keeps the one
that is inherent in Devanagari's letters.
"""

from __future__ import annotations

import re

_ARABIC = re.compile(r"[\u0600-\u06ff]")

# fmt: off
_CONSONANTS = {
    "ب": "ब", "پ": "प", "ت": "त", "ط": "त", "ة": "त", "ٹ": "ट", "ث": "स", "س": "स",
    "ص": "स", "ج": "ज", "چ": "च", "ح": "ह", "ہ": "ह", "ه": "ह", "خ": "ख", "د": "द",
    "ڈ": "ड", "ذ": "ज़", "ز": "ज़", "ض": "ज़", "ظ": "ज़", "ژ": "ज़", "ر": "र", "ڑ": "ड़",
    "ش": "श", "غ": "ग", "ف": "फ़", "ق": "क", "ک": "क", "ك": "क", "گ": "ग", "ل": "ल",
    "م": "म", "ن": "न",
}
_ASPIRATED = {
    "ब": "भ", "प": "फ", "त": "थ", "ट": "ठ", "ज": "झ", "च": "छ", "द": "ध", "ड": "ढ",
    "क": "ख", "ग": "घ", "ड़": "ढ़",
}
_SIGNS = {
    "۔": "।", "،": ",", "؟": "?", "؛": ";", "ں": "ं", "ء": "", "ع": "", "\u0640": "",
    **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
    **{chr(0x0660 + digit): str(digit) for digit in range(10)},
}
# fmt: on
_VOWELS = "اآویےيئ"
_NASAL = re.compile("ن(?=[گکجچڈٹ])")
_ENDING = re.compile("(?<=[^اآوےیئ])[یئ]{1,2}ے$")
"""The polite ending of a verb, -iye."""


def is_urdu(text: str) -> bool:
    """Whether most of a text's letters are Arabic ones."""
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(bool(_ARABIC.match(letter)) for letter in letters) > len(letters)


def in_devanagari(text: str) -> str:
    """The words of a text, those in Urdu's letters in Devanagari; anything else stays as it is."""
    return re.sub(r"[\u0600-\u06ff]+", lambda found: _read(found[0]), text)


def _read(piece: str) -> str:
    """A run of Arabic letters with the punctuation and digits at its end."""
    word = piece.rstrip("۔،؟؛")
    end = "".join(_SIGNS[sign] for sign in piece[len(word) :])
    return _spelled(word) + end


def _spelled(word: str) -> str:
    """A word by rule, letter by letter."""
    word = _NASAL.sub("ں", word.replace("ي", "ی").replace("ى", "ی"))
    if len(word) > 3 and (polite := _ENDING.search(word)):
        return _spelled(word[: polite.start()]) + "िए"
    if len(word) > 2 and word.endswith(("ای", "آی")):
        return _spelled(word[:-1]) + "य"
    written, after_vowel = "", True
    for at, letter in enumerate(word):
        following = word[at + 1 : at + 2]
        if letter == "ھ":
            written = _aspirated(written)
        elif letter == "ہ" and not following and at > 1 and not after_vowel:
            written, after_vowel = written + "ा", True
        elif letter in _CONSONANTS:
            written, after_vowel = written + _CONSONANTS[letter], False
        elif letter in _VOWELS:
            sound, after_vowel = _vowel(letter, following, alone=after_vowel, first=at == 0)
            written += sound
        else:
            written += _SIGNS.get(letter, "" if _ARABIC.match(letter) else letter)
    return written


def _vowel(letter: str, following: str, *, alone: bool, first: bool) -> tuple[str, bool]:
    """A letter for a vowel or half-vowel, and whether a vowel was written.

    Args:
        letter: one of `_VOWELS`.
        following: the letter behind it, or "".
        alone: whether no consonant is before it that the vowel's sign could be set on.
        first: whether it begins the word.
    """
    if letter in "وی" and (first or (following in tuple("اآےیو") and following)):
        return ("व" if letter == "و" else "य"), False
    if letter == "ئ":
        return ("", True) if following in tuple("یےو") else ("इ", True)
    if letter == "ا" and first:
        return ("", True) if following in tuple("یو") and following else ("अ", True)
    signs = {"ا": ("आ", "ा"), "آ": ("आ", "ा"), "و": ("ओ", "ो"), "ی": ("ई", "ी"), "ے": ("ए", "े")}
    return signs[letter][0 if alone else 1], True


def _aspirated(written: str) -> str:
    """What is written, its last consonant aspirated."""
    for consonant in sorted(_ASPIRATED, key=len, reverse=True):
        if written.endswith(consonant):
            return written.removesuffix(consonant) + _ASPIRATED[consonant]
    return written + "्ह"
