"""What tells people from their background: the embedded segmentation, or BiRefNet on a GPU."""

from __future__ import annotations

from typing import Literal

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
    from pipeline import device

    return "embedded" if device.pick().type == "cpu" else "birefnet"
