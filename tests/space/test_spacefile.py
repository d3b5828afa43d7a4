"""A Spacefile is read whole, and what is wrong with one is a sentence with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from space.conftest import SPACEFILE

from pipeline.errors import SpaceError
from pipeline.space.spacefile import HARDWARE, Volume, read_spacefile

INCLUDE = '["README.md", "app.py", "requirements.txt", "assets/"]'
VOLUMES = """
[[volumes]]
type = "bucket"
source = "ada/clips"
mount = "/data"

[[volumes]]
type = "model"
source = "ada/weights"
mount = "/models"
revision = "main"
"""


def read(folder: Path, text: str):
    path = folder / "Spacefile"
    path.write_text(text, encoding="utf-8")
    return read_spacefile(path)


def test_what_is_left_out_has_defaults(tmp_path: Path) -> None:
    spacefile = read(tmp_path, SPACEFILE + VOLUMES)
    assert (spacefile.visibility, spacefile.python, spacefile.sleep_time) == ("public", "3.11", None)
    assert spacefile.volumes[1] == Volume(
        type="model", source="ada/weights", mount="/models", revision="main"
    )
    assert spacefile.include[-1] == "assets/"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("hardware =", "hardwear =", "line 4: there is no key 'hardwear'; did you mean 'hardware'?"),
        ('"cpu-basic"', '"t4"', "line 4: hardware = \"t4\" is not possible; did you mean 't4-small'?"),
        ('"studio"', '"a/b/c"', 'line 1: name = "a/b/c" is not possible; give a name or owner/name'),
        ('"studio"', '"a--b"', 'line 1: name = "a--b" is not possible'),
        ('"studio"', "5", "line 1: name = 5 is not possible; give text in quotation marks."),
        ('"6.31.0"', '"newest"', "line 3: sdk_version = \"newest\" is not possible; give a version such as"),
        ('title = "Studio"\n', "", "Spacefile: title is missing; add it."),
        ("title", "sleep_time = 60\ntitle", "line 2: sleep_time = 60 is not possible; leave it out"),
        ("title", 'secrets = "KEY"\ntitle', 'line 2: secrets = "KEY" is not possible; give a list'),
        ("title", 'secrets = ["MY KEY"]\ntitle', "give the name of an environment variable"),
        ("title", 'preload = ["lips:wavlip"]\ntitle', "called 'wavlip'; did you mean 'wav2lip'?"),
        ("title", 'preload = ["voice:nobody"]\ntitle', "line 2: preload = \"voice:nobody\" is not"),
        ("title", 'startup_timeout = "long"\ntitle', "give a number with s, m or h, such as 45m."),
        ("title =", "title", "is not valid TOML: Expected '=' after a key"),
        ('"/models"', '"models"', 'line 16: mount = "models" is not possible; give an absolute path'),
        ('"model"', '"modell"', "line 14: type = \"modell\" is not possible; did you mean 'model'?"),
        ("revision", "revison", "line 17: there is no key 'revison'; did you mean 'revision'?"),
        ('mount = "/models"\n', "", "line 13: mount is missing; add it."),
        (INCLUDE, "[]", "line 5: include = [] is not possible; name at least one."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = SPACEFILE + VOLUMES
    assert old in text
    with pytest.raises(SpaceError) as caught:
        read(tmp_path, text.replace(old, new, 1))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "Spacefile"))


def test_a_missing_spacefile(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match=r"There is no .*Spacefile; run this where it is"):
        read_spacefile(tmp_path / "Spacefile")


def test_the_machines_are_those_of_the_installed_client() -> None:
    from huggingface_hub import SpaceHardware

    assert {machine.value for machine in SpaceHardware} <= set(HARDWARE)
