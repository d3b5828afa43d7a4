"""Environment variables that libraries read when they are imported, set before any of them is.

Importing `pipeline` sets them, whichever way a program comes in; a variable that is set already stays as it
is.

Nothing is reported to anybody: onnxruntime's wheels send usage statistics to Microsoft and keep a device id
in the home folder; Gradio and huggingface_hub report what is used and look for new versions. Nor does the
latter say on standard error whenever it tries a download again; what came of it, `pipeline.hub` says.

numba keeps its compiled loops beside the package or in the user's cache folder, and does not compile at all
where it can write to neither; there, it is given a folder under the temporary one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.user_folders import private_folder

_SILENCED = {
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_VERBOSITY": "error",
    "ORT_DISABLE_TELEMETRY": "1",
}
_COMPILED = "NUMBA_CACHE_DIR"


def prepare() -> None:
    """Set the variables that are not set."""
    for name, value in _SILENCED.items():
        os.environ.setdefault(name, value)
    if _COMPILED not in os.environ and not (_is_writable(Path(__file__).parent) or _is_writable(_caches())):
        folder = private_folder("compiled")
        if folder is not None:
            os.environ[_COMPILED] = str(folder)


def name_page_folder() -> None:
    """Give the page's files a folder of this user's; Gradio's own, /tmp/gradio, is whoever's came first."""
    os.environ.setdefault("GRADIO_TEMP_DIR", str(private_folder("page") or tempfile.mkdtemp()))


@contextmanager
def restoring(names: Iterable[str]) -> Iterator[None]:
    """After the block, these variables are again as they were before it."""
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _caches() -> Path:
    """The user's cache folder; a relative path where there is no home."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named if named else os.path.expanduser("~/.cache"))


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which may have to be made itself."""
    if not folder.is_absolute():
        return False
    existing = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    return os.access(existing, os.W_OK | os.X_OK)
