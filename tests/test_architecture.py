"""The order of the packages: each imports only from those above it in docs/architecture.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def listed() -> list[str]:
    """The packages and modules at the top of `pipeline`, in the order of the document's table."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.split("## Folders and modules")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    return [name.rstrip("/").removesuffix(".py") for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name; a package's own module ends in `.__init__`."""
    found = {}
    for path in (ROOT / "pipeline").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """The modules of `pipeline` that a module imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("pipeline."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pipeline":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else str(node.module)


def upwards(trees: dict[str, ast.Module], order: list[str]) -> list[str]:
    """The imports that go against the order, as "importer -> imported"."""
    known = {name.removesuffix(".__init__") for name in trees}
    place = {f"pipeline.{name}": number for number, name in enumerate(order)}
    found = []
    for name, tree in trees.items():
        own = ".".join(name.split(".")[:2])
        for other in imported(tree, known):
            theirs = ".".join(other.split(".")[:2])
            if own in place and theirs in place and place[theirs] > place[own]:
                found.append(f"{name} -> {other}")
    return found


def test_the_document_lists_every_package_and_module() -> None:
    at_the_top = {name.split(".")[1] for name in sources()} - {"__init__", "__main__"}
    assert sorted(listed()) == sorted(at_the_top)


def test_nothing_imports_from_below_itself() -> None:
    assert upwards(sources(), listed()) == []


@pytest.mark.parametrize(
    "line", ["from pipeline import studio", "from pipeline.studio import stream", "import pipeline.studio"]
)
def test_an_import_from_below_is_found(line: str) -> None:
    trees = {"pipeline.video.reader": ast.parse(f"def late():\n    {line}"), "pipeline.studio": ast.parse("")}
    assert upwards(trees, ["video", "studio"]) == ["pipeline.video.reader -> pipeline.studio"]
    assert upwards(trees, ["studio", "video"]) == []


def test_what_decides_about_pictures_is_there() -> None:
    """The key of a kept segment holds the sources of these; one that is missing would count as empty."""
    from pipeline.script import keys

    assert [name for name in keys._DRAWING if not (ROOT / "pipeline" / name).exists()] == []
