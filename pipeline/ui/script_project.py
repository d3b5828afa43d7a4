"""A visitor's script on the page: opened from files, edited, and made into a `Script` that can be rendered.

Everything lies in one folder of the visit. A script that was uploaded may only name files that came with it:
other paths would be the server's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipeline import trust
from pipeline.errors import ConsentError, PhotoError
from pipeline.script import Script, ScriptError, new_script, read_script, script_of
from pipeline.script.located import read_located
from pipeline.service import form, session
from pipeline.types import ConsentBasis

if TYPE_CHECKING:
    from pipeline.trust import Memory

KINDS = (".yaml", ".yml", ".pdf", ".pptx", ".docx", ".md", ".markdown", ".txt")
"""What can be opened, by the end of its name; of several such files the one that comes first here."""

_UNDO_STEPS = 20
_LONGEST = 10_000
"""Characters of a line that are kept."""
_BRAND_FILES = ("font", "logo", "intro", "outro", "music", "background")
_NAME = "host"

Content = dict[str, Any]
"""A script as its file has it."""


@dataclass(frozen=True)
class Project:
    """A script that is being edited."""

    folder: Path
    """Where its files and its finished lines lie."""
    content: Content
    notes: tuple[str, ...] = ()
    """What was left out when it was opened, a sentence each."""
    before: tuple[Content, ...] = ()
    """Earlier contents, the newest last, for undo."""


@dataclass(frozen=True)
class Casting:
    """Who speaks, and the size of the picture, as they are chosen beside the scenes."""

    photo: str | None
    consent: ConsentBasis | None
    voice: str | None
    aspect: str
    height: int


def opened(files: Sequence[str], folder: Path) -> Project:
    """The script in these files, which are copied into the folder.

    Raises:
        ScriptError: none of them can become a script, or it names a file that is not among them.
        StudioError: it cannot be read.
    """
    copies = [Path(shutil.copy(file, folder / Path(file).name)) for file in files]
    ranked = [copy for kind in KINDS for copy in copies if copy.suffix.lower() == kind]
    if not ranked:
        raise ScriptError("Drop a PDF, PPTX, DOCX, Markdown, text or YAML file.", parameter="document")
    main = ranked[0]
    if main.suffix.lower() in (".yaml", ".yml"):
        read_script(main)
        content: Content = deepcopy(read_located(main).value)
        _keep_inside(content, folder)
        return Project(folder, _with_mappings(content))
    made = new_script(main, folder / "talk.yaml", subject=folder / "host.jpg", overwrite=True)
    content = deepcopy(read_located(made.path).value)
    content["presenters"] = {}
    for scene in content["scenes"]:
        scene.pop("layout", None)  # it follows from whether somebody speaks, which may change
    return Project(folder, _with_mappings(content), made.notes)


def with_texts(project: Project, texts: Any) -> Project:
    """The project with what was typed: `[scene, line, text]` each, counted from 0.

    What does not fit the scenes, as it comes from a browser, is left out.
    """
    content = deepcopy(project.content)
    for entry in texts if isinstance(texts, list) else []:
        match entry:
            case [scene, line, str(text)] if str(scene).isdecimal() and str(line).isdecimal():
                _type(content, int(scene), int(line), text[:_LONGEST])
    return replace(project, content=content)


def edited(project: Project, action: str, scene: int, line: int) -> Project:
    """The project after a button was pressed; the same one where that is not possible."""
    if action == "undo":
        if not project.before:
            return project
        return replace(project, content=project.before[-1], before=project.before[:-1])
    content = deepcopy(project.content)
    if not _change(content["scenes"], action, scene, line):
        return project
    before = (*project.before, project.content)[-_UNDO_STEPS:]
    return replace(project, content=content, before=before, notes=())


def script(project: Project, casting: Casting, memory: Memory | None) -> Script:
    """The script to be rendered. Lines that are empty are left out.

    Args:
        memory: the visitor's own answers of consent; None for this machine's.

    Raises:
        PhotoError: somebody is to speak, but there is no photo.
        ConsentError: it was not said why a face may be used.
        ScriptError: something in it is not possible.
    """
    content = written(project, casting)
    spoken = any(scene.get("lines") for scene in content["scenes"])
    presenters = content.get("presenters") or {}
    if spoken and not all(each.get("subject") for each in presenters.values() or [{}]):
        raise PhotoError("Add a photo first, or pick a sample.", parameter="subject")
    for presenter in presenters.values():
        if presenter.get("subject"):
            _settle_consent(presenter, project.folder, memory)
    return script_of(content, folder=project.folder)


def written(project: Project, casting: Casting) -> Content:
    """The content with the presenter and the size that are chosen, as a file would have it."""
    content = deepcopy(project.content)
    for scene in content["scenes"]:
        scene["lines"] = [each for each in scene.get("lines") or [] if each.get("text") or each.get("audio")]
    output = {"aspect": casting.aspect, "height": casting.height, "path": "film.mp4"}
    content["output"] = {"captions": "srt", **(content.get("output") or {}), **output}
    presenters = content.get("presenters") or {}
    name = next(iter(presenters), _NAME)
    chosen: Content = {"voice": casting.voice}
    if casting.photo is not None:
        chosen["subject"] = _inside(Path(casting.photo), project.folder)
        chosen["consent"] = casting.consent
    merged = {**presenters.get(name, {}), **chosen}
    first: Content = {key: value for key, value in merged.items() if value is not None}
    if "subject" in first:
        presenters = {**presenters, name: first}
    content["presenters"] = presenters
    return content


def as_yaml(content: Content) -> str:
    """A script's file."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def first_photo(project: Project) -> tuple[str | None, str | None]:
    """The photo and the voice of the first presenter, where the script says them."""
    presenters = project.content.get("presenters") or {}
    first: Content = next(iter(presenters.values()), {})
    subject = first.get("subject")
    photo = str(project.folder / subject) if subject and not is_video_name(subject) else None
    return photo, first.get("voice")


def is_video_name(name: str) -> bool:
    """Whether a presenter's file is a video by its name."""
    return Path(name).suffix.lower() in (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi")


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


def _type(content: Content, scene: int, line: int, text: str) -> None:
    scenes = content["scenes"]
    if scene < len(scenes) and line < len(scenes[scene].get("lines") or []):
        said = scenes[scene]["lines"][line]
        if " ".join(text.split()):
            said["text"] = text.strip()
        else:
            said.pop("text", None)


def _change(scenes: list[Content], action: str, scene: int, line: int) -> bool:
    """Do it in place; whether it could be done."""
    if not 0 <= scene < len(scenes):
        return False
    lines = scenes[scene].setdefault("lines", [])
    if action == "up" and scene > 0:
        scenes.insert(scene - 1, scenes.pop(scene))
    elif action == "down" and scene + 1 < len(scenes):
        scenes.insert(scene + 1, scenes.pop(scene))
    elif action == "copy":
        scenes.insert(scene + 1, _without_ids(scenes[scene]))
    elif action == "remove" and len(scenes) > 1:
        del scenes[scene]
    elif action == "add":
        scenes.insert(scene + 1, {"lines": [{}]})
    elif action == "add-line":
        lines.append({})
    elif action == "remove-line" and 0 <= line < len(lines):
        del lines[line]
    else:
        return False
    return True


def _without_ids(scene: Content) -> Content:
    """A copy of a scene; an id stands for one scene or line only."""
    copied = deepcopy(scene)
    copied.pop("id", None)
    for line in copied["lines"]:
        line.pop("id", None)
    return copied


def _with_mappings(content: Content) -> Content:
    """The content with every line as a mapping, also those that are plain texts."""
    for scene in content["scenes"]:
        scene["lines"] = [
            each if isinstance(each, dict) else {"text": str(each)} for each in scene.get("lines") or []
        ]
    return content


def _inside(file: Path, folder: Path) -> str:
    """The name of a file in the folder, after it was copied there if need be."""
    if file.parent != folder:
        shutil.copy(file, folder / file.name)
    return file.name


def _keep_inside(content: Content, folder: Path) -> None:
    """Make every file that the script names one of the folder.

    Raises:
        ScriptError: it is not there.
        OptionError: options of an engine name a file.
    """
    for holder, key in _named_files(content):
        value = str(holder[key])
        path, mark, page = value.partition("#")
        if value.startswith("#") or value == "blur":
            continue
        name = Path(path).name
        if not name or not (folder / name).is_file():
            raise ScriptError(f"The script names {path}; drop that file together with it.", parameter=key)
        holder[key] = f"{name}{mark}{page}"
    for presenter in (content.get("presenters") or {}).values():
        form.refuse_files(presenter)


def _named_files(content: Content) -> Iterator[tuple[Content, str]]:
    """Where the script names a file: the mapping and the key."""
    brand = content.get("brand") or {}
    yield from ((brand, key) for key in _BRAND_FILES if brand.get(key))
    yield from ((each, "subject") for each in (content.get("presenters") or {}).values())
    for scene in content["scenes"]:
        if scene.get("background"):
            yield scene, "background"
        lines = (each for each in scene.get("lines") or [] if isinstance(each, dict))
        yield from ((each, "audio") for each in lines if each.get("audio"))
