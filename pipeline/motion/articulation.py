"""What phones require of a mouth, however fast or softly they are spoken.

A network trained on sound predicts how far a mouth opens, but its average blurs the moments that a viewer
notices: lips that touch for p, b and m, the lip that meets the teeth for f and v, rounded lips. Where the
phones are known, these are corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pipeline.types import Phone

_BILABIAL = frozenset("pbmʙɓ")
_LABIODENTAL = frozenset("fvɱʋ")
_ROUNDING = {
    **dict.fromkeys("wuʉyɥʍ", 1.0),
    **dict.fromkeys("oøʃʒʏ", 0.8),
    **dict.fromkeys("ʊœ", 0.65),
    **dict.fromkeys("ɔɒ", 0.45),
}
"""How far the lips are rounded, 0 to 1."""
_ROUNDED = frozenset(_ROUNDING)
_OPENNESS = {
    **dict.fromkeys("aɑæɐɒ", 1.0),
    **dict.fromkeys("ɔɛʌœɜ", 0.7),
    **dict.fromkeys("oeəɚøɝɤ", 0.45),
    **dict.fromkeys("iɪuʊyɨʉɯʏᵻ", 0.2),
}
"""How far the mouth opens, 0 to 1."""
_VOWELS = frozenset(_OPENNESS)
_SPREAD = frozenset("iɪeɛæjszyᵻɨ")
_CORONAL = frozenset("tdnlszθðɹrɾɫɬʈɖɳɭɻ")
_DORSAL = frozenset("kgɡŋxɣhɦχqʁʀħ")
_TONGUE = {
    **dict.fromkeys("θð", 0.5),
    **dict.fromkeys("lɫɬɭ", 0.3),
    **dict.fromkeys("tdnʈɖɳɾ", 0.2),
}
"""How far the tongue comes up, as ARKit's `tongueOut`: between the teeth, or behind the upper ones."""
_SIBILANT = frozenset("szʃʒɕʑʂʐ")
_VOICELESS = frozenset("ptkfsʃθhxçχʂɕqɸ")
_CLASSES = (
    _BILABIAL, _LABIODENTAL, _ROUNDED, _VOWELS, _SPREAD, _CORONAL, _DORSAL, _SIBILANT, _VOICELESS,
)  # fmt: skip
PHONETIC_FEATURES = 2 + len(_CLASSES)
"""Columns of `phonetic_features`."""

_LEAD = 0.02
"""Seconds by which lips meet before the middle of the sound, as they do on tracked speakers."""
_CONTACT_FLANK, _ROUNDING_FLANK = 0.06, 0.11
"""Seconds in which a contact, and rounding, sets in and releases."""


@dataclass(frozen=True)
class Articulation:
    """How strongly each gesture of lips and tongue is required at each frame, `(T,)` in [0, 1]."""

    bilabial: np.ndarray
    """Both lips touch."""
    labiodental: np.ndarray
    """The lower lip touches the upper teeth."""
    rounded: np.ndarray
    """The lips are rounded."""
    tongue: np.ndarray
    """The tongue comes up behind the upper teeth, or between the teeth; see `_TONGUE`."""


def articulation(phones: Iterable[Phone], times: np.ndarray, fps: int) -> Articulation:
    """The gestures that `phones` require at `times` (s); each is complete in at least one frame."""
    phones = tuple(phones)
    hold = 0.55 / fps
    return Articulation(
        bilabial=_gesture(_strengths(phones, dict.fromkeys(_BILABIAL, 1.0)), times, hold, _CONTACT_FLANK),
        labiodental=_gesture(
            _strengths(phones, dict.fromkeys(_LABIODENTAL, 1.0)), times, hold, _CONTACT_FLANK
        ),
        rounded=_gesture(_strengths(phones, _ROUNDING), times, hold, _ROUNDING_FLANK),
        tongue=_gesture(_strengths(phones, _TONGUE), times, hold, _CONTACT_FLANK),
    )


def phonetic_features(phones: Iterable[Phone], times: np.ndarray) -> np.ndarray:
    """`(K, PHONETIC_FEATURES)` float32: what tongue and lips do for the phone at each of `times` (s).

    These are classes of articulation, not phones, so that the sounds of any language have some; an unknown
    phone, and a time without one, has none.
    """
    found = np.zeros((len(times), PHONETIC_FEATURES), np.float32)
    for phone in phones:
        during = (times >= phone.start) & (times < phone.end)
        letter = phone.label[:1]
        found[during, 0] = not letter
        found[during, 1] = _OPENNESS.get(letter, 0.0)
        found[during, 2:] = [letter in sounds for sounds in _CLASSES] if letter else 0
    return found


def _strengths(phones: Iterable[Phone], strengths: dict[str, float]) -> list[tuple[Phone, float]]:
    """The phones that `strengths` lists by their first letter, each with its strength."""
    return [(phone, strengths[phone.label[0]]) for phone in phones if phone.label[:1] in strengths]


def _gesture(phones: list[tuple[Phone, float]], times: np.ndarray, hold: float, flank: float) -> np.ndarray:
    """The strength of each phone for its length, at least ± `hold` s, rising and falling within `flank` s."""
    curve = np.zeros(len(times))
    for phone, strength in phones:
        middle = (phone.start + phone.end) / 2 - _LEAD
        half = max((phone.end - phone.start - flank) / 2, hold)
        away = np.clip((np.abs(times - middle) - half) / flank, 0, 1)
        curve = np.maximum(curve, strength * (0.5 + 0.5 * np.cos(np.pi * away)))
    return curve.astype(np.float32)
