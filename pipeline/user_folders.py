"""This program's folders of one user: the cache, and private ones among everybody's temporary files."""

from __future__ import annotations

import os
import stat
import tempfile
from functools import cache
from pathlib import Path

_NAME = "talking-head-studio"
"""What the folders are called."""


def cache_folder() -> Path:
    """The absolute path of this program's folder among the user's caches, which may not exist yet.

    Its contents can be made or downloaded again. `XDG_CACHE_HOME` is honoured; for a user without a home
    folder, it is a private folder among the temporary files.
    """
    from platformdirs import user_cache_dir

    folder = Path(user_cache_dir(_NAME, appauthor=False))
    if folder.is_absolute():
        return folder
    return private_folder("cache") or _of_this_process()  # platformdirs gives a literal "~"


def private_folder(name: str) -> Path | None:
    """A folder under the temporary one that only this user can read and write; None where there can be none.

    Its name holds the user's number, so that several users of one machine do not meet, and it is used only if
    it really is this user's: what lies in a shared folder may have been put there by anybody.
    """
    user = os.getuid() if hasattr(os, "getuid") else None
    parent = Path(tempfile.gettempdir(), _NAME if user is None else f"{_NAME}-{user}")
    try:
        parent.mkdir(mode=0o700, exist_ok=True)
        about = parent.lstat()
        open_to_others = about.st_uid != user or about.st_mode & 0o077
        if not stat.S_ISDIR(about.st_mode) or (user is not None and open_to_others):
            return None
        folder = parent / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    except OSError:
        return None


@cache
def _of_this_process() -> Path:
    return Path(tempfile.mkdtemp())
