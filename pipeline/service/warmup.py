"""Loads the default engines in the background at start, so that the first visitor need not wait for them."""

from __future__ import annotations

import logging
import tempfile
import threading
from contextlib import closing
from pathlib import Path

from pipeline.plan import Plan, check
from pipeline.samples import HOPPER
from pipeline.spec import split

log = logging.getLogger(__name__)

_ended = threading.Event()


def in_background() -> threading.Thread:
    """Start warming up; the page is served meanwhile."""
    thread = threading.Thread(target=_warm, name="warm-up", daemon=True)
    thread.start()
    return thread


def is_over() -> bool:
    """Whether what can be loaded beforehand is loaded, so that jobs take no longer than they have to."""
    return _ended.is_set()


def _warm() -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            asked = {"subject": HOPPER.path, "text": "Hello.", "path": Path(folder, "warm-up.mp4")}
            _first_frame(check(*split(asked)))
    except Exception:
        log.exception("Warming up failed; the first video will take longer, or say why.")
    finally:
        _ended.set()


def _first_frame(plan: Plan) -> None:
    """Voice, tracker and the default engines: everything up to one drawn frame, and no file."""
    from pipeline import studio

    subject, parts = studio.load_subject(plan), list(studio.speech(plan))
    with closing(studio.animate(plan, subject, parts)) as clip:
        next(clip.frames)
