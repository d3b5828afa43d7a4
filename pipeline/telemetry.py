"""What libraries would report to their makers, turned off before any of them is imported.

onnxruntime's wheels send usage statistics to Microsoft and keep a device id in the home folder; Gradio and
huggingface_hub report imports and look for new versions. The studio sends nothing by itself, so importing
`pipeline` turns all of that off, whichever way a program comes in. A variable that is set already is left as
it is.
"""

from __future__ import annotations

import os

_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
"""Environment variables that are read when the libraries are imported."""


def turn_off() -> None:
    """Set the variables that turn reports and version checks off, where they are not set."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
