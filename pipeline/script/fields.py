"""Types of the fields of a script that people write in more than one way, or that not every text fits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_LONGEST_NAME = 255
"""Bytes of a file's name, which file systems allow."""
_COLOUR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_MEASURE = re.compile(r"\s*(\d{2,4})\s*(p|fps)?\s*", re.IGNORECASE)


def _possible(given: Any) -> Any:
    """A path, or several, that a file system can have."""
    for path in given if isinstance(given, tuple) else (given,):
        text = str(path)
        if _ADDRESS.match(text):
            raise ValueError("addresses are not opened; download the file and give its name.")
        if any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in text.split("/")):
            raise ValueError(f"{text[:30]}… is too long for the name of a file; shorten it.")
        try:
            Path(text).expanduser()
        except RuntimeError as error:
            raise ValueError(f"{text} is in the folder of an unknown user; write the folder out.") from error
        if "\0" in text:
            raise ValueError("this is not the name of a file; check it.")
    return given


def _shown(given: str) -> str:
    """A background, none of whose colours is mistyped."""
    if given.startswith("#") and given[1:].isalnum() and not _COLOUR.fullmatch(given):
        raise ValueError(f"{given} is no colour; one has six digits from 0 to f, as in #204060.")
    return given


def _number(given: Any) -> Any:
    """A height or a frame rate as people also write it: "720", 720p."""
    found = _MEASURE.fullmatch(given) if isinstance(given, str) else None
    return given if found is None else int(found[1])


Storable = AfterValidator(_possible)
"""Refuses what no file can be called."""
Background = Annotated[str, Storable, AfterValidator(_shown)]
"""A colour, a file, a slide or blur."""
File = Annotated[Path, Storable]
"""A file that a script names."""
Height = Annotated[Literal[480, 720, 1080, 2160], BeforeValidator(_number)]
"""Shorter side of a picture in px."""
FrameRate = Annotated[Literal[24, 25, 30, 50, 60], BeforeValidator(_number)]
"""Frames per second."""
