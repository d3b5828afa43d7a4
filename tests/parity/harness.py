"""What every parity test does: read a fixture, build its inputs, fill its network, compare.

A fixture is a folder beside this file: `manifest.json` states the checkpoint's layout, the inputs' rules and
the tolerances; `golden.npz` holds what the published network gave for them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from parity import filling

if TYPE_CHECKING:
    import torch

FOLDER = Path(__file__).parent
DEVICE = os.environ.get("PARITY_DEVICE", "cpu")
"""Where the networks run: with "cuda", a card's arithmetic in float32 is held to the same goldens."""


@dataclass(frozen=True)
class Fixture:
    """One folder of goldens."""

    name: str

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return json.loads((FOLDER / self.name / "manifest.json").read_text())

    @cached_property
    def golden(self) -> dict[str, np.ndarray]:
        """Every recorded output by its key."""
        with np.load(FOLDER / self.name / "golden.npz") as file:
            return dict(file)

    def shapes(self, key: str = "tensors") -> dict[str, tuple[int, ...]]:
        """The checkpoint's layout as listed in the manifest."""
        return {name: tuple(shape) for name, shape in self.manifest[key].items()}

    def input(self, argument: str, *, call: str | None = None) -> np.ndarray:
        """One argument, made by its rule; of a further call where `call` names one."""
        return make_input(self._call(call)["inputs"][argument])

    def tensor(self, argument: str, *, call: str | None = None) -> torch.Tensor:
        """The same as a tensor."""
        import torch

        return torch.from_numpy(self.input(argument, call=call)).to(DEVICE)

    def _call(self, call: str | None) -> dict[str, Any]:
        if call is None:
            return self.manifest
        return {**self.manifest.get("more_calls", {}), **self.manifest.get("extra_cases", {})}[call]

    def fill(self, module: torch.nn.Module, *, layout: str = "tensors") -> torch.nn.Module:
        """Loads the rule's weights in the manifest's layout, strictly, and sets `module` to evaluation."""
        module.load_state_dict(_filled(self.name, layout), strict=True)
        return module.eval().to(DEVICE)

    def check(self, key: str, ours: Any, *, tolerance: float | None = None) -> None:
        """Fails unless `ours` is the golden `key` within `tolerance` (default: what the manifest states).

        A key "case/output" is an output of an extra case.
        A golden stored with a stride is compared at the places that were stored, and its whole by the
        recorded shape and mean.
        """
        ours = _array(ours)
        allowed = self.manifest["tolerance"][key] if tolerance is None else tolerance
        call, _, output = key.rpartition("/")
        facts = self._call(call or None)["outputs"].get(output, {})
        if "shape" in facts:
            assert list(ours.shape) == list(facts["shape"]), f"{key}: {ours.shape}, not {facts['shape']}"
        if "mean" in facts:
            off = abs(float(ours.astype(np.float64).mean()) - facts["mean"])
            assert off <= allowed + 1e-6, f"{key}: mean off by {off:.3g}, allowed {allowed:g}"
        stored = self.golden[key]
        thinned = ours[tuple(slice(None, None, step) for step in facts.get("stride", ()))]
        worst = float(np.abs(thinned.astype(np.float64) - stored.astype(np.float64)).max())
        assert worst <= allowed, f"{key}: off by {worst:.3g}, allowed {allowed:g}"


@lru_cache(maxsize=1)  # tests of one network follow one another
def _filled(name: str, layout: str) -> dict[str, torch.Tensor]:
    """The rule's weights for a layout of a fixture, which are only read."""
    return filling.state_dict(Fixture(name).shapes(layout))


def make_input(rule: dict[str, Any]) -> np.ndarray:
    """The array that an entry of a manifest's `inputs` describes (a signal, perhaps repeated, or values)."""
    if "values" in rule or "literal" in rule:
        return np.array(rule.get("values", rule.get("literal")))
    made = filling.signal(rule["signal"], tuple(rule["shape"]), rule["low"], rule["high"])
    return enlarge(made, rule.get("repeat", ()))


def enlarge(array: np.ndarray, times: tuple[int, ...]) -> np.ndarray:
    """`array` with each element repeated `times[axis]` times along each axis."""
    for axis, count in enumerate(times):
        array = np.repeat(array, count, axis)
    return np.ascontiguousarray(array)


def _array(value: Any) -> np.ndarray:
    detach = getattr(value, "detach", None)
    return np.asarray(detach().cpu().numpy() if detach else value)
