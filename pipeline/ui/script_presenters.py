"""The presenters of a script on the page: chosen beside its scenes, written into its content."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pipeline.script.contents import Content
from pipeline.service import catalog
from pipeline.types import ConsentBasis
from pipeline.ui.script_files import inside, is_video_name

NAMES = ("host", "guest")
"""What the two presenters are called where a script has no names for them."""


@dataclass(frozen=True)
class Speaker:
    """Who speaks, as chosen beside the scenes."""

    photo: str | None = None
    consent: ConsentBasis | None = None
    voice: str | None = None
    voice_from: str | None = None
    voice_consent: ConsentBasis | None = None


@dataclass(frozen=True)
class Casting:
    """Who speaks, and the size of the picture, as they are chosen beside the scenes."""

    photo: str | None = None
    consent: ConsentBasis | None = None
    voice: str | None = None
    voice_from: str | None = None
    voice_consent: ConsentBasis | None = None
    second_photo: str | None = None
    second_consent: ConsentBasis | None = None
    second_voice: str | None = None
    second_voice_from: str | None = None
    second_voice_consent: ConsentBasis | None = None
    aspect: str = "16:9"
    height: int = 720

    @property
    def files(self) -> dict[str, str | None]:
        """The photos and recordings, by the fields that name them."""
        names = ("photo", "voice_from", "second_photo", "second_voice_from")
        return {name: getattr(self, name) for name in names}

    @property
    def speakers(self) -> tuple[Speaker, Speaker]:
        """The first and the second presenter; the second one counts with a photo only."""
        first = Speaker(self.photo, self.consent, self.voice, self.voice_from, self.voice_consent)
        second = (self.second_photo, self.second_consent, self.second_voice)
        return first, Speaker(*second, self.second_voice_from, self.second_voice_consent)


def voiced_again(casting: Casting, now: Content, then: Content) -> Casting:
    """Who speaks when the content `then` takes the place of `now`: voices of another language go with it."""
    found: list[str | None] = []
    for name, speaker in zip_longest(then.get("presenters") or {}, casting.speakers):
        before, after = (
            ((content.get("presenters") or {}).get(name) or {}).get("voice") for content in (now, then)
        )
        speaks = catalog.voice_language
        changed = before and after and before != after and speaks(before) != speaks(after)
        found.append(after if changed else speaker.voice if speaker else None)
    return replace(casting, voice=found[0], second_voice=found[1])


def casting_of(content: Content, folder: Path) -> Casting:
    """The first two presenters and the size of a script, as far as the page has fields for them."""
    presenters = [*(content.get("presenters") or {}).values(), {}, {}][:2]
    output = content.get("output") or {}
    first, second = (_choices(each, folder) for each in presenters)
    return Casting(*first, *second, output.get("aspect", "16:9"), output.get("height", 720))


def pictures_of(content: Content, casting: Casting, folder: Path) -> tuple[Path | None, Path | None]:
    """The photos or videos of the two presenters, about which the page asks."""
    known = [each.get("subject") for each in (content.get("presenters") or {}).values()]
    own = [folder / subject if subject else None for subject in (*known, None, None)[:2]]
    first, second = (
        Path(speaker.photo) if speaker.photo else video
        for speaker, video in zip(casting.speakers, own, strict=True)
    )
    return first, second


def cast(presenters: Content, casting: Casting, folder: Path) -> Content:
    """The presenters with what was chosen for the first two of them."""
    found: Content = deepcopy(presenters)
    for index, speaker in enumerate(casting.speakers):
        known = list(found)
        if index >= len(known) and speaker.photo is None:
            continue
        name = known[index] if index < len(known) else free_name(NAMES[index], known)
        chosen: Content = {
            "voice": None,
            "voice_from": None,
            "voice_consent": None,
            **voice_of(speaker, folder),
        }
        if speaker.photo is not None:
            chosen |= {"subject": inside(Path(speaker.photo), folder), "consent": speaker.consent}
        elif speaker.consent is not None:  # of a video, which the page has no field for
            chosen["consent"] = speaker.consent
        merged = {**found.get(name, {}), **chosen}
        first = {key: value for key, value in merged.items() if value is not None}
        found[name] = first
    return {name: each for name, each in found.items() if each.get("subject")}


def voice_of(speaker: Speaker, folder: Path) -> Content:
    """The voice of a presenter, with the recording that it imitates where it does."""
    if not speaker.voice:
        return {}
    if speaker.voice_from is None or not catalog.imitates(speaker.voice):
        return {"voice": speaker.voice}
    recording = inside(Path(speaker.voice_from), folder)
    found = {"voice": speaker.voice, "voice_from": recording, "voice_consent": speaker.voice_consent}
    return {key: value for key, value in found.items() if value is not None}


def free_name(name: str, known: list[str]) -> str:
    """This name, or one like it that is not known yet."""
    return name if name not in known else f"{name}-2"


def _choices(presenter: Content, folder: Path) -> tuple[str | None, Any, Any, str | None, Any]:
    """Photo, consent, voice, recording of a voice and its consent of one presenter."""
    recording = presenter.get("voice_from")
    return (
        _photo(presenter, folder),
        presenter.get("consent"),
        presenter.get("voice"),
        recording and str(folder / recording),
        presenter.get("voice_consent"),
    )


def _photo(presenter: Content, folder: Path) -> str | None:
    subject = presenter.get("subject")
    return str(folder / subject) if subject and not is_video_name(subject) else None
