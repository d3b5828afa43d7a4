"""README.md's header is the one that the Spacefile makes."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from space.conftest import SPACEFILE, write

from pipeline.cli import main
from pipeline.space.header import header, with_header
from pipeline.space.preload import needed_files, preloaded
from pipeline.space.spacefile import read_spacefile

ROOT = Path(__file__).parents[2]


def test_the_readme_has_the_header_of_the_spacefile() -> None:
    """Otherwise run `python -m pipeline space header`."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_header(readme, read_spacefile(ROOT / "Spacefile")) == readme


def test_the_space_installs_the_gradio_that_is_tested_here() -> None:
    assert read_spacefile(ROOT / "Spacefile").sdk_version == version("gradio")


def test_the_header_is_yaml_that_says_what_the_spacefile_says(checkout: Path) -> None:
    path = write(
        checkout, 'title = "Studio"',
        'title = "Yes: a #1 studio"\nshort_description = "no"\npython = "3.12"\n'
        'preload = ["lips:musetalk", "head:liveportrait", "voice:fr_FR-siwis-medium", "voice:joe"]',
    )  # fmt: skip
    settings = yaml.safe_load(header(read_spacefile(path)).strip("-\n"))
    assert settings["title"] == "Yes: a #1 studio"
    assert (settings["short_description"], settings["python_version"]) == ("no", "3.12")
    assert (settings["sdk"], settings["sdk_version"], settings["app_file"]) == ("gradio", "6.31.0", "app.py")
    assert (settings["suggested_hardware"], settings["startup_duration_timeout"]) == ("cpu-basic", "30m")
    entries = {entry.split(" ")[0]: entry.split(" ")[1:] for entry in settings["preload_from_hub"]}
    unet, config = "musetalkV15/unet.pth", "musetalkV15/musetalk.json"
    assert set(entries["TMElyralab/MuseTalk"][0].split(",")) == {unet, config}
    assert entries["rhasspy/piper-voices"][0].endswith(".onnx.json")


@pytest.mark.parametrize("model", ["lips:musetalk", "head:liveportrait", "voice:fr_FR-siwis-medium"])
def test_every_file_of_a_model_is_preloaded_at_its_revision(model: str) -> None:
    entries = [entry.split(" ") for entry in preloaded([model, model])]
    listed = {
        (repo, file, rest[0] if rest else None) for repo, files, *rest in entries for file in files.split(",")
    }
    assert listed == {(each.repo, each.file, each.revision) for each in needed_files(model)}
    assert listed


def test_the_command_writes_the_header_once(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["space", "header", "--file", str(checkout / "Spacefile")]
    assert SPACEFILE in (checkout / "Spacefile").read_text()
    assert main(flags) == 0
    written = (checkout / "README.md").read_text(encoding="utf-8")
    assert written.startswith("---\ntitle: Studio\n") and written.endswith("---\n\n# Studio\n")
    assert main(flags) == 0
    assert (checkout / "README.md").read_text(encoding="utf-8") == written
    assert "up to date" in capsys.readouterr().err
