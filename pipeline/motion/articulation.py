"""What phones demand of a mouth, however fast or softly they are spoken.

A network that learned from sound follows how far a mouth opens, but its average blurs the moments that an
eye checks: lips that touch for p, b and m, the lip that meets the teeth for f and v, rounded lips. Where the
sounds are known these are set right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pipeline.types import Phone

CLOSED = frozenset("pbmʙɓ")
BITTEN = frozenset("fvɱʋ")
_ROUNDING = {
    **dict.fromkeys("wuʉyɥʍ", 1.0),
    **dict.fromkeys("oøʃʒʏ", 0.8),
    **dict.fromkeys("ʊœ", 0.65),
    **dict.fromkeys("ɔɒ", 0.45),
}
ROUNDED = frozenset(_ROUNDING)
_OPENNESS = {
    **dict.fromkeys("aɑæɐɒ", 1.0),
    **dict.fromkeys("ɔɛʌœɜ", 0.7),
    **dict.fromkeys("oeəɚøɝɤ", 0.45),
    **dict.fromkeys("iɪuʊyɨʉɯʏᵻ", 0.2),
}
_VOWELS = frozenset(_OPENNESS)
_SPREAD = frozenset("iɪeɛæjszyᵻɨ")
_TIP = frozenset("tdnlszθðɹrɾɫɬʈɖɳɭɻ")
_BACK = frozenset("kgɡŋxɣhɦχqʁʀħ")
_HISSING = frozenset("szʃʒɕʑʂʐ")
_VOICELESS = frozenset("ptkfsʃθhxçχʂɕqɸ")
_KINDS = (CLOSED, BITTEN, ROUNDED, _VOWELS, _SPREAD, _TIP, _BACK, _HISSING, _VOICELESS)
LEAD = 0.02
"""Seconds by which lips meet before the middle of the sound, as tracked speakers do."""
TRAITS = 2 + len(_KINDS)
"""Columns of `traits`."""


@dataclass(frozen=True)
class Articulation:
    """How strongly each contact is asked for at each frame, `(T,)` in [0, 1]."""

    closed: np.ndarray
    bitten: np.ndarray
    rounded: np.ndarray


def demands(phones: Iterable[Phone], times: np.ndarray, fps: int) -> Articulation:
    """The contacts that `phones` ask for at `times` (s); each is fully reached in one frame at least."""
    phones = tuple(phones)
    hold = 0.55 / fps
    return Articulation(
        closed=_reached(_among(phones, dict.fromkeys(CLOSED, 1.0)), times, hold=hold, flank=0.06),
        bitten=_reached(_among(phones, dict.fromkeys(BITTEN, 1.0)), times, hold=hold, flank=0.06),
        rounded=_reached(_among(phones, _ROUNDING), times, hold=hold, flank=0.11),
    )


def traits(phones: Iterable[Phone], times: np.ndarray) -> np.ndarray:
    """`(K, TRAITS)` float32 at `times` (s): what tongue and lips do for the sound that is heard then.

    Kinds of articulation instead of a list of phones, so that any language's sounds have some; a sound that
    is not known, and a time without one, has none.
    """
    found = np.zeros((len(times), TRAITS), np.float32)
    for phone in phones:
        during = (times >= phone.start) & (times < phone.end)
        letter = phone.label[:1]
        found[during, 0] = not letter
        found[during, 1] = _OPENNESS.get(letter, 0.0)
        found[during, 2:] = [letter in kind for kind in _KINDS] if letter else 0
    return found


def _among(phones: Iterable[Phone], strengths: dict[str, float]) -> list[tuple[Phone, float]]:
    return [(phone, strengths[phone.label[0]]) for phone in phones if phone.label[:1] in strengths]


def _reached(
    phones: list[tuple[Phone, float]], times: np.ndarray, *, hold: float, flank: float
) -> np.ndarray:
    """The strength of each phone during it, `hold` s around its middle at least, with flanks of `flank` s."""
    curve = np.zeros(len(times))
    for phone, strength in phones:
        middle = (phone.start + phone.end) / 2 - LEAD
        half = max((phone.end - phone.start - flank) / 2, hold)
        away = np.clip((np.abs(times - middle) - half) / flank, 0, 1)
        curve = np.maximum(curve, strength * (0.5 + 0.5 * np.cos(np.pi * away)))
    return curve.astype(np.float32)
