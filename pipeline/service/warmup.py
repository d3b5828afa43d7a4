"""Loading what the first visitor would otherwise wait for, while nobody does yet."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import closing
from pathlib import Path

from pipeline import studio
from pipeline.request import Request
from pipeline.samples import HOPPER

log = logging.getLogger(__name__)


def in_background() -> threading.Thread:
    """Start warming up; the page is served meanwhile."""
    thread = threading.Thread(target=_warm, name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    try:
        _first_frame(Request(subject=HOPPER.path, output=Path(os.devnull), text="Hello."))
    except Exception:
        log.exception("warming up failed; the first video will take longer or say why")


def _first_frame(request: Request) -> None:
    """Voice, tracker and the default engines: everything up to one drawn frame, and no file."""
    subject, speech = studio.load_subject(request), list(studio.speech(request))
    with closing(studio.animate(request, subject, speech, speech, request.played())) as frames:
        next(frames)
