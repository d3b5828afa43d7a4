"""`/v/ID`: the public page of a finished video, its player for other sites, and what link previews ask for.

Only where the deployment allows it. An id cannot be guessed, so a page is seen by those who were given its
address.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Request
from jinja2 import Environment, Template
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from pipeline.api.problems import ProblemError
from pipeline.api.studio import Studio, base_of, studio_of
from pipeline.assets import ASSETS
from pipeline.service import public_video, video_file
from pipeline.service.public_video import PublicVideo

router = APIRouter(include_in_schema=False)

_PROVIDER = "Talking-head studio"
_EVERYWHERE = {"Content-Security-Policy": "frame-ancestors *"}
"""The player may stand in any site."""
_NO_INDEX = {"X-Robots-Tag": "noindex"}
_SMALLEST = 200
"""Width in px of the player, however little room a site offers."""


@router.get("/v/{name}")
def page(name: str, request: Request) -> HTMLResponse:
    """The page."""
    return _rendered("page", name, request)


@router.get("/v/{name}/embed")
def player(name: str, request: Request) -> HTMLResponse:
    """The player alone, to be framed."""
    answer = _rendered("player", name, request)
    answer.headers.update(_EVERYWHERE)
    return answer


@router.get("/v/{name}/video.{kind}")
def video(name: str, kind: str, request: Request, download: bool = False) -> FileResponse:
    """The video, whose `kind` is mp4, webm or mov; as a download if asked."""
    found = _public(studio_of(request), name)
    path = found.video
    if path.suffix != f".{kind}":
        raise ProblemError(404, f"This video is called video{path.suffix}.")
    disposition = "attachment" if download else "inline"
    return FileResponse(
        path, media_type=found.media_type, filename=path.name, content_disposition_type=disposition
    )


@router.get("/v/{name}/captions.vtt")
def captions(name: str, request: Request) -> Response:
    """The captions, whichever format was asked for."""
    path = _public(studio_of(request), name).captions
    if path is None:
        raise ProblemError(404, "This video has no captions.")
    return Response(public_video.webvtt(path), media_type="text/vtt; charset=utf-8")


@router.get("/v/{name}/picture.jpg")
def picture(name: str, request: Request) -> FileResponse:
    """A still, for link previews and before the video plays."""
    return FileResponse(video_file.still(_public(studio_of(request), name).video), media_type="image/jpeg")


@router.get("/oembed")
def oembed(request: Request, url: str = "", maxwidth: int = 0, maxheight: int = 0) -> JSONResponse:
    """What other sites need to show the player for a page's address (oembed.com)."""
    parts = _path_of(url).rstrip("/").split("/")
    name = unquote(parts[-1]) if len(parts) > 1 and parts[-2] == "v" else ""
    found = _public(studio_of(request), name)
    width, height = _fitted(found.size, maxwidth, maxheight)
    address = f"{base_of(request)}/v/{name}"
    return JSONResponse(
        {
            "version": "1.0",
            "type": "video",
            "title": found.title,
            "provider_name": _PROVIDER,
            "provider_url": base_of(request),
            "thumbnail_url": f"{address}/picture.jpg",
            "thumbnail_width": found.size[0],
            "thumbnail_height": found.size[1],
            "width": width,
            "height": height,
            "html": _template("snippet").render(address=address, width=width, height=height, shown=found),
        }
    )


def _path_of(url: str) -> str:
    """The path of an address; empty where it is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _rendered(template: str, name: str, request: Request) -> HTMLResponse:
    try:
        found = _public(studio_of(request), name)
    except ProblemError as problem:  # for a person, who followed a link
        return HTMLResponse(_template("gone").render(sentence=problem), problem.status, headers=_NO_INDEX)
    base = base_of(request)
    address = f"{base}/v/{name}"
    width, height = _fitted(found.size, 0, 0)
    values: dict[str, Any] = {
        "shown": found,
        "address": address,
        "base": base,
        "provider": _PROVIDER,
        "snippet": _template("snippet").render(address=address, width=width, height=height, shown=found),
    }
    return HTMLResponse(_template(template).render(**values), headers=_NO_INDEX)


def _public(studio: Studio, name: str) -> PublicVideo:
    """A video by the id of its job, or by the folder that the page made it in.

    Raises:
        ProblemError: there is none, it is older than a day, or this server has no public pages.
    """
    if not studio.settings.sharing:
        raise ProblemError(404, "This server has no public pages of videos.")
    found = None
    if name and Path(name).name == name and not name.startswith("."):
        in_store, on_page = studio.store.folder(name) / "made", studio.page_files / "jobs" / name
        found = public_video.find(in_store) or public_video.find(on_page)
    if found is None:
        raise ProblemError(404, "This video is no longer here; videos are kept for a day.")
    return found


def _fitted(size: tuple[int, int], most_width: int, most_height: int) -> tuple[int, int]:
    """Width and height of the player within a site's limits, where it has any."""
    width, height = size
    scale = min(
        [1.0, *(most / side for most, side in ((most_width, width), (most_height, height)) if most > 0)]
    )
    scale = max(scale, min(_SMALLEST / width, 1.0))
    return round(width * scale), round(height * scale)


@cache
def _template(name: str) -> Template:
    source = (ASSETS / "share" / f"{name}.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(source)
