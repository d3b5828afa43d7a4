"""The styles that ship with the studio, in `assets/voices`; the card beside them names their source."""

from __future__ import annotations

GAINS: dict[str, float] = {
    "af_heart": 2.19, "af_bella": 1.90, "am_michael": 2.79, "am_puck": 1.51, "bf_emma": 1.70,
    "bm_george": 2.01, "ef_dora": 2.72, "em_alex": 2.41, "ff_siwis": 1.65, "if_sara": 0.91,
    "im_nicola": 1.62, "pf_dora": 2.70, "pm_alex": 2.41, "hf_alpha": 1.10, "hm_omega": 1.25,
    "zf_xiaobei": 1.70, "zm_yunxi": 2.15, "jf_alpha": 1.55, "jm_kumo": 1.90,
}  # fmt: skip
"""Gain of each style, measured on two sentences of its language; see `protocols.Voice.gain`."""

ACCENTED: dict[str, tuple[str, str, str]] = {
    "if_sara-de": ("if_sara", "de", "German with an Italian accent"),
    "ff_siwis-de": ("ff_siwis", "de", "German with a French accent"),
}
"""Style, language and description of voices that speak a language they were not recorded in."""
