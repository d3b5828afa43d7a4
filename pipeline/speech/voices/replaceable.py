"""What a voice that has to be downloaded says of those that need no download."""

from __future__ import annotations

from dataclasses import replace

from pipeline.hub.checkpoints import Checkpoint

_EMBEDDED = {
    "en": "hibari:heart",
    "es": "kokoro:ef_dora",
    "fr": "kokoro:ff_siwis",
    "it": "kokoro:if_sara",
    "pt": "kokoro:pf_dora",
    "hi": "kokoro:hf_alpha",
    "zh": "kokoro:zf_xiaobei",
    "ja": "kokoro:jf_alpha",
    "de": "kokoro:ff_siwis-de",
}
"""A voice of each language that needs no download."""
_ACCENTS = {"de": " and has a French accent"}
"""What is to be said of those that were not recorded in their language."""


def replaceable(language: str, checkpoints: tuple[Checkpoint, ...]) -> tuple[Checkpoint, ...]:
    """The files of a voice of a language (BCP 47 tag), which tell of a voice of it that needs no download."""
    code = language.partition("-")[0]
    if code not in _EMBEDDED:
        return checkpoints
    instead = f"choose the voice {_EMBEDDED[code]}, which needs none{_ACCENTS.get(code, '')}"
    return tuple(replace(each, instead=instead) for each in checkpoints)
