"""The levels of light that tone mapping goes by (ITU-R BT.2408)."""

from __future__ import annotations

SDR_WHITE = 203.0
"""Luminance of white in cd/m²."""
PEAK = 1000.0 / SDR_WHITE
"""Light, relative to white, that becomes full white: 1000 cd/m², the nominal peak of HLG and the usual one of
PQ."""
