"""How near a word in Urdu's letters is to one in Devanagari, as far as both are written down.

Both are spelled in one alphabet of sounds, a letter for each. Urdu writes no short vowels, one letter for two
or three long ones, and several letters for what Hindi pronounces alike. Letters: `H` is aspiration, `^` the
carrier of a vowel that begins a word; `e` is an h at a word's end, mostly a vowel,
`N` the nasal there; `i u` are short vowels, `A I E O` long ones; `Y V` are Urdu's letters
for both a vowel and a half-vowel, which Devanagari tells apart as `y v`; capitals of consonants are
retroflex; `q` is the ain, `'` what is between two vowels.
"""

from __future__ import annotations

import re
import unicodedata

# fmt: off
_CONSONANTS = {
    "k": "کكقक", "kH": "خख", "g": "گغग", "gH": "घ", "c": "چच", "cH": "छ", "j": "جज", "jH": "झ", "z": "ذزضظژ",
    "T": "ٹट", "TH": "ठ", "D": "ڈड", "DH": "ढ", "t": "تطةत", "tH": "थ", "d": "دद", "dH": "ध",
    "n": "نںनणञङंँ", "p": "پप", "f": "فफ", "b": "بब", "bH": "भ", "m": "مम", "r": "رरऋृ", "R": "ڑ",
    "l": "لलळ", "S": "شशष", "s": "ثسصस", "h": "ہهحह",
}
_URDU = {
    **{letter: sound for sound, letters in _CONSONANTS.items() for letter in letters if letter < "\u0900"},
    "ا": "A", "آ": "A", "ھ": "H", "ی": "Y", "ي": "Y", "ى": "Y", "ئ": "Y", "ے": "E", "و": "V", "ؤ": "V",
    "ع": "q", "'": "'",
}
_INITIAL = {"ا": "^", "آ": "^A", "ع": "^"}
_HINDI = {
    **{letter: sound for sound, letters in _CONSONANTS.items() for letter in letters if letter >= "\u0900"},
    "ज़": "z", "ड़": "R", "ढ़": "RH", "फ़": "f", "ख़": "kH", "ग़": "g", "क़": "k", "य": "y", "व": "v", "ज्ञ": "gy",
    "ा": "A", "आ": "A", "ॉ": "A", "ऑ": "A", "ि": "i", "इ": "i", "ी": "I", "ई": "I", "ु": "u", "उ": "u",
    "ू": "O", "ऊ": "O", "ो": "O", "ओ": "O", "ौ": "O", "औ": "O", "े": "E", "ए": "E", "ै": "E", "ऐ": "E",
    "ॅ": "E", "'": "'",
}
_FREE, _SLIGHT, _LIKELY, _RARE, _NEVER = 0.0, 0.3, 0.8, 1.2, 2.5
"""What a difference costs, in powers of ten by which it makes a pair less likely, before `_WEIGHT`."""
_WEIGHT = 1.8
"""How much likeness counts against frequency; the best of 1 to 2.5 on forty sentences."""
_PAIRS: dict[tuple[str, str], float] = {
    **dict.fromkeys((("Y", "'"), ("Y", "I"), ("Y", "E"), ("Y", "y"), ("V", "O"), ("V", "v"), ("e", "h"),
                    ("n", "N")), _FREE),
    **dict.fromkeys((
        ("Y", "i"), ("I", "i"), ("I", "y"), ("V", "u"), ("e", "A"), ("e", "i"), ("A", "^"), ("q", "A"),
    ), _SLIGHT),
    **dict.fromkeys((
        ("E", "y"), ("E", "i"), ("e", "E"), ("h", "E"), ("h", "A"), ("h", "i"), ("E", "I"),
        ("I", "E"), ("^", "A"), ("A", "i"), ("A", "u"),
        ("t", "T"), ("T", "t"), ("d", "D"), ("D", "d"), ("R", "r"), ("r", "R"), ("R", "D"), ("D", "R"),
        ("s", "S"), ("S", "s"), ("z", "j"), ("f", "p"), ("p", "f"), ("n", "m"), ("m", "n"),
    ), _LIKELY),
    **dict.fromkeys((
        ("j", "z"), ("g", "k"), ("k", "g"), ("d", "t"), ("t", "d"), ("b", "p"), ("p", "b"), ("j", "c"),
        ("c", "j"),
    ), _RARE),
}
"""Of a sound in Urdu's spelling and another one in Hindi's."""
_EXTRA = {
    "q": _SLIGHT, "'": _SLIGHT, "n": _LIKELY, "H": _LIKELY, "Y": _LIKELY, "V": _LIKELY, "h": _RARE,
    "e": _RARE, "^": _RARE, "I": _RARE, "E": _RARE, "A": _RARE,
}
"""Of a sound that only Urdu's spelling has."""
_MISSING = {
    "i": _FREE, "u": _FREE, "n": 0.5, "N": 0.15, "'": _LIKELY, "h": _LIKELY, "H": _LIKELY, "y": _LIKELY,
    "v": _LIKELY, "A": _RARE, "I": _RARE, "E": _RARE, "O": _RARE,
}
"""Of a sound that only Hindi's has: short vowels always are."""
# fmt: on
_LETTER = re.compile("ज्ञ|[\u0900-\u097f]\u093c?|'")
_CARRIED = re.compile("ئ(?=[یيىےو])")
_BEHIND_VOWEL = re.compile("(?<=.)(?=[अ-औ])")
_BEFORE_LABIAL = re.compile("[ंँ](?=[पफबभम])")
_DOUBLED = re.compile(r"([A-Za-z])~(?=\1)")
_SHORT_END = re.compile("(?<=..)[iu]$")
_FOLDED = str.maketrans("TRSzfgdDbj", "trscpkttpc")
_UNSURE = re.compile("[AIEOYVHhiuvyqe'^]")


def sounds_of_urdu(word: str) -> str:
    """The sounds of a word in Urdu's letters."""
    word = _CARRIED.sub("'", word)
    found = [_INITIAL.get(word[:1], _URDU.get(word[:1], "")), *(_URDU.get(each, "") for each in word[1:])]
    if len(found) > 1 and found[-1] == "Y":
        found[-1] = "I"
    if len(found) > 2 and found[-1] == "h":
        found[-1] = "e"
    return "".join(found).replace("pH", "f")


def sounds_of_hindi(word: str) -> str:
    """The sounds of a word in Devanagari, without the vowel that its letters have by themselves."""
    word = _BEFORE_LABIAL.sub("म", _BEHIND_VOWEL.sub("'", unicodedata.normalize("NFC", word)))
    found = [] if not "अ" <= word[:1] <= "औ" else ["^"]
    for letter in _LETTER.findall(word):
        found.append("~" if letter == "्" else _HINDI.get(letter, _HINDI.get(letter[0], "")))
    sounds = _DOUBLED.sub("", "".join(found)).replace("~", "")
    if word.endswith(("ं", "ँ")):
        return sounds[:-1] + "N"
    return _SHORT_END.sub(lambda end: "I" if end[0] == "i" else "O", sounds)


def skeleton(sounds: str) -> str:
    """The consonants on which two spellings of a word agree even where one is slightly misheard."""
    return _UNSURE.sub("", sounds.removesuffix("n").removesuffix("N")).translate(_FOLDED)


def distance(urdu: str, hindi: str) -> float:
    """How much less likely two spellings are to be the same word than equal ones, in powers of ten.

    Args:
        urdu, hindi: sounds of both, whose skeletons are equal.
    """
    row = [0.0]
    for sound in hindi:
        row.append(row[-1] + _MISSING.get(sound, _NEVER))
    for other in urdu:
        extra = _EXTRA.get(other, _NEVER)
        above, row = row, [row[0] + extra]
        for column, sound in enumerate(hindi):
            pair = 0.0 if other == sound else _PAIRS.get((other, sound), _NEVER)
            missing = _MISSING.get(sound, _NEVER)
            row.append(min(above[column] + pair, above[column + 1] + extra, row[-1] + missing))
    return _WEIGHT * row[-1]
