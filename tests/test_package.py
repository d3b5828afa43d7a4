"""The package as it is installed: its requirements, its wheel, its licences."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def listed(path: str) -> list[str]:
    """The requirements in a file, without comments and references to other files."""
    lines = (line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def declared(heading: str) -> list[str]:
    """The list of strings under a heading of pyproject.toml (tomllib comes only with Python 3.11)."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(rf"^{heading} = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return re.findall(r'^\s+"(.*)",$', found[1], re.MULTILINE)


def installed(requirements: list[str]) -> dict[str, importlib.metadata.Distribution]:
    """The distributions that these requirements bring along, by name."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = [Requirement(line) for line in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[name] = importlib.metadata.distribution(name)
        waiting += [Requirement(line) for line in found[name].requires or []]
    return found


def test_pyproject_and_requirements_hold_the_same_lines() -> None:
    assert declared("dependencies") + declared("networks") == listed("requirements.txt")
    assert declared("dev") == listed("tests/requirements.txt")


def test_what_is_installed_fits_the_requirements() -> None:
    for line in [*listed("requirements.txt"), *listed("tests/requirements.txt")]:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            version = importlib.metadata.version(requirement.name)
            assert requirement.specifier.contains(version, prereleases=True), f"{line}: {version}"


def test_exactly_one_distribution_provides_opencv() -> None:
    """opencv-python, opencv-contrib-python and the headless builds overwrite one another's files."""
    owners = {
        distribution.name
        for distribution in importlib.metadata.distributions()
        if any(file.parts[0] == "cv2" for file in distribution.files or ())
    }
    assert owners == {"opencv-contrib-python"}


def test_notice_says_where_every_large_file_comes_from() -> None:
    """Of those that nobody can read as a text; a folder's line is for all in it."""
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").split("Installed with")[0]
    named = re.findall(r"(?:assets|docs|tests)/[\w./-]*", notice)
    listed_files = subprocess.run(
        ["git", "ls-files", "assets", "docs", "tests", "pipeline"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    binary = [
        name for name in listed_files if (ROOT / name).stat().st_size > 20_000 and not _is_text(ROOT / name)
    ]
    assert len(binary) > 40 or not listed_files
    assert [name for name in binary if not name.startswith(tuple(named))] == []


def _is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]


def test_notice_names_every_requirement_and_every_copyleft_package_behind_them() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower()
    named = set(re.findall(r"[a-z0-9_-]+", notice))
    direct = {Requirement(line).name.lower() for line in listed("requirements.txt")}
    copyleft = {
        name
        for name, distribution in installed(listed("requirements.txt")).items()
        if re.search(r"GPL|MPL|General Public|Mozilla", licence(distribution))
    }
    assert {"soxr", "tqdm"} <= copyleft
    assert (direct | copyleft) - named == set()


def licence(distribution: importlib.metadata.Distribution) -> str:
    """What a distribution's metadata says of its licence, on one line."""
    metadata = distribution.metadata
    said = [metadata.get("License-Expression", ""), (metadata.get("License", "") or "").split("\n")[0]]
    return " ".join([*said, *(line for line in metadata.get_all("Classifier", []) if "License" in line)])


@pytest.mark.slow
def test_the_wheel_runs_without_the_checkout(tmp_path: Path) -> None:
    """Built with pip, which downloads the build backend."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        names = archive.namelist()
    assert {"pipeline/_assets/models/face_landmarker.task", "pipeline/_assets/style.css"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"pipeline", next(iter(site.glob("*.dist-info"))).name}
    code = (
        "from pipeline import render; from pipeline.assets import PORTRAITS; "
        "print(render(PORTRAITS / 'hopper.jpg', 'talk.mp4', text='Hello.').duration)"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=site, check=True, capture_output=True, text=True)
    assert float(made.stdout) > 0
    assert (site / "talk.mp4").stat().st_size > 10_000
