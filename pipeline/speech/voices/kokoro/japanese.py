"""Japanese in Kokoro's alphabet: text to kana, by the package pyopenjtalk-plus, and kana to IPA.

Open JTalk's dictionary and rules read numbers with their counters, dates and words in Latin letters. The IPA
of the kana is that of the package misaki, on which the network was trained.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock

from pipeline.errors import CheckpointError

_ROWS: tuple[tuple[str, str], ...] = (
    ("アイウエオ", "a i ɯ e o"), ("ァィゥェォ", "a i ɯ e o"), ("カキクケコ", "ka kʲi kɯ ke ko"),
    ("ガギグゲゴ", "ɡa ɡʲi ɡɯ ɡe ɡo"), ("サシスセソ", "sa ɕi sɨ se so"), ("ザジズゼゾ", "ʣa ʥi zɨ ʣe ʣo"),
    ("タチツテト", "ta ʨi ʦɨ te to"), ("ダヂヅデド", "da ʥi zɨ de do"), ("ナニヌネノ", "na ɲi nɯ ne no"),
    ("ハヒフヘホ", "ha çi ɸɯ he ho"), ("バビブベボ", "ba bʲi bɯ be bo"), ("パピプペポ", "pa pʲi pɯ pe po"),
    ("マミムメモ", "ma mʲi mɯ me mo"), ("ヤユヨャュョ", "ja jɯ jo ja jɯ jo"),
    ("ラリルレロ", "ɾa ɾʲi ɾɯ ɾe ɾo"), ("ワヮヰヱヲヴ", "βa βa i e o vɯ"), ("ヵヶ", "ka ke"),
)  # fmt: skip
_PALATAL = "キギシジチヂニヒビピミリ"
"""Kana that form one syllable with a small ya, yu, yo or e."""
_PALATAL_VOWELS = {"ャ": "a", "ュ": "ɨ", "ョ": "o", "ェ": "e"}
_LOANS: dict[str, str] = {
    "イェ": "je", "ウィ": "βi", "ウェ": "βe", "ウォ": "βo", "クァ": "kᵝa", "クィ": "kᵝi", "クェ": "kᵝe",
    "クォ": "kᵝo", "グァ": "ɡᵝa", "グィ": "ɡᵝi", "グェ": "ɡᵝe", "グォ": "ɡᵝo", "ツァ": "ʦa", "ツィ": "ʦʲi",
    "ツェ": "ʦe", "ツォ": "ʦo", "ティ": "tʲi", "テュ": "tʲɨ", "ディ": "dʲi", "デュ": "dʲɨ", "トゥ": "tɯ",
    "ドゥ": "dɯ", "ファ": "ɸa", "フィ": "ɸʲi", "フェ": "ɸe", "フォ": "ɸo", "フュ": "ɸʲɨ", "フョ": "ɸʲo",
    "ヴァ": "va", "ヴィ": "vʲi", "ヴェ": "ve", "ヴォ": "vo", "ヴュ": "bʲɨ", "ヴョ": "bʲo", "スィ": "sʲi",
    "ズィ": "zʲi",
}  # fmt: skip
"""Syllables of loan words."""
_NASALS: tuple[tuple[str, str], ...] = (("mpb", "m"), ("kɡ", "ŋ"), ("ɲʨʥ", "ɲ"), ("ntdɾzʣ", "n"))
"""First letters of a syllable, and how "ン" sounds before it."""
_PUNCTUATION = str.maketrans("、，。．！？：；「」『』（）・", ",,..!?:;“”“”() ")
_INFLECTED = ("動詞", "助動詞", "形容詞")
"""Open JTalk's names of verbs, auxiliaries and adjectives."""
_DEVOICED = "’"
"""Open JTalk's mark behind a vowel that is whispered, for which Kokoro's alphabet has no letter."""
_LOG, _LOCK = logging.getLogger(__name__), Lock()


def phonemize(text: str) -> str:
    """A text in Kokoro's alphabet, with spaces between words.

    Raises:
        CheckpointError: the package pyopenjtalk-plus is not installed.
    """
    read = " ".join(syllables(kana) if kana else mark for kana, mark in _words(text))
    read = re.sub(r" +(?=[,.!?:;)”ː])|(?<=[(“]) +", "", " ".join(read.split()))
    return re.sub(r"(?<=ʔ) ", "", re.sub(r",(?=[,.!?:;])", "", read))


def reading(text: str) -> str:
    """How a text is read, in katakana, without spaces and punctuation; raises as `phonemize` does."""
    return "".join(kana for kana, _ in _words(text))


def syllables(kana: str) -> str:
    """Katakana in Kokoro's alphabet; what is not katakana is left out."""
    table, letters = _table(), ""
    sounds = re.findall(r".[ァィゥェォャュョヮ]|.", kana)
    parts = [table.get(sound) or "".join(table.get(one, "") for one in sound) for sound in sounds]
    for sound, following in zip(sounds, [*parts[1:], ""], strict=True):
        part = table.get(sound) or "".join(table.get(one, "") for one in sound)
        letters += _nasal(following) if sound == "ン" else part
    return letters


def _nasal(following: str) -> str:
    """ "ン" takes the place of the consonant behind it."""
    return next((nasal for first, nasal in _NASALS if following and following[0] in first), "ɴ")


def _words(text: str) -> list[tuple[str, str]]:
    """The words of a text: each its kana, or else the punctuation that it is, in Kokoro's alphabet."""
    found: list[tuple[str, str]] = []
    inflects = False
    for word in _nodes(text):
        mark = str(word["string"]).translate(_PUNCTUATION)
        kana = str(word["pron"]).replace(_DEVOICED, "") if word["mora_size"] else ""
        if inflects and kana and _is_ending(word):
            found[-1] = (found[-1][0] + kana, "")
        else:
            found.append((kana, "" if kana else re.sub(r"[^,.!?:;()“”…—]", "", mark)))
        inflects = bool(kana) and word["pos"] in _INFLECTED
    return found


def _is_ending(word: Mapping[str, object]) -> bool:
    """Whether a word is written together with the verb before it, as the network learned it."""
    joins = word["pos"] == "助動詞" or word["pos_group1"] == "接続助詞"
    return joins and word["string"] not in ("です", "でしょ", "だ")


def _nodes(text: str) -> Sequence[Mapping[str, object]]:
    """Open JTalk's words of a text; of one that it cannot read there are none."""
    try:
        from pyopenjtalk import run_frontend
    except ImportError as error:
        raise CheckpointError(
            "Japanese needs the package pyopenjtalk-plus; install it with `pip install pyopenjtalk-plus`.",
            parameter="voice",
        ) from error
    try:
        with _LOCK:  # one analyser serves all threads
            nodes: Sequence[Mapping[str, object]] = run_frontend(text)
    except (RuntimeError, ValueError, AssertionError) as error:
        _LOG.warning("%r cannot be read as Japanese and is left out: %s", text[:40], error)
        return []
    return nodes


@cache
def _table() -> dict[str, str]:
    table = {kana: ipa for row, letters in _ROWS for kana, ipa in zip(row, letters.split(), strict=True)}
    for kana in _PALATAL:
        stem = table[kana][:-1]
        table |= {kana + small: stem + vowel for small, vowel in _PALATAL_VOWELS.items()}
    return table | _LOANS | {"ー": "ː", "ッ": "ʔ", "ン": "ɴ"}
