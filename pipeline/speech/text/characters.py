"""First step: Unicode. What looks like plain letters becomes plain letters, what cannot be seen goes."""

from __future__ import annotations

import html
import re
import unicodedata

_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});|&(?:nbsp|quot|amp|lt|gt)(?![\w=;])"
)
_ENTITY_DEPTH = 4
"""Times that entities are decoded: text passed through several programs is escaped several times."""
_ESCAPE = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z^_])")
"""Colours and titles of terminals (ECMA-48), in output that was copied from one."""
_UNDECODED = re.compile("[\udc80-\udcff]+")
"""Bytes that were not UTF-8, as Python keeps them (PEP 383)."""
_PLAIN_FORMS = frozenset((
    "<font>", "<wide>", "<narrow>", "<compat>", "<circle>", "<square>", "<initial>", "<medial>", "<final>",
    "<isolated>", "<super>",
))  # fmt: skip
"""Compatibility forms that are read like the characters they are made of."""
_OTHER_FORMS = {
    "№": "No. ", "™": "™", "℠": "℠", "ª": "ª", "º": "º", "…": "…", "µ": "µ", "．": ".", "⁄": "/",
    "＠": "@", "＃": "#", "％": "%", "＆": "&", "－": "-", "＿": "_", "／": "/",
}  # fmt: skip
"""Compatibility characters that are not read by their decomposition, or have rules of their own."""
_ENCLOSED = ((0x1F130, 26), (0x1F150, 26), (0x1F170, 26))
"""First code point and number of the enclosed capital letters A to Z."""
_LINE_ENDS = {
    "\r\n": "\n", "\r": "\n", "\v": "\n", "\f": "\n\n", "\x85": "\n", "\u2028": "\n",
    "\u2029": "\n\n",
}  # fmt: skip
_WIDE_COLON = re.compile(r"(?<=\d)：(?=\d\d)")
"""A full-width colon in a time; elsewhere it is punctuation of its script."""
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "
_JOINERS = "\u200c\u200d"


def clean(text: str) -> str:
    """Text of visible characters in their plainest form, in NFC.

    Ligatures, mathematical, circled and full-width letters become letters; entities are decoded;
    soft hyphens, zero-width and control characters, sequences for terminals, and private-use ones go.
    Bytes that were not UTF-8 are read as Windows-1252, and lone surrogates become U+FFFD.
    """
    text = _decoded(text)
    text = _ESCAPE.sub("", text)
    text = re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", lambda end: _LINE_ENDS[end[0]], _unescaped(text))
    if not text.isascii():
        text = _without_joiners(text)
    text = "".join(_plain(character) for character in text)
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _WIDE_COLON.sub(":", text))


def _decoded(text: str) -> str:
    """Text without surrogates."""
    if text.isascii():
        return text
    text = _UNDECODED.sub(
        lambda found: bytes(ord(code) - 0xDC00 for code in found[0]).decode("cp1252", "replace"), text
    )
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(text: str) -> str:
    for _ in range(_ENTITY_DEPTH):
        decoded = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
        if decoded == text:
            break
        text = decoded
    return _decoded(text)


def _without_joiners(text: str) -> str:
    """Text whose joiners stand only where they shape letters or emoji: not among Latin letters."""
    return re.sub(f"(?<![\u0590-\u1fff\u2190-\uffff\U00010000-\U000effff])[{_JOINERS}]", "", text)


def _plain(character: str) -> str:
    """What one character is read as; nothing for an invisible one."""
    if character < "\x7f" and character >= " ":
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Co", "Cn"):
        return character if character in "\n\t" else " "
    if category == "Me":  # the keycap around an emoji's digit
        return ""
    if category == "Cf":
        return character if character in _JOINERS else ""
    if character == "\ufffd":
        return " "
    if character in _OTHER_FORMS:
        return _OTHER_FORMS[character]
    for first, count in _ENCLOSED:
        if first <= ord(character) < first + count:
            return chr(ord("A") + ord(character) - first)
    return _decomposed(character, category)


def _decomposed(character: str, category: str) -> str:
    """A letter, digit or symbol without its typographic form; superscript digits keep theirs."""
    form = unicodedata.decomposition(character).partition(" ")[0]
    if form in _PLAIN_FORMS and category[0] in "LNS" and not "\u0e00" <= character <= "\u0fff":
        plain = unicodedata.normalize("NFKC", character)
        kept = plain[0] in " ()" or (form == "<super>" and not plain.isalpha())
        return character if kept else plain
    if category == "Ll" and ord(character) > 0xFF:
        name = unicodedata.name(character, "")
        if name.startswith(_SMALL_CAPITAL) and len(name) == len(_SMALL_CAPITAL) + 1:
            return name[-1].lower()
    return character
