"""The web page: one Gradio interface over `pipeline.studio`.

`build` draws the page and wires it; `serve` opens it. Each part of the page is a module with a frozen
dataclass of its components, a `draw` that makes them and a `wire` that says what they do. A part knows
Gradio, the studio's request and the rooms' public functions, which it imports inside its handlers, so that
the page is up before any model is loaded. Nothing of a visitor lives in a module: answers stay in the
visitor's own components, files in a folder per job.
"""

from pipeline.ui.gradio_stubs import without_stubs

with without_stubs():
    from pipeline.ui.page import build, serve

__all__ = ["build", "serve"]
