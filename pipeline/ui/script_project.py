"""A visitor's script on the page: what is typed and chosen, and the `Script` that is rendered of it.

Everything lies in one folder of the visit. A script that was uploaded may only name files that came with it:
other paths would be the server's.
"""

from __future__ import annotations

import filecmp
import shutil
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import trust
from pipeline.errors import ConsentError, PhotoError
from pipeline.script import Script, ScriptError, script_of
from pipeline.script.contents import Content
from pipeline.service import catalog, session
from pipeline.types import ConsentBasis

if TYPE_CHECKING:
    from pipeline.trust import Memory

OPEN_FIRST = "Open slides, a text or a script first."
NAMES = ("host", "guest")
"""What the two presenters are called where a script has no names for them."""
_TELLING = 2_000
"""Characters that tell what language somebody speaks."""
_STAND_IN = "host.jpg"
"""Named as the photo where a voice is heard before there is one."""


@dataclass(frozen=True)
class Project:
    """A script that is being edited."""

    folder: Path
    """Where its files lie."""
    content: Content
    notes: tuple[str, ...] = ()
    """What was left out when it was opened, a sentence each."""
    before: tuple[Content, ...] = ()
    """Earlier contents, the newest last, for undo."""
    revision: int = 0
    """Counts the changes after which scenes or lines stand elsewhere."""

    @property
    def stamp(self) -> str:
        """Tells this revision of this project from all others, in letters and digits."""
        return f"{''.join(filter(str.isalnum, self.folder.name.lower()))}-{self.revision}"


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


def script(
    project: Project | None, casting: Casting, memory: Memory | None, *, heard_only: bool = False
) -> Script:
    """The script to be rendered. Lines that are empty are left out.

    Args:
        memory: the visitor's own answers of consent; None for this machine's.
        heard_only: nobody is shown, so that neither photos nor answers are needed.

    Raises:
        PhotoError: somebody is to speak, but there is no photo.
        ConsentError: it was not said why a face may be used.
        ScriptError: nothing is open yet, or something in the script is not possible.
    """
    if project is None:
        raise ScriptError(OPEN_FIRST, parameter="document")
    content = written(project, casting)
    presenters = content["presenters"]
    if heard_only:
        if not presenters:
            presenters[NAMES[0]] = _voice(casting.speakers[0], project.folder)
        for presenter in presenters.values():
            presenter.setdefault("subject", _STAND_IN)
        return script_of(content, folder=project.folder)
    spoken = any(scene.get("lines") for scene in content["scenes"])
    if spoken and not all(each.get("subject") for each in presenters.values() or [{}]):
        raise PhotoError("Add a photo first, or pick a sample.", parameter="subject")
    for presenter in presenters.values():
        if presenter.get("subject"):
            _settle_consent(presenter, project.folder, memory)
    return script_of(content, folder=project.folder)


def heard(project: Project, casting: Casting) -> Content:
    """The content as `written`, with everybody who speaks: who has no photo yet gets the name of one."""
    content = written(project, casting)
    shown: Content = content["presenters"]
    content["presenters"] = {
        name: shown.get(name)
        or {"subject": _STAND_IN, **(_voice(speaker, project.folder) if speaker else {})}
        for name, speaker in zip_longest(presenter_names(project, casting), casting.speakers)
        if name is not None
    }
    return content


def voiced(project: Project, casting: Casting) -> Project:
    """The project whose content names the voices that are chosen for its presenters."""
    content = deepcopy(project.content)
    presenters = content["presenters"] = content.get("presenters") or {}
    for name, speaker in zip(presenter_names(project, casting), casting.speakers, strict=False):
        if speaker.voice:
            presenters.setdefault(name, {})["voice"] = speaker.voice
    return replace(project, content=content)


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


def written(project: Project, casting: Casting) -> Content:
    """The content with the presenters and the size that are chosen, as a file would have it."""
    content = deepcopy(project.content)
    for scene in content["scenes"]:
        scene["lines"] = [each for each in scene.get("lines") or [] if each.get("text") or each.get("audio")]
    own = content.get("output") or {}
    kind = Path(str(own.get("path", "film.mp4"))).suffix if own.get("background") else ".mp4"
    output = {"aspect": casting.aspect, "height": casting.height, "path": f"film{kind}"}
    content["output"] = {"captions": "srt", **own, **output}
    content["presenters"] = _cast(content.get("presenters") or {}, casting, project.folder)
    return content


def presenter_names(project: Project, casting: Casting) -> list[str]:
    """Who can say a line, the first one by default."""
    known = list(project.content.get("presenters") or {})
    for index, speaker in enumerate(casting.speakers):
        if len(known) <= index and (index == 0 or speaker.photo):
            known.append(_free(NAMES[index], known))
    return known


def texts_of(project: Project, casting: Casting) -> list[str]:
    """The beginning of what each presenter says in the voice that is chosen beside the scenes."""
    names = presenter_names(project, casting)
    said: dict[str, str] = dict.fromkeys(names, "")
    speaks = names[0]
    for line in (line for scene in project.content["scenes"] for line in scene.get("lines") or []):
        speaks = line.get("presenter") or speaks
        if not line.get("voice") and not line.get("language") and len(said.get(speaks, "")) < _TELLING:
            said[speaks] = f"{said.get(speaks, '')} {line.get('text') or ''}".strip()
    return [said[name] for name in names]


def casting_of(content: Content, folder: Path) -> Casting:
    """What a script says of its first two presenters and its size, where the page has fields for it."""
    presenters = [*(content.get("presenters") or {}).values(), {}, {}][:2]
    output = content.get("output") or {}
    first, second = (_choices(each, folder) for each in presenters)
    return Casting(*first, *second, output.get("aspect", "16:9"), output.get("height", 720))


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


def pictures_of(content: Content, casting: Casting, folder: Path) -> tuple[Path | None, Path | None]:
    """The photos or videos of the two presenters, about which the page asks."""
    known = [each.get("subject") for each in (content.get("presenters") or {}).values()]
    own = [folder / subject if subject else None for subject in (*known, None, None)[:2]]
    first, second = (
        Path(speaker.photo) if speaker.photo else video
        for speaker, video in zip(casting.speakers, own, strict=True)
    )
    return first, second


def is_video_name(name: str) -> bool:
    """Whether a presenter's file is a video by its name."""
    return Path(name).suffix.lower() in (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi")


def inside(file: Path, folder: Path) -> str:
    """The name of a file in the folder, after it was copied there if need be; other files keep theirs."""
    if file.is_relative_to(folder):
        return file.relative_to(folder).as_posix()
    target, count = folder / file.name, 1
    while target.exists() and not filecmp.cmp(file, target, shallow=False):
        count += 1
        target = folder / f"{file.stem}-{count}{file.suffix}"
    if not target.exists():
        shutil.copy(file, target)
    return target.name


def _cast(presenters: Content, casting: Casting, folder: Path) -> Content:
    """The presenters with what was chosen for the first two of them."""
    found: Content = deepcopy(presenters)
    for index, speaker in enumerate(casting.speakers):
        known = list(found)
        if index >= len(known) and speaker.photo is None:
            continue
        name = known[index] if index < len(known) else _free(NAMES[index], known)
        chosen: Content = {
            "voice": None,
            "voice_from": None,
            "voice_consent": None,
            **_voice(speaker, folder),
        }
        if speaker.photo is not None:
            chosen |= {"subject": inside(Path(speaker.photo), folder), "consent": speaker.consent}
        elif speaker.consent is not None:  # of a video, which the page has no field for
            chosen["consent"] = speaker.consent
        merged = {**found.get(name, {}), **chosen}
        first = {key: value for key, value in merged.items() if value is not None}
        found[name] = first
    return {name: each for name, each in found.items() if each.get("subject")}


def _voice(speaker: Speaker, folder: Path) -> Content:
    """The voice of a presenter, with the recording that it imitates where it does."""
    if not speaker.voice:
        return {}
    if speaker.voice_from is None or not catalog.imitates(speaker.voice):
        return {"voice": speaker.voice}
    recording = inside(Path(speaker.voice_from), folder)
    found = {"voice": speaker.voice, "voice_from": recording, "voice_consent": speaker.voice_consent}
    return {key: value for key, value in found.items() if value is not None}


def _free(name: str, known: list[str]) -> str:
    return name if name not in known else f"{name}-2"


def _photo(presenter: Content, folder: Path) -> str | None:
    subject = presenter.get("subject")
    return str(folder / subject) if subject and not is_video_name(subject) else None


def _settle_consent(presenter: Content, folder: Path, memory: Memory | None) -> None:
    """Fill in the answer that this visit has given before, and remember a new one."""
    picture = folder / presenter["subject"]
    if presenter.get("consent"):
        trust.consent_for(picture, presenter["consent"], memory=memory)
        return
    basis = session.answered(picture, memory)
    if basis is None:
        raise ConsentError("Please confirm that you may use this face.", parameter="consent")
    if basis != "sample":
        presenter["consent"] = basis
