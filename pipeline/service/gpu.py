"""Borrowing a GPU: on a ZeroGPU Space one is lent for the length of a job that has use for it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pipeline.plan import Plan
from pipeline.progress import Event
from pipeline.spec import Output, Scene

if TYPE_CHECKING:
    from pipeline.trust import Consent

_LEASE_SECONDS = 240
"""Longest stretch of a shared GPU that one job asks for."""

Render = Callable[[Scene, Output, bool, "Consent"], Generator[Event, None, None]]


def stream(plan: Plan, consent: Consent, *, preview: bool) -> Generator[Event, None, None]:
    """The studio's events, on a borrowed GPU where one is lent and an engine of the plan runs networks."""
    render = _on_gpu if plan.checkpoints else _render
    return render(plan.scene, plan.output, preview, consent)


def _render(scene: Scene, output: Output, preview: bool, consent: Consent) -> Generator[Event, None, None]:
    from pipeline import studio

    yield from studio.stream(scene, output, preview=preview, consent=consent)


def _borrowed(render: Render) -> Render:
    """`render` as ZeroGPU runs it, in a process of its own; itself where nothing is lent.

    It must be wrapped while the program starts: ZeroGPU looks for wrapped functions then.
    """
    if find_spec("spaces") is None:
        return render
    wrapped: Render = import_module("spaces").GPU(duration=_LEASE_SECONDS)(render)
    return wrapped


_on_gpu = _borrowed(_render)
