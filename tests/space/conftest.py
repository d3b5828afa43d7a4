"""What the tests of Spaces share: a stand-in of the Hub, and a small checkout to deploy."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from space import hubserver, hubstate

TOKEN = "hf_ada"

SPACEFILE = """\
name = "studio"
title = "Studio"
sdk_version = "6.31.0"
hardware = "cpu-basic"
include = ["README.md", "app.py", "requirements.txt", "assets/"]
exclude = ["*.tmp"]
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[hubstate.Hub]:
    """The stand-in, to which huggingface_hub is pointed; ada's token is in the environment."""
    from huggingface_hub import constants

    with hubserver.serve() as server:
        server.accounts[TOKEN] = hubstate.Account("ada")
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield server


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout with a Spacefile, a small and a binary file, and some that must not be uploaded."""
    root = tmp_path / "checkout"
    contents: dict[str, bytes] = {
        "Spacefile": SPACEFILE.encode(),
        "README.md": b"# Studio\n",
        "app.py": b"print('hello')\n",
        "requirements.txt": b"gradio\n",
        "assets/[photo] 1.bin": bytes(range(256)) * 20,
        "assets/words.txt": b"Good morning.\n",
        "assets/draft.tmp": b"left out\n",
        "tests/test_app.py": b"not included\n",
    }
    for name, data in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    (root / "assets" / "untracked.txt").write_text("not tracked\n")
    return root


def git(root: Path, *arguments: str) -> None:
    """Run git in a checkout."""
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def write(root: Path, old: str, new: str) -> Path:
    """Replace a line of the Spacefile, and return its path."""
    path = root / "Spacefile"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path
