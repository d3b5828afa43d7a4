"""What can be chosen: the engines that fit a subject, the voices, and what each would download.

An empty choice is the default, which `plan.check` decides on; it is listed under what it stands for.
"""

from __future__ import annotations

from pipeline import engines, hub
from pipeline.engines import Card, Subject, VoiceCard

Choice = tuple[str, str]
"""A title, and the value of the spec's field; "" leaves it out."""

OWN_MOUTH = "The head's own mouth"


def head_choices(kind: Subject) -> list[Choice]:
    """The heads that take a "photo" or a "video", the default first."""
    first, *others = _heads(kind)
    return [(first.title, ""), *((card.title, card.name) for card in others)]


def lips_choices(kind: Subject, head: str) -> list[Choice]:
    """The lips that go with a head, the default first: the head's own mouth where it has one."""
    chosen = head_card(kind, head)
    fitting = [card for card in engines.cards("lips") if kind in card.subjects]
    first = (OWN_MOUTH, "") if chosen.speaks else (fitting[0].title, "")
    stands_for = chosen.name if chosen.speaks else fitting[0].name
    return [first, *((card.title, card.name) for card in fitting if card.name != stands_for)]


def head_card(kind: Subject, name: str) -> Card:
    """The card behind a choice among the heads."""
    return engines.card("head", name) if name else _heads(kind)[0]


def lips_card(kind: Subject, head: str, name: str) -> Card:
    """The card behind a choice among the lips: the head's own where its mouth speaks."""
    if name:
        return engines.card("lips", name)
    chosen = head_card(kind, head)
    return chosen if chosen.speaks else engines.cards("lips")[0]


def voice_choices() -> list[Choice]:
    """The voices by title and language, those that need no download first."""
    known = sorted(engines.voices(), key=lambda card: card.download_bytes > 0)
    return [(f"{card.title} · {card.language}", card.name) for card in known]


def voice_card(name: str) -> VoiceCard:
    """The card of a voice.

    Raises:
        UnknownNameError: there is no such voice.
    """
    return engines.voice(name)


def download_bytes(card: Card) -> int:
    """What an engine would still have to download."""
    return hub.download_bytes(card.checkpoints, missing=True)


def _heads(kind: Subject) -> list[Card]:
    return [card for card in engines.cards("head") if kind in card.subjects]
