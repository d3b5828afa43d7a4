"""Folders of one user."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import platformdirs
import pytest

from pipeline import user_folders


def test_a_private_folder_is_this_users_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = user_folders.private_folder("compiled")
    assert folder is not None and folder.parent.stat().st_mode & 0o077 == 0
    folder.parent.chmod(0o777)
    assert user_folders.private_folder("compiled") is None
    shutil.rmtree(folder.parent)
    (tmp_path / "elsewhere").mkdir()
    folder.parent.symlink_to(tmp_path / "elsewhere")
    assert user_folders.private_folder("compiled") is None
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    assert user_folders.private_folder("compiled") is None


def test_without_a_home_the_cache_is_a_private_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name, appauthor: f"~/.cache/{name}")
    monkeypatch.setattr(user_folders.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = user_folders.cache_folder()
    assert folder.is_relative_to(tmp_path) and folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0


def test_with_a_home_the_cache_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name, appauthor: str(tmp_path / name))
    assert user_folders.cache_folder() == tmp_path / "talking-head-studio"
    assert not user_folders.cache_folder().exists()
