"""Where the files that ship with the studio lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).resolve().parent / "_assets"

ASSETS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).resolve().parents[1] / "assets"
FONTS = ASSETS / "fonts"
MODELS = ASSETS / "models"
PORTRAITS = ASSETS / "portraits"
VOICES = ASSETS / "voices"
