"""What somebody may have meant by the name of a voice that there is not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.cards import VoiceCard
from pipeline.errors import UnknownNameError, alike, shortened

_MOST = 3
"""Voices that a sentence suggests."""
_SYNONYMS = {"female": "woman", "girl": "woman", "male": "man", "boy": "man", "chinese": "mandarin"}


def unknown_voice(name: str, cards: Sequence[VoiceCard]) -> UnknownNameError:
    """The error for a voice that is not there: it suggests voices of the language, sex or family that the
    name tells, or else the one that is spelt most alike, or else one in each language that needs no download.

    Args:
        name: what was asked for.
        cards: all voices that are listed; earlier ones are suggested first, of those that need no download.
    """
    told = {_SYNONYMS.get(word, word) for word in _words(name)}
    fitting = [card.name for card in sorted(cards, key=_is_far) if told and told <= _description(card)]
    if fitting:
        *others, last = fitting[:_MOST]
        listed = f"{', '.join(others)} or {last}" if others else last
        hint = f"choose one by its name, such as {listed}."
    elif near := alike(name, sorted(card.name for card in cards)):
        hint = f"did you mean {near!r}?"
    else:
        *others, last = _one_in_each_language(cards)
        hint = f"choose one of the {len(cards)} that are listed, such as {', '.join(others)} or {last}."
    return UnknownNameError(f"There is no voice called {shortened(name)!r}; {hint}", parameter="voice")


def _one_in_each_language(cards: Sequence[VoiceCard]) -> list[str]:
    """The voices that need neither a download nor a recording, one for each language, which is told."""
    first = dict[str, VoiceCard]()
    for card in sorted(cards, key=_is_far):
        if not card.checkpoints and not card.imitates:
            first.setdefault(card.language.partition("-")[0], card)
    return [f"{card.name} ({card.title.split(', ')[-1]})" for card in first.values()]


def _is_far(card: VoiceCard) -> bool:
    """Whether a voice has to be downloaded, or speaks with an accent."""
    return bool(card.checkpoints) or "accent" in card.title


def _description(card: VoiceCard) -> set[str]:
    """The words by which somebody may ask for a voice: language, sex, family and given name."""
    return {*_words(card.title), card.language.partition("-")[0], card.family}


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())
