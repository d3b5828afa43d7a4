"""Importing Gradio in half the time: without the stub files it writes for editors, and without the MCP SDK.

Whenever a component class is made, Gradio parses the class's source and writes a `.pyi` file beside it; for
its own seventy classes that is most of the time of `import gradio`, and for ours it puts files among the
sources. Nothing at run time reads them, and no setting leaves them out. The SDK is imported in case Gradio
serves tools of its own; ours are served by `pipeline.api`, which imports it when the first agent calls.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType


@contextmanager
def without_stubs() -> Iterator[None]:
    """Gradio imported inside writes no stubs, then or later, and does without the MCP SDK.

    It has no effect where Gradio is imported already.
    """
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds the one module that writes stubs, and not the SDK."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "mcp":
            raise ModuleNotFoundError("the page serves no tools of Gradio's", name=fullname)
        if fullname != "gradio.component_meta":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        vars(module)["create_or_modify_pyi"] = _write_nothing


def _write_nothing(component_class: type, class_name: str, events: Sequence[object]) -> None:
    """In place of Gradio's `create_or_modify_pyi`."""
