"""The web page: one Gradio interface over `pipeline.service`.

`build` draws the page and wires it; `serve` opens it. Each part of the page is a module with a frozen
dataclass of its components, a `draw` that makes them and a `wire` that says what they do. A part knows
Gradio, the models of `spec` and `service`; the rooms below come in with the first handler that needs them, so
that the page is up before any model is loaded. Nothing of a visitor is kept in a module: answers stay in the
visitor's own components, files in a folder per job. The page's script is `assets/page.js`.
"""

from pipeline.ui.gradio_stubs import without_collection, without_stubs

with without_collection(), without_stubs():
    from pipeline.ui.page import build, serve

__all__ = ["build", "serve"]
