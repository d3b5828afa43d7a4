"""Which language a text is written in, as far as its letters tell, and who could speak it."""

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
"""The first word of a letter's Unicode name, and the script in words."""

_WRITTEN_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "kk", "mn", "ky", "tg"), ("Cyrillic",)),
    "sr": ("Cyrillic", "Latin"), "el": ("Greek",), "zh": ("Chinese",), "ja": ("Japanese", "Chinese"),
    **dict.fromkeys(("ar", "fa", "ur"), ("Arabic",)),
    "ko": ("Korean",), "he": ("Hebrew",), "hi": ("Devanagari",), "ne": ("Devanagari",),
    "mr": ("Devanagari",), "bn": ("Bengali",), "ta": ("Tamil",), "te": ("Telugu",), "ml": ("Malayalam",),
    "th": ("Thai",), "ka": ("Georgian",), "hy": ("Armenian",), "am": ("Ethiopic",), "gu": ("Gujarati",),
    "kn": ("Kannada",), "pa": ("Gurmukhi",), "si": ("Sinhala",),
}  # fmt: skip
_SPEAKERS: dict[str, str] = {
    "Latin": "joe", "Cyrillic": "ru_RU-irina-medium", "Greek": "el_GR-rapunzelina-low",
    "Arabic": "ar_JO-kareem-medium", "Chinese": "zh_CN-huayan-medium", "Japanese": "kokoro:jf_alpha",
    "Devanagari": "hi_IN-pratham-medium", "Georgian": "ka_GE-natia-medium",
    "Hebrew": "mms:heb", "Thai": "mms:tha", "Bengali": "mms:ben", "Tamil": "mms:tam", "Telugu": "mms:tel",
}  # fmt: skip
_TOLERATED = 0.3


def foreign_script(text: str, language: str) -> str | None:
    """The script of a text that a voice of `language` cannot read; None where it reads most of it."""
    scripts = Counter(_script(letter) for letter in text if letter.isalpha())
    readable = {"", *_WRITTEN_IN.get(language.split("-")[0].lower(), ("Latin",))}
    strange = {script: number for script, number in scripts.items() if script not in readable}
    if sum(strange.values()) <= _TOLERATED * sum(scripts.values()):
        return None
    return "Japanese" if "Japanese" in strange else max(strange, key=lambda script: strange[script])


def speaker_of(script: str) -> str | None:
    """The name of a voice that reads a script."""
    return _SPEAKERS.get(script)


def _script(letter: str) -> str:
    return _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0], "")
