"""Values that are None, as JSON's null arrives: one sentence about the parameter, or the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import OptionError
from pipeline.options import Field, fields
from pipeline.spec import Output, Scene, split

REQUIRED = [field for field in [*fields(Scene), *fields(Output)] if field.default not in (None, ())]


@pytest.mark.parametrize("field", REQUIRED, ids=lambda field: field.name)
def test_null_for_what_has_a_value_is_one_sentence(field: Field, tmp_path: Path) -> None:
    given = {"subject": tmp_path / "a.jpg", "path": tmp_path / "a.mp4", "text": "Hi.", field.name: None}
    with pytest.raises(OptionError, match=field.name) as refused:
        split(given)
    assert refused.value.parameter == field.name


def test_null_for_a_list_of_files_is_none_of_them(tmp_path: Path) -> None:
    scene, _ = split({"subject": tmp_path / "a.jpg", "path": tmp_path / "a.mp4", "teeth_from": None})
    assert scene.teeth_from == ()


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, float("nan")])
def test_a_seed_out_of_range_is_one_sentence(seed: float, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="seed"):
        split({"subject": tmp_path / "a.jpg", "path": tmp_path / "a.mp4", "seed": seed})
