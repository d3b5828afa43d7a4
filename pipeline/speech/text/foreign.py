"""Sixth step: words that the voice's language does not write, as well as they can be spoken."""

from __future__ import annotations

import re
import unicodedata

from pipeline.speech.text.scripts import readable_scripts, script_of

_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўђјљњћџ",
    ["a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u",
    "f", "kh", "ts", "ch", "sh", "shch", ".", "y", ".", "e", "yu", "ya", "yo", "i", "yi", "ye", "g", "w",
    "dj", "y", "ly", "ny", "ch", "dzh"],
        strict=True,
    )
) | {"ъ": "", "ь": ""}  # fmt: skip
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "th",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "s",
            "t",
            "y",
            "f",
            "ch",
            "ps",
            "o",
        ],
        strict=True,
    )
)
_GREEK_NAMES = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "omicron",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
        ],
        strict=True,
    )
)
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеѕіјорсхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTXYaesijopcxyABEZHIKMNOPTYXo"
)
"""Cyrillic and Greek letters that stand in Latin words because they look the same."""
_KANA = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu"}
_PLAIN_LETTERS = str.maketrans(
    {"ə": "e", "ɛ": "e", "ɔ": "o", "ɡ": "g", "ɩ": "i", "ʋ": "v", "ɖ": "d", "ʻ": "", "ʼ": "'", "ʹ": "",
    "ʺ": "", "ʿ": "",
     "ʾ": "", "Ɛ": "E", "Ɔ": "O", "Ə": "E"}
)  # fmt: skip
_FURTHER_LATIN = ("vi", "yo", "ig", "cy")
"""Languages that write letters of Latin Extended Additional themselves."""
_BASIC_LATIN_END = 0x24F
"""Last code point of the Latin letters that espeak reads in every language."""


def speakable(word: str, language: str) -> tuple[str, list[str]]:
    """A word in letters that a voice reads, and the parts of it that cannot be read.

    Diacritics that espeak does not know are folded; Cyrillic, Greek, kana and Hangul are romanised; other
    scripts are left out.

    Args:
        word: how a word is read aloud.
        language: BCP 47 tag of the voice.
    """
    if word.isascii():
        return word, []
    code = language.split("-")[0].lower()
    readable = readable_scripts(code)
    if "Latin" in readable and code not in _FURTHER_LATIN:
        word = _fold(word)
    if not any(script_of(letter) not in readable for letter in word if letter.isalpha()):
        return word, []
    if re.search("[A-Za-z]{2}", word):
        word = word.translate(_LOOKALIKES)
    return _romanized(word, readable, names=code == "en")


def _fold(word: str) -> str:
    """Latin letters without the marks that only some languages have."""
    folded = []
    for letter in word.translate(_PLAIN_LETTERS):
        if ord(letter) > _BASIC_LATIN_END and script_of(letter) == "Latin":
            plain = unicodedata.normalize("NFD", letter)
            folded.append("".join(part for part in plain if not unicodedata.combining(part)))
        elif not (0x300 <= ord(letter) <= 0x36F and folded and script_of(folded[-1]) in ("Latin", "")):
            folded.append(letter)
    return "".join(folded)


def _romanized(word: str, readable: frozenset[str], *, names: bool) -> tuple[str, list[str]]:
    spoken, left_out = "", []
    for run, foreign in _runs(word, readable):
        if not foreign:
            spoken += run
            continue
        latin = _latin(run, names=names) if "Latin" in readable else None
        if latin is None:
            left_out.append(run)
        spoken += f" {latin or ''} "
    return re.sub(r"\s+(?=[.,;:!?])|\s*(?=-\w)|(?<=\w-)\s*", "", " ".join(spoken.split())), left_out


def _runs(word: str, readable: frozenset[str]) -> list[tuple[str, bool]]:
    """The word in stretches of letters of other scripts, and what is between them."""
    runs: list[tuple[str, bool]] = []
    for letter in word:
        mark = unicodedata.category(letter)[0] == "M" and bool(runs) and runs[-1][1]
        foreign = mark or (letter.isalpha() and script_of(letter) not in readable)
        if runs and runs[-1][1] == foreign:
            runs[-1] = (runs[-1][0] + letter, foreign)
        else:
            runs.append((letter, foreign))
    return runs


def _latin(run: str, *, names: bool) -> str | None:
    """A stretch of foreign letters in Latin ones; None where a letter has none."""
    lower = run.lower()
    if names and lower in _GREEK_NAMES:
        return _GREEK_NAMES[lower]
    letters = [_latin_letter(letter) for letter in unicodedata.normalize("NFC", lower)]
    if any(letter is None for letter in letters):
        return None
    joined = "".join(letter or "" for letter in letters)
    return joined.capitalize() if run[0].isupper() else joined


def _latin_letter(letter: str) -> str | None:
    bare = unicodedata.normalize("NFD", letter)[0]
    for table in (_CYRILLIC, _GREEK):
        if letter in table or bare in table:
            return table[letter if letter in table else bare]
    name = unicodedata.name(letter, "")
    if name.startswith("HANGUL SYLLABLE "):
        return name.rsplit(" ", 1)[1].lower()
    if name.startswith(("HIRAGANA LETTER ", "KATAKANA LETTER ")):
        syllable = name.rsplit(" ", 1)[1].lower()
        return "" if name.endswith("SMALL TU") else _KANA.get(syllable, syllable)
    if name.startswith("KATAKANA-HIRAGANA PROLONGED") or unicodedata.combining(letter):
        return ""
    return None
