"""A scene in small: its background, and its presenters where the layout has them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path

import numpy as np

from pipeline.faces import is_video, read_image
from pipeline.files import written_whole
from pipeline.script.contents import Content
from pipeline.script.document import Brand, Output, Scene
from pipeline.service import messages
from pipeline.stage.slides import Slide
from pipeline.stage.slots import Area, Layout, content_area, slots
from pipeline.ui import markup, script_project
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project
from pipeline.video import read_frames

_LONGER = 640
"""Longest side of a small picture in px."""
_SHORTER = 480
"""A height at which the proportions are reckoned, in px."""
_QUALITY = 85
_SLIDE = re.compile(r"(.+\.(?:pdf|pptx))(?:#(\d+))?", re.IGNORECASE)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def thumbnail(project: Project, number: int, casting: Casting) -> str:
    """A scene as markup.

    Args:
        project: its folder keeps the small pictures.
        number: of the scene, from 0.
        casting: who speaks, and the proportions of the picture.
    """
    content: Content = project.content["scenes"][number]
    size = Output(aspect=casting.aspect, height=_SHORTER).size  # type: ignore[arg-type]
    photos = _photos(project, content, casting)
    layout = _layout(content)
    behind = _behind(project, content, layout, photos)
    style, drawn = f"aspect-ratio:{size[0]}/{size[1]}", ""
    if behind is not None and _COLOUR.fullmatch(behind):
        style += f";background:{behind}"
    elif behind is not None:
        drawn = _background(project.folder, behind, layout, size, photos)
    drawn += "".join(_presenters(project.folder, layout, size, photos, filling=behind is None))
    return f'<div class="thumb" style="{style}">{drawn}</div>'


def _layout(content: Content) -> Layout:
    scene = Scene.model_construct(
        layout=Layout(content["layout"]) if content.get("layout") else None,
        background=content.get("background"),
        presenters=tuple(content.get("presenters") or ()),
    )
    return scene.arrangement


def _photos(project: Project, content: Content, casting: Casting) -> list[Path]:
    """Photos or videos of those who are seen in a scene, from left to right."""
    names = script_project.presenter_names(project, casting)
    known = project.content.get("presenters") or {}
    subjects = {
        name: speaker.photo if speaker and speaker.photo else known.get(name, {}).get("subject")
        for name, speaker in zip_longest(names, casting.speakers)
        if name is not None
    }
    lines = content.get("lines") or []
    seen = list(content.get("presenters") or ())
    if not seen and lines:
        seen = [lines[0].get("presenter") or names[0], *(each.get("presenter") for each in lines[1:])]
    if content.get("layout") == Layout.SIDE_BY_SIDE:
        seen += names  # the other one listens
    return [project.folder / subjects[name] for name in dict.fromkeys(seen) if subjects.get(name)]


def _behind(project: Project, content: Content, layout: Layout, photos: list[Path]) -> str | None:
    """A scene's background; None where presenters fill the picture with their own."""
    if content.get("background"):
        return str(content["background"])
    if layout in (Layout.FULL, Layout.SIDE_BY_SIDE) and photos:
        return None
    return str((project.content.get("brand") or {}).get("background") or Brand().background)


def _background(folder: Path, named: str, layout: Layout, size: tuple[int, int], photos: list[Path]) -> str:
    if named == "blur":
        return _placed(folder, photos[0], Area(0, 0, *size), size, "blurred") if photos else ""
    slide = _SLIDE.fullmatch(named) is not None
    area = content_area(layout, size) if slide else Area(0, 0, *size)
    return _placed(folder, folder / named, area, size, "slide" if slide else "")


def _presenters(
    folder: Path, layout: Layout, size: tuple[int, int], photos: list[Path], *, filling: bool
) -> Iterator[str]:
    for slot, photo in zip(slots(layout, size, cut_out=not filling), photos, strict=False):
        area, kind = slot.area, "" if filling else "round" if slot.circle else "cut"
        if layout is Layout.FULL and not filling:
            area = replace(area, left=area.width // 4, width=area.width // 2)
        yield _placed(folder, photo, area, size, kind)


def _placed(folder: Path, picture: Path, area: Area, size: tuple[int, int], kind: str) -> str:
    """A picture at its place; nothing where it cannot be read, which the plan says."""
    small = messages.attempt("page", partial(_small, folder, picture))
    if not isinstance(small, Path):
        return ""
    shares = (area.left / size[0], area.top / size[1], area.width / size[0], area.height / size[1])
    at = ";".join(
        f"{side}:{share:.1%}" for side, share in zip(("left", "top", "width", "height"), shares, strict=True)
    )
    return f'<img class="{kind}" style="{at}" src="{markup.address(small)}" alt="" loading="lazy">'


def _small(folder: Path, picture: Path) -> Path:
    """A small JPEG of a slide, an image, or the first frame of a video; made once."""
    named = hashlib.sha256(picture.as_posix().encode()).hexdigest()[:16]
    target = folder / "thumbnails" / f"{named}.jpg"
    if target.is_file():
        return target
    slide = _SLIDE.fullmatch(str(picture))
    if slide is not None:
        image = Slide(Path(slide[1]), int(slide[2] or 1)).image((_LONGER, _LONGER * 9 // 16))
    else:
        image = _first_frame(picture) if is_video(picture) else read_image(picture)
    _save(image, target)
    return target


def _first_frame(video: Path) -> np.ndarray:
    frames = read_frames(video, max_side=_LONGER)
    with closing(frames):  # type: ignore[type-var]
        return next(frames)


def _save(image: np.ndarray, target: Path) -> None:
    from PIL import Image

    small = Image.fromarray(image)
    small.thumbnail((_LONGER, _LONGER))
    target.parent.mkdir(exist_ok=True)
    with written_whole(target) as part:
        small.save(part, "JPEG", quality=_QUALITY)
