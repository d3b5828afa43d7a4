"""The words of spoken Hindi that was written in Urdu's letters: each the most likely of the frequent words.

A word's likelihood is its frequency times that of being spelled so in Urdu (Kernighan et al. 1990,
https://aclanthology.org/C90-2036/). Words that were written apart are joined where the whole is likelier than
its parts; a word that no frequent one resembles is spelled by rule.
"""

from __future__ import annotations

import itertools
import lzma
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.assets import MODELS
from pipeline.speech.recognition.devanagari import in_devanagari
from pipeline.speech.recognition.hindi_sounds import (
    distance,
    skeleton,
    sounds_of_hindi,
    sounds_of_urdu,
)
from pipeline.speech.text.locales.hindi import BELOW_HUNDRED

PATH = MODELS / "hindi_words.txt.xz"

_UNKNOWN, _PER_LETTER = -6.0, -0.6
"""Likelihood of a word that is not in the list, as a power of ten, and what each letter adds."""
_JOINED = 3
"""Pieces, at most, in which a word may have been written."""
_APART, _TOGETHER = -1.5, -1.5
"""Likelihood of a place at which a word was written apart, or two as one, as a power of ten."""
_PRONOUNS = frozenset(["اس", "ان", "جس", "جن", "کس", "کن", "ہم", "تم", "مجھ", "تجھ", "آپ", "میں", "سب"])
_POSTPOSITIONS = frozenset(["کا", "کی", "کے", "کو", "نے", "سے", "میں", "پر"])
"""Hindi writes them together with a pronoun, Urdu apart."""
_SUBJECTS = frozenset(
    ["आप", "तुम", "हम", "मैं", "यह", "वह", "ये", "वे", "मुझे", "हमें", "आपको", "आपने", "तुमने", "इस", "उस", "कोई",
     "आपका", "आपकी", "आपके", "तुम्हारा", "तुम्हारी", "तुम्हारे", "तुम्हें"]
)  # fmt: skip
_DOERS = frozenset(["ने", "मैंने", "हमने", "तुमने", "आपने", "उसने", "इसने", "उन्होंने", "इन्होंने", "किसने", "जिसने", "सबने"])
"""Who did something: their sentence ends in a verb such as "done"."""
_ENDED = frozenset(["है", "हैं", "था", "थी", "थे", "गया", "गई", "गए", "लिया", "दिया", "होगा", "होगी"])
"""Verbs that end a sentence."""
_MANY = frozenset(["आप", "हम", "ये", "वे"])
"""Subjects whose verb is a plural."""
_OTHERS = frozenset(["यह", "वह", "मैं", "तू", "कोई", *_DOERS])
"""Subjects of one, and those whose verb agrees with what they did it to."""
_UNDECLINED = frozenset(
    ["के", "में", "से", "पहले", "लिए", "पीछे", "नीचे", "आगे", "सामने", "ने", "धीरे", "जैसे", "कैसे", "ऐसे", "वैसे", "बजे",
     "मुझे", "तुझे", "उसे", "इसे", "किसे", "जिसे", "हमें", "तुम्हें", "उन्हें", "इन्हें", "किनारे", "चाहे", "भले", "अपने", "इतने",
     "रुपये"]
)  # fmt: skip
"""Words in -e that are no plural; any other one before "is" agrees with what there are many of."""
_OBLIQUE = frozenset(["आप", "उस", "इस", "उन", "इन", "किस", "किन", "जिस", "जिन", "सब"])
_POSSESSIVES = frozenset(["की", "मेरी", "तेरी", "हमारी", "तुम्हारी", "अपनी"])
_WITH_KE = frozenset(
    ["पास", "लिए", "बाद", "पीछे", "सामने", "ऊपर", "नीचे", "अंदर", "भीतर", "बाहर", "बीच", "साथ", "बारे", "कारण",
     "द्वारा", "अनुसार", "खिलाफ", "विरुद्ध", "बिना", "किनारे", "आसपास", "बावजूद", "अलावा"]
)  # fmt: skip
"""What is behind ("के पीछे"): postpositions of two words, the first of which never is "की"."""
_COUNTED = {"सो": "सौ", "रूपी": "रुपये"}
"""What spellings mean behind a number: a hundred, rupees."""
_NUMERAL_RARITY = 570
"""Rarity of the numbers below 100 that are not among the frequent words, as that of "nineteen"."""
_KEPT = 4096
"""Words whose reading is kept."""
_PIECE = re.compile(r"([\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff]+)([۔،؟؛]*)$")


class Restored(NamedTuple):
    """A word in Devanagari."""

    text: str
    first: int
    """The first of the words that it was read from."""
    end: int
    """The one behind the last of them."""


class _Entry(NamedTuple):
    likelihood: float
    """As a power of ten."""
    word: str
    sounds: str


def restored(words: Sequence[str]) -> list[Restored]:
    """Words as they were written down, with their punctuation, in Devanagari.

    Args:
        words: in order; those not in Urdu's letters stay as they are.
    """
    found: list[tuple[float, Restored | None]] = [(0.0, None)]
    for end in range(1, len(words) + 1):
        ways = []
        for first in range(max(end - _JOINED, 0), end):
            read = _read(words[first:end])
            if read is not None:
                likelihood, text = read
                ways.append((found[first][0] + likelihood, Restored(text, first, end)))
        found.append(max(ways))
    path, at = list[Restored](), len(words)
    while (step := found[at][1]) is not None:
        path.append(step)
        at = step.first
    return _agreeing(_asking(_counting(_governed(path[::-1]))))


def _governed(words: list[Restored]) -> list[Restored]:
    """The words with "के" before what demands it: at its end, the network hardly tells "e" from "i"."""
    found = list[Restored]()
    for word, after in itertools.zip_longest(words, words[1:]):
        possessive = word.text in _POSSESSIVES or (word.text.endswith("की") and word.text[:-2] in _OBLIQUE)
        demanded = after is not None and after.text.rstrip("।,?") in _WITH_KE
        found.append(word._replace(text=word.text[:-1] + "े") if possessive and demanded else word)
    return found


def _counting(words: list[Restored]) -> list[Restored]:
    """The words with "hundred" and "rupees" where a number is before them."""
    found = list[Restored]()
    for word in words:
        text = word.text.rstrip("।,?")
        if text in _COUNTED and found and (found[-1].text in _numerals() or found[-1].text.isdecimal()):
            word = word._replace(text=_COUNTED[text] + word.text[len(text) :])
        found.append(word)
    return found


def _agreeing(words: list[Restored]) -> list[Restored]:
    """The words with "is" in the number of its subject, as the network leaves out the nasal that tells it."""
    found = list[Restored]()
    for word in words:
        text, sign = word.text.rstrip("।,?"), word.text[len(word.text.rstrip("।,?")) :]
        if text == "है" and _is_many(found):
            text = "हैं"
        found.append(word._replace(text=text + sign))
    return found


def _is_many(before: Sequence[Restored]) -> bool:
    """Whether "is" behind these words has a plural subject."""
    if before and before[-1].text.endswith("े") and before[-1].text not in _UNDECLINED:
        return True
    subjects = [word for word in _clause(before) if word in _MANY or word in _OTHERS]
    return bool(subjects) and subjects[-1] in _MANY


def _clause(before: Sequence[Restored]) -> list[str]:
    """The words behind the last verb that ends a sentence, or sign that does."""
    found = list[str]()
    for word in reversed(before):
        if word.text in _ENDED or word.text.endswith(("।", "?", ",")):
            break
        found.append(word.text)
    return found[::-1]


def _asking(words: list[Restored]) -> list[Restored]:
    """The words with "what" where Urdu's spelling, which is that of "done" too, begins a question."""
    found = list[Restored]()
    for at, word in enumerate(words):
        begins = not found or found[-1].text.endswith(("।", "?"))
        pronoun = words[at + 1].text in _SUBJECTS if at + 1 < len(words) else False
        asks = begins or (pronoun and not _is_done(found))
        found.append(word._replace(text="क्या") if word.text == "किया" and asks else word)
    return found


def _is_done(before: Sequence[Restored]) -> bool:
    """Whether these words begin a sentence about what somebody has done, which lacks its verb."""
    for word in reversed(before):
        if word.text in _DOERS:
            return True
        if word.text in _ENDED or word.text.endswith(("।", "?")):
            break
    return False


def _read(pieces: Sequence[str]) -> tuple[float, str] | None:
    """Pieces as one word, and its likelihood; None where several are no word together."""
    parts = [part for part in map(_PIECE.match, pieces) if part is not None]
    if len(parts) < len(pieces) or any(part[2] for part in parts[:-1]):
        return (0.0, in_devanagari(pieces[0])) if len(pieces) == 1 else None
    letters = [part[1] for part in parts]
    likelihood, text = _likeliest("".join(letters))
    if len(pieces) > 1 and not text:
        return None
    if len(pieces) == 2 and letters[0] in _PRONOUNS and letters[1] in _POSTPOSITIONS:
        apart = 0.0
    else:
        apart = _APART * (len(pieces) - 1)
    return likelihood + apart, (text or in_devanagari(letters[0])) + in_devanagari(parts[-1][2])


@lru_cache(_KEPT)
def _likeliest(word: str) -> tuple[float, str]:
    """How likely a spelling in Urdu's letters is, and as which word or two; "" where none is likely."""
    ways = [_likeliest_word(word)]
    for at in range(2, len(word) - 1):
        (one, first), (other, second) = _likeliest_word(word[:at]), _likeliest_word(word[at:])
        if first and second:
            ways.append((one + other + _TOGETHER, f"{first} {second}"))
    return max(ways)


@lru_cache(_KEPT)
def _likeliest_word(word: str) -> tuple[float, str]:
    sounds = sounds_of_urdu(word)
    ways = [
        (entry.likelihood - distance(sounds, entry.sounds), entry.word)
        for entry in _words().get(skeleton(sounds), ())
    ]
    return max([(_UNKNOWN + _PER_LETTER * len(word), ""), *ways])


@cache
def _words() -> dict[str, list[_Entry]]:
    """The frequent words, and every number, by their skeletons."""
    rarities = dict.fromkeys(_numerals(), _NUMERAL_RARITY)
    for line in lzma.decompress(PATH.read_bytes()).decode().splitlines():
        told, listed = line.split()
        rarities[listed] = int(told)
    found: dict[str, list[_Entry]] = defaultdict(list)
    for word, rarity in rarities.items():
        sounds = sounds_of_hindi(word)
        found[skeleton(sounds)].append(_Entry(-rarity / 100, word, sounds))
    return found


@cache
def _numerals() -> frozenset[str]:
    """The words of numbers."""
    return frozenset([*BELOW_HUNDRED[1:], "सौ", "हज़ार", "लाख", "करोड़"])
