"""Writing systems: which one a text is in, whether a voice reads it, and which voice does."""

from __future__ import annotations

import unicodedata
from collections import Counter

_SCRIPTS: dict[str, str] = {
    "LATIN": "Latin", "CYRILLIC": "Cyrillic", "GREEK": "Greek", "ARABIC": "Arabic", "HEBREW": "Hebrew",
    "CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean",
    "DEVANAGARI": "Devanagari", "BENGALI": "Bengali", "TAMIL": "Tamil", "TELUGU": "Telugu",
    "MALAYALAM": "Malayalam", "THAI": "Thai", "GEORGIAN": "Georgian", "ARMENIAN": "Armenian",
    "ETHIOPIC": "Ethiopic", "KHMER": "Khmer", "BURMESE": "Burmese", "MYANMAR": "Burmese", "LAO": "Lao",
    "GUJARATI": "Gujarati", "KANNADA": "Kannada", "GURMUKHI": "Gurmukhi", "SINHALA": "Sinhala",
}  # fmt: skip
"""Name of the script by the first word of a letter's Unicode name."""

_SCRIPTS_OF_LANGUAGE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "kk", "mn", "ky", "tg", "tt", "ba"), ("Cyrillic",)),
    "sr": ("Cyrillic", "Latin"), "el": ("Greek",), "zh": ("Chinese",), "ja": ("Japanese", "Chinese"),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "sd", "ug"), ("Arabic",)),
    "ko": ("Korean",), "he": ("Hebrew",), "hi": ("Devanagari",), "ne": ("Devanagari",),
    "mr": ("Devanagari",), "sa": ("Devanagari",), "as": ("Bengali",), "bn": ("Bengali",), "ta": ("Tamil",),
    "te": ("Telugu",), "ml": ("Malayalam",),
    "th": ("Thai",), "ka": ("Georgian",), "hy": ("Armenian",), "am": ("Ethiopic",), "gu": ("Gujarati",),
    "kn": ("Kannada",), "km": ("Khmer",), "lo": ("Lao",), "my": ("Burmese",), "bo": ("Tibetan",),
    "yi": ("Hebrew",), "yue": ("Chinese",), "uz": ("Latin", "Cyrillic"), "az": ("Latin", "Cyrillic"),
    "bs": ("Latin", "Cyrillic"), "pa": ("Gurmukhi",), "si": ("Sinhala",),
}  # fmt: skip
"""By ISO 639-1 code; every other language is taken to be written in Latin letters."""
_VOICE_OF_SCRIPT: dict[str, str] = {
    "Latin": "hibari:heart", "Cyrillic": "ru_RU-irina-medium", "Greek": "el_GR-rapunzelina-low",
    "Arabic": "ar_JO-kareem-medium", "Chinese": "kokoro:zf_xiaobei", "Japanese": "kokoro:jf_alpha",
    "Devanagari": "kokoro:hf_alpha", "Georgian": "ka_GE-natia-medium",
    "Hebrew": "mms:heb", "Thai": "mms:tha", "Bengali": "mms:ben", "Tamil": "mms:tam", "Telugu": "mms:tel",
}  # fmt: skip
_TOLERATED = 0.3
"""Share of a text's letters that may be in a script that the voice does not read."""


def unreadable_script(text: str, language: str) -> str | None:
    """The script of a text that a voice of `language` (BCP 47) cannot read; None where it can read most."""
    scripts = Counter(script_of(letter) for letter in text if letter.isalpha())
    readable = scripts_of_language(language.split("-")[0].lower())
    foreign = {script: number for script, number in scripts.items() if script not in readable}
    if sum(foreign.values()) <= _TOLERATED * sum(scripts.values()):
        return None
    return "Japanese" if "Japanese" in foreign else max(foreign, key=lambda script: foreign[script])


def readable_scripts(language: str) -> frozenset[str]:
    """The scripts in which words of a text can be read in a language (ISO 639-1): its own and Latin."""
    return scripts_of_language(language) | {"Latin"}


def voice_for_script(script: str) -> str | None:
    """The name of a voice that reads a script; None where none is listed."""
    return _VOICE_OF_SCRIPT.get(script)


def script_of(letter: str) -> str:
    """The name of a letter's script; empty for what belongs to none, such as modifiers."""
    if letter.isascii():
        return "Latin" if letter.isalpha() else ""
    first = unicodedata.name(letter, "").split(" ")[0]
    lesser_known = first.capitalize() if unicodedata.category(letter) == "Lo" and letter not in "ªº" else ""
    return _SCRIPTS.get(first, lesser_known)


def scripts_of_language(language: str) -> frozenset[str]:
    """The scripts in which a language (ISO 639-1) is written, and "", that of signs which belong to none."""
    return frozenset(("", *_SCRIPTS_OF_LANGUAGE.get(language, ("Latin",))))
