"""axe-core, which finds what keyboards and screen readers trip over."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_SETTLED = """for (const each of document.getAnimations())
    if (each instanceof CSSTransition) each.finish();"""
"""Colours that are on their way from one to another would be measured as they are."""

_SERIOUS = """const done = arguments[0];
axe.run({resultTypes: ['violations']}).then(found => done(found.violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => each.id + ': ' + each.nodes.map(node => node.html.slice(0, 90)).join(' | '))));"""


def source(folder: Path) -> str:
    """The source of axe-core, which npm fetches into an empty folder; the test is skipped where it cannot."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core needs npm")
    fetched = subprocess.run([npm, "pack", "axe-core@4"], cwd=folder, capture_output=True, text=True)
    if fetched.returncode:
        pytest.skip("axe-core cannot be downloaded")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")


def serious(browser: Any, axe: str) -> list[str]:
    """The serious and critical violations on the page as it is, with the elements concerned."""
    if not browser.execute_script("return 'axe' in window"):
        browser.execute_script(axe)
    browser.execute_script(_SETTLED)
    found: list[str] = browser.execute_async_script(_SERIOUS)
    return found
