"""How the page registers its events with Gradio: arguments that most of them share."""

from __future__ import annotations

from typing import Any

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""Not part of the page's HTTP API."""
QUIET: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
"""Also without Gradio's own spinner over the outputs."""
AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}
"""Also without waiting in Gradio's queue behind a render."""
