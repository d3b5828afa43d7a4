"""Gradio in half the time: no stubs for editors, no libraries that the page does not use, one application.

Whenever a component class is made, Gradio parses the class's source and writes a `.pyi` file beside it; for
its own seventy classes that is most of the time of `import gradio`, and for ours it puts files among the
sources. Nothing at run time reads them, and no setting leaves them out. The SDK is imported in case Gradio
serves tools of its own; ours are served by `pipeline.api`, which imports it when the first agent calls. Trio,
where it is installed, is imported by an HTTP client that is never run on it.

A web application, with a hundred and sixty routes, is built when a page is begun, drawn, given a queue and
launched; only the last is ever asked.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_LEFT_OUT = ("mcp", "trio")


@contextmanager
def without_stubs() -> Iterator[None]:
    """Gradio imported inside writes no stubs, then or later, and does without what the page does not use.

    It has no effect where Gradio is imported already.
    """
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def without_collection() -> Iterator[None]:
    """What is made inside is there to stay, and is not searched for garbage while it grows."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def without_application() -> Iterator[None]:
    """What is done with a page inside builds no web application; `launch` does, and must be outside."""
    from gradio import blocks
    from gradio.routes import App

    class Unbuilt(App):
        @staticmethod
        def create_app(*_: object, **__: object) -> App:  # type: ignore[override]
            return App()

    whole, vars(blocks)["App"] = blocks.App, Unbuilt
    try:
        yield
    finally:
        vars(blocks)["App"] = whole


class _Finder(MetaPathFinder):
    """Finds the one module that writes stubs, and not what is left out."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in _LEFT_OUT:
            raise ModuleNotFoundError("the page does without it", name=fullname)
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
