"""What tells people from their background: the embedded segmentation, or BiRefNet on a GPU."""

from __future__ import annotations

import logging
from typing import Literal

from pipeline.errors import MemoryShortageError

log = logging.getLogger(__name__)

_SMALLER = "The GPU's memory is too small for BiRefNet, so the embedded engine cut the presenter out."

Choice = Literal["auto", "embedded", "birefnet"]


def chosen(asked: Choice) -> Literal["embedded", "birefnet"]:
    """The engine that will run: `auto` is BiRefNet where there is a GPU and its file is on this machine.

    Raises:
        StudioError: this machine does not have the device that was named.
    """
    if asked != "auto":
        return asked
    from pipeline import hub

    if hub.find("birefnet") is None:
        return "embedded"
    from pipeline.inference import device

    return "embedded" if device.pick().type == "cpu" else "birefnet"


def settled(asked: Choice) -> Literal["embedded", "birefnet"]:
    """The engine that will run, where `auto` does without BiRefNet if the GPU's memory is too small for it.

    BiRefNet sees every picture at the same size, so that one picture tells.

    Raises:
        StudioError: this machine does not have the device that was named.
        CheckpointError: BiRefNet's file is damaged.
    """
    name = chosen(asked)
    if asked != "auto" or name == "embedded":
        return name
    import numpy as np

    from pipeline import engines

    try:
        engines.load("matting", name).frame(np.zeros((64, 64, 3), np.uint8))
    except MemoryShortageError:
        log.warning(_SMALLER)
        return "embedded"
    return name


def notes(asked: Choice, ran: str | None) -> tuple[str, ...]:
    """What is said of a video whose engine is not the one that was `chosen`; `ran` is None where none was."""
    return () if ran is None or ran == chosen(asked) else (_SMALLER,)
