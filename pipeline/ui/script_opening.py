"""What can be opened in the Script tab: slides, texts, scripts, projects, and what the quick page has."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from pipeline.script import ScriptError, new_script, read_script, unpack
from pipeline.script.contents import Content, keep_inside
from pipeline.script.document import Presenter
from pipeline.script.located import read_located
from pipeline.service import form
from pipeline.ui import script_saving
from pipeline.ui.script_files import inside
from pipeline.ui.script_presenters import NAMES
from pipeline.ui.script_project import Project

KINDS = (".zip", ".yaml", ".yml", ".pdf", ".pptx", ".docx", ".md", ".markdown", ".txt")
"""What can be opened, by the end of its name; of several such files the one that comes first here."""

_LARGEST_PROJECT = 1_000_000_000
"""Bytes that a visitor's project may unpack to."""
_MISSING = "The script names {}; drop that file together with it."
_CARRIED = tuple(name for name in Presenter.model_fields if name not in ("subject", "consent", "voice"))
"""What a presenter takes over from the quick page besides picture and voice."""
_PARAGRAPH = "\n\n"


def opened(files: Sequence[str], folder: Path) -> Project:
    """The script in these files, which are copied into the folder.

    Raises:
        ScriptError: none of them can become a script, or it names a file that is not among them.
        StudioError: it cannot be read.
    """
    paths = [Path(file) for file in files]
    ranked = [path for kind in KINDS for path in paths if path.suffix.lower() == kind]
    if not ranked:
        raise ScriptError(
            "Drop a PDF, PPTX, DOCX, Markdown, text, YAML or project file.", parameter="document"
        )
    if ranked[0].suffix.lower() == ".zip":
        script = _unpacked(ranked[0], folder)
        script_saving.forget(folder)
        return _script(script)
    for path in paths:
        shutil.copy(path, folder / path.name)
    script_saving.forget(folder)
    main = folder / ranked[0].name
    if main.suffix.lower() in (".yaml", ".yml"):
        return _script(main)
    made = new_script(main, folder / "talk.yaml", subject=folder / "host.jpg", overwrite=True)
    content: Content = deepcopy(read_located(made.path).value)
    content["presenters"] = {}
    for scene in content["scenes"]:
        scene.pop("layout", None)  # it follows from whether somebody speaks, which may change
    return Project(folder, with_mappings(content), made.notes)


def from_quick(answers: Mapping[str, Any], folder: Path) -> Project:
    """A script of one scene, with what is filled in on the quick page.

    Args:
        answers: by the names of the form's fields.
        folder: of the project.
    """
    defaults = {
        name: field.get_default(call_default_factory=True) for name, field in Presenter.model_fields.items()
    }
    presenter = {
        name: answers[name] for name in _CARRIED if answers.get(name) not in (None, "", {}, defaults[name])
    }
    presenter |= {"voice": answers["voice"]} if answers.get("voice") else {}
    subject = answers.get("photo") or answers.get("video")
    if subject:
        presenter["subject"] = inside(Path(subject), folder)
    scene: Content = {"lines": _lines(answers, folder)}
    content: Content = {"presenters": {NAMES[0]: presenter}, "scenes": [scene]}
    if answers.get("captions"):
        content["output"] = {"captions": answers["captions"]}
    if answers.get("background"):
        transparent = {"path": f"film.{answers['format']}", "background": answers["background"]}
        content["output"] = {**content.get("output", {}), **transparent}
    return Project(folder, content)


def with_mappings(content: Content) -> Content:
    """The content with every line as a mapping, also those that are plain texts."""
    for scene in content["scenes"]:
        scene["lines"] = [
            each if isinstance(each, dict) else {"text": str(each)} for each in scene.get("lines") or []
        ]
    return content


def _unpacked(archive: Path, folder: Path) -> Path:
    """The script's file; a mistake in it is told without the server's name of the ZIP."""
    try:
        return unpack(archive, folder, largest=_LARGEST_PROJECT)
    except ScriptError as error:
        named = error.path and error.path.relative_to(archive)
        raise ScriptError(error.sentence, path=named, line=error.line, parameter=error.parameter) from error


def _script(path: Path) -> Project:
    read_script(path)
    content: Content = deepcopy(read_located(path).value)
    keep_inside(content, path.parent, missing=_MISSING)
    for presenter in (content.get("presenters") or {}).values():
        form.refuse_files(presenter)
    return Project(path.parent, with_mappings(content))


def _lines(answers: Mapping[str, Any], folder: Path) -> list[Content]:
    text = str(answers.get("text") or "").strip()
    if answers.get("audio"):
        recording = {"audio": inside(Path(answers["audio"]), folder)}
        return [{**recording, **({"text": text} if text else {})}]
    paragraphs = (" ".join(each.split()) for each in text.split(_PARAGRAPH))
    return [{"text": each} for each in paragraphs if each] or [{}]
