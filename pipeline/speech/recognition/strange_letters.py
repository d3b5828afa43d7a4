"""Letters that a language is not written in: how a recogniser that lost its way is known, and kept on it.

The small network that hears Hindi writes it in Urdu's letters, but may slip into Greek, Cyrillic or Tamil
ones, in which it then goes on for up to half a minute.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from pipeline.speech.text.scripts import readable_scripts, script_of, scripts_of_language

_WRITTEN_AS_WELL = {"hi": "Arabic", "ur": "Devanagari", "pa": "Arabic", "ko": "Chinese"}
"""Scripts in which the network writes a language besides its own."""
_SEVERAL = 2
"""Words from which on the recogniser is astray: hearing half a minute again for one may lose others (word
error .317 instead of .292 on twenty sentences of Hindi)."""


def is_astray(text: str, language: str) -> bool:
    """Whether a text has several words in letters that neither the language (ISO 639-1) nor Latin has."""
    expected = _expected(language)
    words = ([sign for sign in word if unicodedata.category(sign)[0] in "LM"] for word in text.split())
    strange = (any(script_of(sign) not in expected for sign in word) for word in words if len(word) > 1)
    return sum(strange) >= _SEVERAL  # π stands for itself


@lru_cache(maxsize=8)
def strange_tokens(tokenizer: Any, language: str) -> tuple[int, ...]:
    """The tokens of the network's vocabulary that begin or hold letters that a language does not have.

    Args:
        tokenizer: the `tokenizers.Tokenizer` of a Whisper network, whose pieces are bytes.
        language: ISO 639-1 code. Pieces of Latin letters are strange to one that is not written in these.
    """
    expected = _expected(language)
    if "Latin" not in scripts_of_language(language):
        expected -= {"Latin"}
    byte_of = _bytes_by_sign()
    found = []
    for piece, token in tokenizer.get_vocab(with_added_tokens=False).items():
        plain = not piece.startswith("<|") and all(sign in byte_of for sign in piece)
        if plain and _is_strange(bytes(byte_of[sign] for sign in piece), expected):
            found.append(token)
    return tuple(sorted(found))


def _expected(language: str) -> frozenset[str]:
    more = _WRITTEN_AS_WELL.get(language)
    return readable_scripts(language) | ({more} if more else set())


def _is_strange(piece: bytes, expected: frozenset[str]) -> bool:
    """Whether a letter in the piece, or any that it can be the beginning of, is of no expected script."""
    text = piece.decode("utf-8", "ignore")
    if any(script_of(letter) not in expected for letter in text):
        return True
    rest = piece[len(text.encode()) :]
    if len(rest) < 2 or rest[0] < 0xC0:
        return False
    begun = {
        script_of(letter)
        for last in range(0x80, 0xC0)
        for letter in (rest + bytes([last])).decode("utf-8", "ignore")
    }
    return bool(begun - {""}) and not begun & (expected - {""})


@lru_cache(maxsize=1)
def _bytes_by_sign() -> dict[str, int]:
    """The byte that each sign of a byte-level vocabulary stands for."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + at): byte for at, byte in enumerate(others)}
