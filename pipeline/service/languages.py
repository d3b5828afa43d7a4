"""English names of the languages that voices speak, and a line in each to hear a voice by."""

from __future__ import annotations

_NAMES = {
    "ar": "Arabic", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic",
    "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean",
    "lb": "Luxembourgish", "lv": "Latvian", "ml": "Malayalam", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil",
    "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_REGIONS = {"US": "United States", "GB": "United Kingdom", "BR": "Brazil", "PT": "Portugal", "MX": "Mexico"}
"""Regions that tell voices of one language apart."""

_LINES = {
    "ar": "مرحبًا، هذا هو صوتي.", "bn": "নমস্কার, আমার কণ্ঠ শুনতে এমন।", "de": "Hallo, so klinge ich.",
    "el": "Γεια σας, έτσι ακούγομαι.", "en": "Hello, this is what I sound like.",
    "es": "Hola, así suena mi voz.", "fi": "Hei, tältä minä kuulostan.", "fr": "Bonjour, voici ma voix.",
    "he": "שלום, ככה אני נשמע.", "hi": "नमस्ते, मेरी आवाज़ ऐसी है।", "id": "Halo, beginilah suara saya.",
    "it": "Ciao, questa è la mia voce.", "ja": "こんにちは、これが私の声です。",
    "ka": "გამარჯობა, ასეთია ჩემი ხმა.",
    "nl": "Hallo, zo klink ik.", "pl": "Dzień dobry, tak brzmi mój głos.", "pt": "Olá, esta é a minha voz.",
    "ru": "Здравствуйте, вот так звучит мой голос.", "sw": "Habari, hii ndiyo sauti yangu.",
    "ta": "வணக்கம், இதுதான் என் குரல்.", "te": "నమస్కారం, నా గొంతు ఇలా ఉంటుంది.", "th": "สวัสดี นี่คือเสียงของฉัน",
    "tr": "Merhaba, sesim böyle.", "uk": "Вітаю, ось так звучить мій голос.",
    "vi": "Xin chào, đây là giọng của tôi.", "zh": "你好，这就是我的声音。",
}  # fmt: skip


def language_name(tag: str) -> str:
    """A BCP 47 tag in words: "English (United Kingdom)"; a tag that is not known stays as it is."""
    code, _, region = tag.partition("-")
    if code not in _NAMES:
        return tag
    return f"{_NAMES[code]} ({_REGIONS[region]})" if region in _REGIONS else _NAMES[code]


def sample_line(tag: str) -> str:
    """A short sentence in the language of a tag, or in English."""
    return _LINES.get(tag.partition("-")[0], _LINES["en"])
