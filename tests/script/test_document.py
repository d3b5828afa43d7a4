"""The models of a script, and the JSON Schema that editors read."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline import spec
from pipeline.script.document import Line, Presenter, Script, json_schema


def test_fields_are_those_of_a_single_render() -> None:
    for name in ("face", "voice", "pace", "style", "emotion", "blinks", "seed"):
        field, other = Presenter.model_fields[name], spec.Scene.model_fields[name]
        assert (field.default, field.description) == (other.default, other.description)
    assert Line.model_fields["pace"].default is None
    with pytest.raises(ValidationError):
        Line(text="Hi.", pace=3.0)


def test_scripts_are_frozen() -> None:
    script = Script.model_validate({"scenes": [{}]})
    with pytest.raises(ValidationError):
        script.title = "Other"


def test_the_schema_describes_every_field_and_allows_plain_lines() -> None:
    schema = json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, field in model.get("properties", {}).items():
            assert "$ref" in field or field.get("description"), name
    lines = schema["$defs"]["Scene"]["properties"]["lines"]["items"]["anyOf"]
    assert {"type": "string"} in lines
