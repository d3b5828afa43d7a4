"""HDR and wide colours become BT.709: linear light, primaries, tone mapping, and back to a display signal.

Follows ITU-R BT.2100 for the PQ and HLG curves and BT.2408 for the level of white: 203 cd/m² is white of
standard dynamic range. Darker colours keep their light exactly; highlights up to 1000 cd/m² are compressed
into the rest. Compiled by numba, with a table for every curve: 30 ms a frame at 1080p.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.video.hdr_levels import PEAK, SDR_WHITE

_PQ, _HLG = 16, 18
"""Transfer curves as ITU-T H.273 numbers them: SMPTE ST 2084 and ARIB STD-B67."""
_BT709, _BT2020 = 1, 9
_PRIMARIES = {
    _BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    _BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""Chromaticities of red, green and blue by H.273's number; 11 and 12 are P3, all taken with a D65 white."""
_WHITE = (0.3127, 0.3290)

_KNEE = 0.8
"""Light, relative to white, up to which nothing is compressed."""
_NO_KNEE = 1e9

_IN_BITS = 12
"""Bits of a sample that index the curve to linear light."""
_OUT_STEPS = 16_384
"""Entries of the curve back to the signal: an eighth of a grey level in the shadows."""
_SCENE_STEPS = 4096
"""Entries of the curve by which HLG's scene light becomes light on a display."""


def is_hdr(trc: int) -> bool:
    """Whether this transfer curve is PQ or HLG."""
    return trc in (_PQ, _HLG)


def is_wide(trc: int, primaries: int) -> bool:
    """Whether a picture with these tags of ITU-T H.273 needs conversion: HDR, BT.2020 or P3."""
    return is_hdr(trc) or (primaries in _PRIMARIES and primaries != _BT709)


def to_sdr(image: np.ndarray, trc: int, primaries: int) -> np.ndarray:
    """A picture as `(H, W, 3)` uint8 with BT.709 primaries and the sRGB curve.

    Args:
        image: `(H, W, 3)` uint8 or uint16 RGB over the full range, encoded as the tags say.
        trc: transfer curve as ITU-T H.273 numbers them; all but PQ and HLG are taken for sRGB's.
        primaries: likewise; unknown ones are taken for BT.2020 with PQ or HLG, else for BT.709.
    """
    from pipeline.video.tone_mapping import convert  # compiled: numba is imported only for such pictures

    bits = 8 if image.dtype == np.uint8 else _IN_BITS
    hdr = is_hdr(trc)
    known = primaries if primaries in _PRIMARIES else (_BT2020 if hdr else _BT709)
    out = np.empty(image.shape, np.uint8)
    convert(  # type: ignore[call-arg]  # numba's dispatchers are not typed
        image,
        0 if image.dtype == np.uint8 else 16 - bits,
        _to_linear(trc, bits),
        _scene_gain() if trc == _HLG else np.zeros(0, np.float32),
        _matrix(known),
        np.float32(_KNEE if hdr else _NO_KNEE),
        _to_signal(),
        out,
    )
    return out


@cache
def _to_linear(trc: int, bits: int) -> np.ndarray:
    """`(2 ** bits,)` float32 light relative to white (HLG: of the scene, in [0, 1]) of each code."""
    code = np.arange(2**bits) / (2**bits - 1)
    if trc == _PQ:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        root = code ** (1 / m2)
        light = 10_000 / SDR_WHITE * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    elif trc == _HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    else:
        light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


@cache
def _scene_gain() -> np.ndarray:
    """`(_SCENE_STEPS,)` float32 display light relative to white over scene light, by scene luminance.

    HLG's opto-optical transfer function for a display of 1000 cd/m², whose exponent is 1.2.
    """
    return (PEAK * (np.arange(_SCENE_STEPS) / (_SCENE_STEPS - 1)) ** 0.2).astype(np.float32)


@cache
def _to_signal() -> np.ndarray:
    """`(_OUT_STEPS,)` uint8 sRGB codes of light in [0, 1]."""
    light = np.arange(_OUT_STEPS) / (_OUT_STEPS - 1)
    signal = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (255 * signal + 0.5).astype(np.uint8)


@cache
def _matrix(primaries: int) -> np.ndarray:
    """`(3, 3)` float32 from linear RGB of these primaries to that of BT.709."""
    return (np.linalg.inv(_to_xyz(_BT709)) @ _to_xyz(primaries)).astype(np.float32)


def _to_xyz(primaries: int) -> np.ndarray:
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in _PRIMARIES[primaries]]).T
    x, y = _WHITE
    return columns * np.linalg.solve(columns, [x / y, 1, (1 - x - y) / y])
