"""A loaded Pocket TTS voice: the network goes on in the voice that it has heard before the text.

It reads letters and predicts no durations, so words and phones are found in the sound afterwards.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.cards import IMITATED_SECONDS, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.protocols import SpokenWord, Utterance
from pipeline.speech.audio.recording import read_beginning
from pipeline.speech.audio.tempo import at_pace
from pipeline.speech.text.pronunciation import without_ipa
from pipeline.speech.text.words import joined
from pipeline.speech.voices.pocket.weights import load_networks

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import DynamicCache

_RATE = 24_000
_FEW_WORDS = 4
"""Texts of at most so many words are given a longer end."""
_FRAMES_AFTER = (2, 4)
"""Latents after the last sound of a text, of 80 ms each, and of one with few words."""
_UNREAD = str.maketrans({**dict.fromkeys('"“”„«»()[]¡¿'), "’": "'", "‘": "'", **dict.fromkeys("–—;:", ",")})
"""Marks that the networks did not see while they learned, and what stands for them."""


class Networks:
    """The networks of a language, ready on their device; threads may share them."""

    def __init__(self, weights: Path, tokenizer: Path) -> None:
        """Load them from files.

        Raises:
            CheckpointError: a file is damaged, or of another kind.
        """
        from pipeline.inference import device
        from pipeline.inference.placement import place

        self.where = device.pick()
        speaker, codec = load_networks(weights)
        self.speaker = place(speaker, self.where, calls=())
        self.codec = place(codec, self.where, calls=())
        self.tokenizer = _tokenizer(tokenizer)
        self.lock = threading.Lock()


class PocketVoice:
    """A loaded Pocket TTS voice; see `protocols.Voice`."""

    def __init__(
        self, card: VoiceCard, networks: Networks, prefix: DynamicCache, *, variation: float = 0.3
    ) -> None:
        """Speak after a prefix, from `heard` or `weights.load_prefix`.

        Args:
            variation: variance of the noise that becomes the latents, 0 to 1.
        """
        self.card, self.gain = card, 1.0
        self._networks, self._variation = networks, variation
        self._prefix = _moved(prefix, networks.where)

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `protocols.Voice.say`."""
        text = _readable(joined((without_ipa(word.spoken), word.goes_on) for word in phrase))
        if not text:
            return Utterance(np.zeros(_RATE // 10, np.float32), _RATE)
        with self._networks.lock:
            samples = self._spoken(text, seed)
        return Utterance(at_pace(samples, _RATE, pace), _RATE)

    def _spoken(self, text: str, seed: int) -> np.ndarray:
        """`(N,)` float32 at 24 kHz."""
        import torch

        networks = self._networks
        tokens = networks.tokenizer.encode(text, add_special_tokens=False).ids
        start = networks.speaker.config.audio_bos_token_id
        ids = torch.tensor([[*tokens, start]], device=networks.where)
        devices = [networks.where] if networks.where.type == "cuda" else []
        with torch.inference_mode(), torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            made = networks.speaker.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                cache=copy.deepcopy(self._prefix),
                frames_after_eos=_FRAMES_AFTER[len(text.split()) <= _FEW_WORDS],
                do_sample=self._variation > 0,
                temperature=self._variation or 1.0,
                return_dict_in_generate=True,
            )
            sound = networks.codec.decode(made.audio_latents).audio_values[0, 0]
        return sound.float().cpu().numpy()


def heard(networks: Networks, recording: Path) -> DynamicCache:
    """What the network keeps of the first 30 s of a recording: the keys and values of every layer.

    Raises:
        AudioError: the recording cannot be read.
    """
    import torch
    from transformers import PocketTTSFeatureExtractor

    samples = read_beginning(recording, IMITATED_SECONDS, _RATE)
    config = networks.codec.config
    extractor = PocketTTSFeatureExtractor(frame_size=config.frame_size, pad_to_multiple_of=config.frame_size)
    prepared = extractor(samples, sampling_rate=_RATE).to(networks.where)
    marks = networks.speaker.config
    with networks.lock, torch.inference_mode():
        latents = networks.codec.encode(prepared["input_values"], prepared["padding_mask"]).latents
        places = [marks.audio_prompt_token_id] * latents.shape[1]
        ids = torch.tensor([[marks.audio_prompt_bos_token_id, *places]], device=networks.where)
        kept = networks.speaker.model(input_ids=ids, audio_prompt_latents=latents, use_cache=True).cache
    made: DynamicCache = kept
    return made


def _readable(text: str) -> str:
    """The text as a sentence of its own, in the marks that the network knows; empty without a letter."""
    plain = " ".join(text.translate(_UNREAD).split())
    if not any(letter.isalnum() for letter in plain):
        return ""
    plain = plain[0].upper() + plain[1:]
    return plain if plain[-1] in ".!?…" else f"{plain.rstrip(',- ')}."


def _moved(prefix: DynamicCache, where: torch.device) -> DynamicCache:
    """The prefix on a device."""
    from transformers.cache_utils import CacheLayerMixin

    for layer in prefix.layers:
        if isinstance(layer, CacheLayerMixin) and layer.keys is not None and layer.values is not None:
            layer.keys, layer.values = layer.keys.to(where), layer.values.to(where)
    return prefix


def _tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        made: Tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more exact
        raise CheckpointError(
            f"{path.name} is damaged or incomplete; delete it and try again.", parameter="voice"
        ) from error
    return made
