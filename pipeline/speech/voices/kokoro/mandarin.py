"""Mandarin in Kokoro's alphabet: characters to pinyin, by the package pypinyin, and pinyin to IPA with tones.

The IPA of initials and finals is that of Duanmu, "The Phonology of Standard Chinese" (2nd ed. 2007), as the
package misaki writes it; tones are arrows behind the vowel.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.speech.text.mandarin_words import mandarin_words

_INITIALS: dict[str, str] = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ",
    "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ",
    "s": "s",
}  # fmt: skip
_FINALS: dict[str, str] = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n",
    "eng": "ə0ŋ", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0",
    "in": "i0n", "iou": "jou0", "ing": "i0ŋ", "iong": "jʊ0ŋ", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0",
    "uei": "wei0", "ua": "wa0", "uai": "wai0", "uan": "wa0n", "uen": "wə0n", "uang": "wa0ŋ", "ueng": "wə0ŋ",
    "uo": "wo0", "o": "wo0", "ü": "y0", "üe": "ɥe0", "üan": "ɥɛ0n", "ün": "y0n",
}  # fmt: skip
"""IPA of the finals; "0" marks where the tone goes."""
_WHOLE: dict[str, str] = {"er": "ɚ0", "o": "ɔ0", "io": "jɔ0", "ê": "ɛ0", "m": "m0", "n": "n0", "ng": "ŋ0"}
"""Syllables that are not an initial and a final."""
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_APICAL = ("zh", "ch", "sh", "r", "z", "c", "s")
"""Initials after which "i" is not the vowel [i]."""
_PUNCTUATION = str.maketrans(
    {"、": ", ", "，": ", ", "。": ". ", "！": "! ", "：": ": ", "；": "; ", "？": "? ", "「": "“", "」": "”",
     "《": "“", "》": "”", "（": "(", "）": ")"}
)  # fmt: skip


def phonemize(text: str, foreign: Callable[[str], str]) -> str:
    """A text in Kokoro's alphabet, with spaces between words.

    Args:
        text: Chinese characters, punctuation, and words in Latin letters.
        foreign: reads the words in Latin letters.
    """
    pieces = re.findall(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z' -]*|[^A-Za-z\u3400-\u9fff]+", text)
    read = [_piece(piece, foreign) for piece in pieces]
    return re.sub(r" +([,.!?:;])", r"\1", " ".join(" ".join(read).split()))


def _piece(piece: str, foreign: Callable[[str], str]) -> str:
    if re.match(r"[\u3400-\u9fff]", piece):
        return " ".join("".join(map(syllable, word)) for word in _words(piece))
    return foreign(piece) if piece[0].isalpha() else piece.translate(_PUNCTUATION)


def _words(characters: str) -> list[list[str]]:
    """The pinyin of each word, with the tones as they change in context."""
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(characters, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)
    words: list[list[str]] = []
    for word in mandarin_words(characters):
        words.append(syllables[: len(word)])
        syllables = syllables[len(word) :]
    return words


def syllable(pinyin: str) -> str:
    """A syllable of pinyin with the number of its tone ("zhong1") in Kokoro's alphabet; else ""."""
    from pypinyin.contrib.tone_convert import to_finals, to_initials, to_normal

    tone = _TONES.get(pinyin[-1:])
    if tone is None:
        return ""
    plain = to_normal(pinyin)
    initial, final = to_initials(plain, strict=True), to_finals(plain, strict=True, v_to_u=True)
    if plain in _WHOLE:
        letters = _WHOLE[plain]
    elif initial in _APICAL and final == "i":
        letters = _INITIALS[initial] + "ɨ0"
    else:
        letters = _INITIALS.get(initial, "") + _FINALS.get(final, "")
    return letters.replace("0", tone)
