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
BITTEN = frozenset("fvɱ")
ROUNDED = frozenset("wuoʊɔʃʒɥyøœɒʉ")


@dataclass(frozen=True)
class Demands:
    """How strongly each contact is asked for at each frame, `(T,)` in [0, 1]."""

    closed: np.ndarray
    bitten: np.ndarray
    rounded: np.ndarray


def demands(phones: Iterable[Phone], times: np.ndarray, fps: int) -> Demands:
    """The contacts that `phones` ask for at `times` (s); each is fully reached in one frame at least."""
    phones = tuple(phones)
    hold = 0.55 / fps
    return Demands(
        closed=_reached([p for p in phones if _is(p, CLOSED)], times, hold=hold, flank=0.06),
        bitten=_reached([p for p in phones if _is(p, BITTEN)], times, hold=hold, flank=0.06),
        rounded=_reached([p for p in phones if _is(p, ROUNDED)], times, hold=hold, flank=0.11),
    )


def _is(phone: Phone, sounds: frozenset[str]) -> bool:
    return bool(phone.label) and phone.label[0] in sounds


def _reached(phones: list[Phone], times: np.ndarray, *, hold: float, flank: float) -> np.ndarray:
    """1 during each phone, `hold` s around its middle at least, with cosine flanks of `flank` s."""
    curve = np.zeros(len(times))
    for phone in phones:
        middle, half = (phone.start + phone.end) / 2, max((phone.end - phone.start) / 2 - flank / 3, hold)
        away = np.clip((np.abs(times - middle) - half) / flank, 0, 1)
        curve = np.maximum(curve, 0.5 + 0.5 * np.cos(np.pi * away))
    return curve.astype(np.float32)
