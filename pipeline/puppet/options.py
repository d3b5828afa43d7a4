"""What can be chosen about the embedded face, for its head and its lips alike."""

from __future__ import annotations

from typing import Literal

from pipeline import options

Teeth = Literal["auto", "upper", "lower", "none"]


class Options(options.Options):
    """How the puppet draws what a photo does not show."""

    teeth: Teeth = "auto"
    """The row of teeth that shows while speaking. `auto` takes it from a photo that shows teeth, and shows a
    little of the upper one where none does."""
