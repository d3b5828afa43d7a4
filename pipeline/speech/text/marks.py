"""Private-use characters by which the steps of the normaliser hand structure to each other.

They come from plane 15, which `characters.clean` removes from every text that is typed or pasted, and stand
between spaces, so that no rule for words matches across them.
"""

from __future__ import annotations

LINE = "\U000f2000"
"""The line ends here, and with it the phrase."""
LONGEST_PAUSE = 10.0
"""Seconds of silence that can be asked for at one place."""

_PAUSE = 0xF0000
"""A pause of n hundredths of a second is the character at this code point plus n."""
_ESCAPED = 0xF3000
"""A sign that a backslash protects from being read as markup is its ASCII code plus this."""
_STEPS = 100
"""Steps of a pause in a second."""


def pause(seconds: float) -> str:
    """The mark of a pause, between spaces; nothing for no time, and at most `LONGEST_PAUSE`."""
    steps = round(min(max(seconds, 0.0), LONGEST_PAUSE) * _STEPS)
    return f" {chr(_PAUSE + steps)} " if steps else " "


def seconds(token: str) -> float | None:
    """The length of the pause that a token marks; None where it marks none."""
    steps = ord(token) - _PAUSE if len(token) == 1 else -1
    return steps / _STEPS if 0 <= steps <= LONGEST_PAUSE * _STEPS else None


def escape(sign: str) -> str:
    """An ASCII sign that later steps take for a letter."""
    return chr(_ESCAPED + ord(sign))


def unescape(text: str) -> str:
    """The text with its escaped signs back."""
    return text.translate({_ESCAPED + code: chr(code) for code in range(128)})
