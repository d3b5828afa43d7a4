"""PPTX to PDF by LibreOffice, where it is installed: the only free program that draws such slides faithfully.

It runs without a window, with a profile of its own in a temporary folder, so that it neither meets nor
changes the user's; after a while without a result it is ended with all its children. PDFs are kept, by the
checksum of the deck.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.checksums import sha256
from pipeline.errors import DeckError
from pipeline.files import written_whole
from pipeline.stage.presentation import write_plain_copy
from pipeline.user_folders import cache_folder

_PATIENCE = 180.0
"""Seconds that a deck may take: LibreOffice starts in up to ten, and draws some ten slides a second."""
_KEPT = 20
"""PDFs that are kept; the longest unused go first."""
_NAMES = ("soffice", "libreoffice")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
)
_OPTIONS = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard")
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks"><value>true</value></prop></item>
</oor:items>
"""
"""Settings of the profile: no macros, and nothing fetched that a document links to."""


def as_pdf(deck: Path) -> Path:
    """The PDF of a PPTX, each slide a page, the hidden ones too; made now or taken from an earlier time.

    Raises:
        DeckError: the deck cannot be read, LibreOffice is not installed, or it fails on the deck.
    """
    try:
        pdf = _converted(deck)
        if not pdf.is_file():
            folder = pdf.parent
            folder.mkdir(parents=True, exist_ok=True)
            _convert(deck, pdf)
            _forget(folder)
        os.utime(pdf)
    except OSError as error:
        raise DeckError(f"{deck.name} cannot be converted: {error.strerror or error}.") from error
    return pdf


def require_office(deck: Path) -> None:
    """Make sure that a PPTX can be converted, or already is. Raises `DeckError` if LibreOffice is missing."""
    if not _converted(deck).is_file():
        _program(deck)


def _converted(deck: Path) -> Path:
    return cache_folder() / "slides" / f"{sha256(deck)}.pdf"


def _program(deck: Path) -> str:
    program = office()
    if program is None:
        raise DeckError(
            f"Showing the slides of {deck.name} needs LibreOffice, which is not installed; install it from "
            "libreoffice.org, or export the deck as a PDF and use that.",
            parameter="background",
        )
    return program


def office() -> str | None:
    """LibreOffice's program; None where it is not installed."""
    found = filter(None, map(shutil.which, _NAMES))
    return next(found, None) or next((place for place in _PLACES if os.path.exists(place)), None)


def _convert(deck: Path, pdf: Path) -> None:
    program = _program(deck)
    with tempfile.TemporaryDirectory(prefix="slides-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write_plain_copy(deck, folder / "deck.pptx")
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_PROFILE, encoding="utf-8")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        arguments = [program, profile, *_OPTIONS, "--convert-to", "pdf", "--outdir", name]
        _run([*arguments, str(folder / "deck.pptx")], folder, deck.name)
        made = folder / "deck.pdf"
        if not made.is_file():
            raise DeckError(f"LibreOffice cannot read {deck.name}; export it as a PDF and use that.")
        with written_whole(pdf) as part:
            shutil.copyfile(made, part)


def _run(command: Sequence[str], folder: Path, deck: str) -> None:
    """Run LibreOffice to its end, or for `_PATIENCE`; none of its processes is left."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            raise DeckError(
                f"LibreOffice did not finish {deck} in {_PATIENCE:.0f} seconds; export it as a PDF and "
                "use that."
            ) from None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and its children, if any of them still runs."""
    if sys.platform == "win32":
        if process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
            )
    else:
        with suppress(ProcessLookupError, PermissionError):  # macOS's answer where only a zombie is left
            os.killpg(process.pid, signal.SIGKILL)  # the group lives on while a child runs
    process.wait()


def _forget(folder: Path) -> None:
    """Remove the PDFs that were not used for the longest time."""
    kept = sorted(folder.glob("*.pdf"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[_KEPT:]:
        path.unlink(missing_ok=True)
