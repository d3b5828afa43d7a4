"""The documentation names what there is: every option, parameter, engine and function."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import pipeline
from pipeline import engines, options
from pipeline.cards import Layer
from pipeline.cli import commands
from pipeline.service import form
from pipeline.space.spacefile import Spacefile, Volume
from pipeline.spec import Output, Scene

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def words(page: str) -> set[str]:
    """What a page says in code spans, without their backquotes."""
    return set(re.findall(r"`([^`\n]+)`", (ROOT / page).read_text(encoding="utf-8")))


def every_command(group: click.Group = commands) -> Iterator[click.Command]:
    """The shell's commands, those in groups too."""
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from every_command(command)


def test_every_flag_of_the_shell_is_documented() -> None:
    flags = {
        flag
        for command in every_command()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for flag in parameter.opts
    }
    page = (ROOT / "docs/shell.md").read_text(encoding="utf-8")
    assert {"--text", "--pace", "--device"} <= flags
    assert {flag for flag in flags if not re.search(rf"{flag}\b", page)} == set()
    assert {command.name for command in every_command() if str(command.name) not in page} == set()


def test_every_key_of_the_spacefile_is_documented() -> None:
    assert {*Spacefile.model_fields, *Volume.model_fields} - keys("docs/deploy.md") == set()


def keys(page: str) -> set[str]:
    """What a page says in code spans and in blocks of TOML."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    return words(page) | set(re.findall(r"\w+", blocks))


def test_every_option_of_python_is_documented() -> None:
    known = {*Scene.model_fields, *Output.model_fields} - {"subject", "path"}
    assert known - words("docs/python.md") == set()
    assert set(pipeline.__all__) - set(re.findall(r"\w+", (ROOT / "docs/python.md").read_text())) <= {
        "Assessment", "Card", "Event", "VoiceCard"
    }  # fmt: skip


def test_every_parameter_of_http_is_documented() -> None:
    assert {*form.fields(), *form.UPLOADS} - words("docs/http.md") == set()


@pytest.mark.parametrize("layer", engines.ENGINES)
def test_every_engine_and_its_options_are_documented(layer: Layer) -> None:
    for name in engines.ENGINES[layer]:
        known = {field.name for field in options.fields(engines.option_type(layer, name))}
        assert {name, *known} - words("docs/engines.md") == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_in_python_use_names_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module == "pipeline":
                assert {alias.name for alias in node.names} <= set(pipeline.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith("http")]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_sample_is_small_enough_to_be_shown_at_once() -> None:
    assert (ROOT / "docs" / "sample.webp").stat().st_size <= 2_000_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_call_what_there_is_with_what_it_takes(page: Path) -> None:
    known: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        tree = ast.parse(block)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("pipeline"):
                module = importlib.import_module(str(node.module))
                known |= {name.asname or name.name: getattr(module, name.name) for name in node.names}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in known:
                given = {str(each.arg): None for each in call.keywords}
                inspect.signature(known[call.func.id]).bind(*call.args, **given)
