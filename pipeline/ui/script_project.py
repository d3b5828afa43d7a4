"""A visitor's script on the page: what is typed and chosen, and the `Script` that is rendered of it.

Everything lies in one folder of the visit. A script that was uploaded may only name files that came with it:
other paths would be the server's.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import trust
from pipeline.errors import ConsentError, PhotoError
from pipeline.script import Script, ScriptError, script_of
from pipeline.script.contents import Content
from pipeline.service import session
from pipeline.ui.script_presenters import NAMES, Casting, cast, free_name, voice_of

if TYPE_CHECKING:
    from pipeline.trust import Memory

OPEN_FIRST = "Open slides, a text or a script first."
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
            presenters[NAMES[0]] = voice_of(casting.speakers[0], project.folder)
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
        or {"subject": _STAND_IN, **(voice_of(speaker, project.folder) if speaker else {})}
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


def written(project: Project, casting: Casting) -> Content:
    """The content with the presenters and the size that are chosen, as a file would have it."""
    content = deepcopy(project.content)
    for scene in content["scenes"]:
        scene["lines"] = [each for each in scene.get("lines") or [] if each.get("text") or each.get("audio")]
    own = content.get("output") or {}
    kind = Path(str(own.get("path", "film.mp4"))).suffix if own.get("background") else ".mp4"
    output = {"aspect": casting.aspect, "height": casting.height, "path": f"film{kind}"}
    content["output"] = {"captions": "srt", **own, **output}
    content["presenters"] = cast(content.get("presenters") or {}, casting, project.folder)
    return content


def presenter_names(project: Project, casting: Casting) -> list[str]:
    """Who can say a line, the first one by default."""
    known = list(project.content.get("presenters") or {})
    for index, speaker in enumerate(casting.speakers):
        if len(known) <= index and (index == 0 or speaker.photo):
            known.append(free_name(NAMES[index], known))
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
