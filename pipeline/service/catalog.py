"""What can be chosen: the engines that fit a subject, the voices, and what each would download.

An empty choice is the default, which `plan.check` decides on; it is listed under what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from pipeline import engines, hub
from pipeline.cards import Card, Subject, VoiceCard
from pipeline.engines import DEFAULT_VOICE
from pipeline.errors import UnknownNameError
from pipeline.service.languages import language_name

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


@dataclass(frozen=True)
class VoiceGroup:
    """The voices of one language."""

    language: str
    """In words: "English (United Kingdom)"."""
    voices: tuple[VoiceCard, ...]
    """Those that need no download first, then by family and name."""


def voice_groups() -> list[VoiceGroup]:
    """All listed voices by language: that of the default voice first, the others from A to Z."""
    first = language_name(voice_card(DEFAULT_VOICE).language)

    def order(card: VoiceCard) -> tuple[bool, str, bool, bool, int, str]:
        language = language_name(card.language)
        family = engines.ENGINES["voice"].index(card.family)
        chosen = card.name == DEFAULT_VOICE
        return language != first, language, card.download_bytes > 0, not chosen, family, voice_name(card)

    listed = sorted(engines.voices(), key=order)
    grouped = groupby(listed, key=lambda card: language_name(card.language))
    return [VoiceGroup(language, tuple(cards)) for language, cards in grouped]


@dataclass(frozen=True)
class VoiceLanguage:
    """A language that voices speak, whatever their region."""

    code: str
    """ISO 639: "pt"."""
    name: str
    """In words: "Portuguese"."""
    voices: tuple[VoiceCard, ...]
    """In the order of `voice_groups`."""

    @property
    def first(self) -> str:
        """The voice to begin with: the first one that needs neither a download nor a recording, if any."""
        return min(self.voices, key=lambda card: (card.imitates, card.download_bytes > 0)).name

    @property
    def imitating(self) -> str:
        """The voice that speaks in the voice of a recording; "" where there is none."""
        return next((card.name for card in self.voices if card.imitates), "")

    def fitting(self, name: str) -> str:
        """The voice `name` where it speaks this language, else the one to begin with; where `name` imitates a
        recording, the one that does so here."""
        if voice_language(name) == self.code:
            return name
        return (imitates(name) and self.imitating) or self.first


def voice_languages() -> dict[str, VoiceLanguage]:
    """The languages that listed voices speak, by their codes, from A to Z."""
    found: dict[str, list[VoiceCard]] = {}
    for card in (card for group in voice_groups() for card in group.voices):
        found.setdefault(_base(card), []).append(card)
    languages = [VoiceLanguage(code, language_name(code), tuple(cards)) for code, cards in found.items()]
    return {each.code: each for each in sorted(languages, key=lambda each: each.name)}


def voice_language(name: str) -> str:
    """The code of the language that a voice speaks, without a region; "" if the voice is unknown."""
    with suppress(UnknownNameError):
        return _base(voice_card(name))
    return ""


def voice_name(card: VoiceCard) -> str:
    """What a voice is called within its language: "Amy", "Santa"."""
    return card.title.partition(",")[0]


def voice_details(card: VoiceCard) -> str:
    """What else its title tells, without the language: "Kokoro, woman", "Kokoro, woman, Italian accent"."""
    spoken = language_name(card.language).partition(" ")[0]
    code = card.name.partition(":")[2]
    found = []
    for part in (part.strip() for part in card.title.split(",")[1:]):
        accent = part.partition(" with ")[2]
        if accent:
            found.append(accent.removeprefix("a ").removeprefix("an "))
        elif spoken not in part and part not in (code, "Mandarin"):
            found.append(part)
    return ", ".join(found)


def voice_title(card: VoiceCard) -> str:
    """The full name of a voice outside the list of its language: "Santa (Kokoro, man), Spanish"."""
    details = voice_details(card)
    name = f"{voice_name(card)} ({details})" if details else voice_name(card)
    return f"{name}, {language_name(card.language)}"


def voices_by_title(cards: Sequence[VoiceCard]) -> list[Choice]:
    """Voices of one language by title and name, in a list below the language: "Heart (Hibari, woman)". Where
    several speak as in different countries, each with its country.
    """
    several = len({language_name(card.language) for card in cards}) > 1
    found = []
    for card in cards:
        country = language_name(card.language).partition(" (")[2].rstrip(")") if several else ""
        about = ", ".join(filter(None, (voice_details(card), country)))
        found.append((f"{voice_name(card)} ({about})" if about else voice_name(card), card.name))
    return found


def voice_card(name: str) -> VoiceCard:
    """The card of a voice.

    Raises:
        UnknownNameError: there is no such voice.
    """
    return engines.voice(name)


def imitates(name: str) -> bool:
    """Whether a voice imitates a recording; False if the voice is unknown."""
    with suppress(UnknownNameError):
        return voice_card(name).imitates
    return False


def download_bytes(card: Card | VoiceCard) -> int:
    """What an engine or a voice would still have to download."""
    return hub.download_bytes(card.checkpoints, missing=True)


def _heads(kind: Subject) -> list[Card]:
    return [card for card in engines.cards("head") if kind in card.subjects]


def voice_for_text(text: str, name: str) -> VoiceCard | None:
    """The voice to offer where a text is surely in another language than the voice `name` speaks.

    Returns:
        The voice that fits the text's language; None where `name` does, the language is not sure, no listed
        voice speaks it, or nobody has a voice `name`.
    """
    from pipeline.speech.text.language import written_language

    written = written_language(text)
    if written is None or voice_language(name) in ("", written):
        return None
    language = voice_languages().get(written)
    return None if language is None else voice_card(language.fitting(name))


def language_doubt(other: VoiceCard, name: str) -> str:
    """A sentence for a text in the language of the voice `other`, which the voice `name` is to say."""
    written, spoken = (language_name(_base(card)) for card in (other, voice_card(name)))
    return f"The text seems to be in {written}, but the voice speaks {spoken}."


def _base(card: VoiceCard) -> str:
    return card.language.partition("-")[0]
