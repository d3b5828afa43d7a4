"""Hearing a voice before choosing it: a short line in its language, made once and kept."""

from __future__ import annotations

from pathlib import Path

from pipeline import engines, hub
from pipeline.service import catalog
from pipeline.service.jobs import slug
from pipeline.service.languages import sample_line
from pipeline.types import join


def needs_download(name: str) -> int:
    """Bytes that would have to be downloaded to hear a voice; 0 where it is here."""
    return catalog.download_bytes(engines.voice(name))


def sample(name: str, cache: Path) -> Path:
    """A WAV in which the voice says a short line; made on the first call, and its model downloaded if needed.

    Raises:
        UnknownNameError: there is no such voice.
        CheckpointError: the voice's files cannot be had.
    """
    card = engines.voice(name)
    path = cache / "voices" / f"{slug(card.name.replace('_', '-'), longest=80)}.wav"
    if path.is_file():
        return path
    from pipeline.speech import speak
    from pipeline.speech.audio.wav import write_wav

    for _ in hub.pull(card.checkpoints):
        pass
    spoken = join(speak(sample_line(card.language), voice=card.name))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(path, spoken)
    return path
