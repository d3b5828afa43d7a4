"""English names of languages, as an instruction to a network names them."""

from __future__ import annotations

LANGUAGES: dict[str, str] = {
    "af": "Afrikaans", "ar": "Arabic", "as": "Assamese", "ast": "Asturian", "az": "Azerbaijani",
    "ba": "Bashkir", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian",
    "ca": "Catalan", "ceb": "Cebuano", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fo": "Faroese", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "ht": "Haitian Creole", "hu": "Hungarian",
    "hy": "Armenian", "id": "Indonesian", "ilo": "Ilocano", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "jv": "Javanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada",
    "ko": "Korean", "lb": "Luxembourgish", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian",
    "mk": "Macedonian", "ml": "Malayalam", "mr": "Marathi", "ms": "Malay", "mt": "Maltese", "my": "Burmese",
    "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "oc": "Occitan", "or": "Odia", "pa": "Punjabi",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sd": "Sindhi", "si": "Sinhala",
    "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "su": "Sundanese",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tg": "Tajik", "th": "Thai",
    "tl": "Tagalog", "tr": "Turkish", "tt": "Tatar", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek",
    "vi": "Vietnamese", "yi": "Yiddish", "zh": "Chinese",
}  # fmt: skip
"""By ISO 639-1 code, or ISO 639-3 where there is none: those that Qwen3 was trained on."""

_WRITTEN = {
    **dict.fromkeys(("zh", "zh-cn", "zh-sg", "zh-hans"), "Chinese in simplified characters"),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo", "zh-hant"), "Chinese in traditional characters"),
    "pt-br": "Brazilian Portuguese", "pt-pt": "European Portuguese", "sr-latn": "Serbian in Latin letters",
    "en-us": "American English", "en-gb": "British English",
}  # fmt: skip
"""Variants that have a name of their own, by BCP 47 tag."""


def named(tag: str, code: str) -> str:
    """A language in words.

    Args:
        tag: as it was asked for, BCP 47.
        code: its ISO 639-1 code.
    """
    variant = tag.strip().replace("_", "-").lower()
    known = [name for name in _WRITTEN if f"{variant}-".startswith(f"{name}-")]
    if known:
        return _WRITTEN[max(known, key=len)]
    name = LANGUAGES.get(code, code)
    return name if variant == code or "-" not in variant else f"{name} ({tag})"
