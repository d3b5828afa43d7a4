"""How a voice stresses a word: its symbols get a stress mark, and each a weight of emphasis.

A listener hears that a word is emphasised by four things: its stressed vowel is longer, higher and louder,
and the rest of the word a little slower. What a network tells of itself decides which of them a voice can
shape: durations in most families, pitch in some. Every voice that times its words can be made louder there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.speech.phonemes import LENGTH_MARKS
from pipeline.speech.voices.word_spans import align_words

LONGER = 0.6
"""Share by which a phone of weight 1 is longer."""
HIGHER = 0.22
"""Share by which its pitch is higher."""
_LOUDER = 4.5
"""dB by which an emphasised word is louder."""
AROUND = 0.75
"""Gain of a phrase with emphasis: -2.5 dB. Voices are about as loud as they can be, and a word that is to
stand out needs room that the limiter would not leave it."""
_REST = 0.5
"""Weight of an emphasised word outside its stressed vowel."""
_STRESS, _WEAKER_STRESS = "ˈ", "ˌ"
_VOWELS = frozenset("aeiouyæɐɑɒɔəɘɵɚɛɜɝɞɪɨᵻʉɯʊʌɤøœɶʏ")
_RAMP = 0.04
"""Seconds over which a word becomes louder, and quiet again."""

Alone = Sequence[Sequence[str]]
"""The phones of each word of a phrase, read alone."""


def stressed(
    symbols: Sequence[str], phones: Callable[[str], Sequence[str]], alone: Alone, chosen: Sequence[bool]
) -> tuple[list[str], np.ndarray]:
    """A phrase's symbols with the stress that its emphasised words need, and the weight of each, `(N,)`.

    Args:
        symbols: the network's symbols, marks and punctuation included.
        phones: the phones of one symbol; none for a mark.
        alone: the phones of each word read alone.
        chosen: which of the words are emphasised.

    Returns:
        The symbols, in which every emphasised word has a main stress, and weights: 1 for the stressed vowel
        of such a word, less for the rest of it, 0 elsewhere.
    """
    said, owners = list(symbols), _owners(symbols, phones, alone)
    for word in [index for index, emphasised in enumerate(chosen) if emphasised]:
        own = [at for at, owner in enumerate(owners) if owner == word]
        vowels = [at for at in own if set(phones(said[at])[0]) & _VOWELS]
        if not vowels or any(said[at] == _STRESS for at in _span(own, said)):
            continue
        weaker = [at for at in _span(own, said) if said[at] == _WEAKER_STRESS]
        if weaker:
            said[weaker[0]] = _STRESS
        else:
            said.insert(vowels[0], _STRESS)
            owners.insert(vowels[0], None)
    return said, _weights(said, phones, owners, chosen)


def stretch(weights: np.ndarray) -> np.ndarray:
    """Factors on durations."""
    return 1 + LONGER * weights


def louder(samples: np.ndarray, rate: int, spans: Sequence[tuple[float, float]]) -> np.ndarray:
    """The sound, raised within the spans, `(N,)` as it came.

    Args:
        samples: `(N,)` at `rate`.
        rate: samples per second.
        spans: start and end of each emphasised word in seconds.
    """
    times = np.arange(len(samples)) / rate
    height = np.zeros(len(samples))
    for start, end in spans:
        inside = np.clip(np.minimum(times - start, end - times) / _RAMP + 0.5, 0, 1)
        height = np.maximum(height, inside)
    return (samples * 10 ** (_LOUDER * height / 20)).astype(np.float32)


def _owners(symbols: Sequence[str], phones: Callable[[str], Sequence[str]], alone: Alone) -> list[int | None]:
    """The word of each symbol that is a phone; None for the others."""
    counts = [len(phones(symbol)) for symbol in symbols]
    flat = [phone for symbol in symbols for phone in phones(symbol)]
    words = iter(align_words(flat, alone))
    owners: list[int | None] = []
    for count in counts:
        own = [next(words) for _ in range(count)]
        owners.append(own[0] if own else None)
    return owners


def _span(own: Sequence[int], symbols: Sequence[str]) -> range:
    """The places of a word's symbols, with the marks before its first phone."""
    first = own[0]
    while first and symbols[first - 1] in (_STRESS, _WEAKER_STRESS):
        first -= 1
    return range(first, own[-1] + 1)


def _weights(
    symbols: Sequence[str],
    phones: Callable[[str], Sequence[str]],
    owners: Sequence[int | None],
    chosen: Sequence[bool],
) -> np.ndarray:
    weights = np.zeros(len(symbols))
    for word in {owner for owner in owners if owner is not None and chosen[owner]}:
        own = [at for at, owner in enumerate(owners) if owner == word]
        places = _span(own, symbols)
        weights[places] = _REST
        after = next((at for at in places if symbols[at] == _STRESS), places[0])
        vowel = next((at for at in own if at >= after and set(phones(symbols[at])[0]) & _VOWELS), own[0])
        weights[vowel] = 1.0
    for at in range(1, len(symbols)):
        if symbols[at] in LENGTH_MARKS:
            weights[at] = weights[at - 1]
    return weights
