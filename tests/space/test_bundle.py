"""What goes into a Space, and what is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from space.conftest import git, write

from pipeline.errors import SpaceError
from pipeline.space import bundle
from pipeline.space.spacefile import read_spacefile

ROOT = Path(__file__).parents[2]


def staged(checkout: Path, folder: Path) -> set[str]:
    path = checkout / "Spacefile"
    bundle.stage(read_spacefile(path), path, folder)
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


def test_the_spacefile_of_this_repository_takes_what_the_page_needs(tmp_path: Path) -> None:
    names = staged(ROOT, tmp_path)
    tracked = set(bundle.tracked(ROOT))
    assert names <= tracked
    assert {name for name in tracked if name.startswith(("pipeline/", "assets/"))} <= names
    assert {"app.py", "requirements.txt", "packages.txt", "LICENSE"} <= names
    assert not any(name.startswith(("tests/", "training/", "benchmarks/")) for name in names)


def test_folders_patterns_and_names() -> None:
    spacefile = read_spacefile(ROOT / "Spacefile").model_copy(
        update={"include": ("pipeline/", "*.txt", "docs/*.md"), "exclude": ("*.pyc", "pipeline/old/")}
    )
    wanted = {"pipeline/a.py", "pipeline/x/b.py", "notes/c.txt", "docs/d.md"}
    unwanted = {"pipeline/a.pyc", "pipeline/old/e.py", "docs/f.png", "a/docs/g.md", "pipelines.py"}
    assert {name for name in wanted | unwanted if bundle.is_included(name, spacefile)} == wanted


def test_what_was_deleted_but_is_still_tracked_is_left_out(checkout: Path, tmp_path: Path) -> None:
    (checkout / "assets" / "words.txt").unlink()
    assert "assets/words.txt" not in staged(checkout, tmp_path / "staged")


@pytest.mark.parametrize("target", ["../untracked.txt", "untracked.txt", "/etc/hostname"])
def test_a_link_leads_to_a_file_that_git_tracks(checkout: Path, tmp_path: Path, target: str) -> None:
    (checkout / "untracked.txt").write_text("a secret\n")
    link = checkout / "assets" / "link.txt"
    link.symlink_to("words.txt")
    git(checkout, "add", "assets/link.txt")
    assert "assets/link.txt" in staged(checkout, tmp_path / "inside")
    link.unlink()
    link.symlink_to(target)
    with pytest.raises(SpaceError, match=r"assets/link\.txt is a link to a file that git does not track"):
        staged(checkout, tmp_path / "outside")


def test_too_much_names_the_largest_file(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (checkout / "assets" / "film.bin").open("wb") as file:
        file.truncate(1_200_000_000)  # a hole, which takes no room
    git(checkout, "update-index", "--add", "--cacheinfo", "100644," + "0" * 39 + "1,assets/film.bin")
    with pytest.raises(SpaceError, match=r"1,200 MB, more than the 1,000 MB .* assets/film.bin \(1,200 MB\)"):
        staged(checkout, tmp_path / "staged")


def test_a_folder_that_git_does_not_know(checkout: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (checkout / "Spacefile").rename(plain / "Spacefile")
    with pytest.raises(SpaceError, match="is not a git checkout; clone the repository"):
        staged(plain, tmp_path / "staged")


def test_the_program_must_be_there(checkout: Path, tmp_path: Path) -> None:
    write(checkout, '"app.py", ', "")
    with pytest.raises(SpaceError, match=r"The Space needs app\.py"):
        staged(checkout, tmp_path / "staged")
