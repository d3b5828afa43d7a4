"""The body of a request: JSON whose files are web addresses, or a form with uploads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from pipeline.api.problems import ProblemError
from pipeline.checksums import sha256
from pipeline.errors import unknown_name
from pipeline.service.fetching import MOST_BYTES
from pipeline.service.jobs import slug
from pipeline.spec import SEVERAL

_MOST_JSON = 1_000_000
_BLOCK = 1 << 20
_LONGEST_NAME = 60
_MOST_FILES = 16
"""In one form."""
_Uploads = dict[str, list[Path]]

_WANTED = "Send a JSON object (application/json) or a form (multipart/form-data)."


@dataclass(frozen=True)
class Body:
    """What was sent."""

    given: dict[str, Any]
    """Values by field."""
    uploads: dict[str, list[Path]]
    """The files that were sent, by field."""
    digest: str
    """Of all of it, to tell a repetition from another request."""

    def upload(self, name: str) -> Path | None:
        """The file of a field that takes one."""
        return self.uploads[name][0] if name in self.uploads else None


async def read(request: Request, folder: Path, files: Iterable[str]) -> Body:
    """Read a request's body; uploads go into `folder`, each into a folder of its own.

    Args:
        files: the fields that may be uploaded.

    Raises:
        ProblemError: it is neither JSON nor a form, or larger than allowed.
    """
    uploads: dict[str, list[Path]] = {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            given = _parsed(await _capped(request, _MOST_JSON).body())
        elif kind == "multipart/form-data":
            given, uploads = await _form(_capped(request, MOST_BYTES), folder, set(files))
        else:
            raise ProblemError(415, _WANTED)
    except ClientDisconnect as error:
        raise ProblemError(400, "The request ended before all of it had come.") from error
    return Body(given, uploads, await run_in_threadpool(_digest, given, uploads))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body, object_pairs_hook=_once)
        json.dumps(given, ensure_ascii=False).encode()  # half a character of UTF-16 is no text
    except (ValueError, RecursionError) as error:
        at = (
            f" at line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise ProblemError(422, f"The body is not valid JSON{at}; send a JSON object.") from error
    if not isinstance(given, dict):
        raise ProblemError(422, 'The body is JSON, but not an object; send one like {"text": "Hello."}.')
    for name, value in given.items():
        if name.endswith("_options") and value is not None:
            _require_object(name, value)
    return given


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object, in which every name stands once: of two values, the caller cannot know which one counts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ProblemError(422, f"The body has {name!r} twice; send one of them.", parameter=name)
        found[name] = value
    return found


async def _form(request: Request, folder: Path, files: set[str]) -> tuple[dict[str, Any], _Uploads]:
    given: dict[str, Any] = {}
    uploads: _Uploads = {}
    try:
        form = await request.form(max_files=_MOST_FILES)
    except HTTPException as error:
        raise ProblemError(422, f"The form cannot be read: {error.detail}") from error
    try:
        for name, value in form.multi_items():
            if name in given or (name in uploads and name not in SEVERAL):
                raise ProblemError(422, f"The form has {name!r} twice; send one of them.", parameter=name)
            if not isinstance(value, UploadFile):
                given[name] = _options(name, value) if name.endswith("_options") else value
            elif name in files:
                sent = uploads.setdefault(name, [])
                place = folder / (f"{name}-{len(sent) + 1}" if sent else name)
                sent.append(await run_in_threadpool(_saved, value, place, name))
            else:
                raise unknown_name("file", name, files, parameter=name)
    finally:
        await form.close()
    return given, uploads


def _options(name: str, value: str) -> Any:
    try:
        found = json.loads(value or "{}")
    except (ValueError, RecursionError) as error:
        sentence = f'{name} is not valid JSON; send an object like {{"size": 512}}.'
        raise ProblemError(422, sentence, parameter=name) from error
    _require_object(name, found)
    return found


def _require_object(name: str, value: Any) -> None:
    if not isinstance(value, dict):
        sentence = f'{name} is not an object; send one like {{"size": 512}}.'
        raise ProblemError(422, sentence, parameter=name)


def _saved(upload: UploadFile, folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    sent = Path((upload.filename or "").replace("\\", "/"))
    path = folder / f"{slug(sent.stem, longest=_LONGEST_NAME) or name}{_suffix(sent)}"
    try:
        with path.open("wb") as file:
            while block := upload.file.read(_BLOCK):
                file.write(block)
    except OSError as error:
        raise ProblemError(507, "The server has no room for this file; try again later.") from error
    if not path.stat().st_size:
        raise ProblemError(422, f"The file sent as {name} is empty; send another.", parameter=name)
    return path


def _suffix(sent: Path) -> str:
    return sent.suffix.lower() if 1 < len(sent.suffix) <= 6 and sent.suffix[1:].isalnum() else ""


def _digest(given: dict[str, Any], uploads: dict[str, list[Path]]) -> str:
    files = {name: [sha256(path) for path in paths] for name, paths in sorted(uploads.items())}
    return hashlib.sha256(json.dumps([given, files], sort_keys=True).encode()).hexdigest()


def _capped(request: Request, most: int) -> Request:
    """The same request, except that reading its body ends in a problem after so many bytes."""
    problem = ProblemError(413, f"The request is larger than {most // 1_000_000} MB; send less.")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise problem
    received = 0
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]] = request.receive

    async def counted() -> MutableMapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise problem
        return message

    return Request(request.scope, counted)
