"""Trains how far the lips part for given blendshapes; `training/basis.py` stores it in the face basis.

One hidden layer of softplus units on the blendshapes of mouth and jaw, left and right averaged. Where no clip
has data (a single blendshape, all others at rest) its targets are those of the linear basis, so that
blendshapes written by hand or by a capture suite stay sensible, and lips that the studio's own motions press
together are closed on every face. torch, because a hinge has no closed-form solution.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.puppet.geometry.lip_aperture import LipAperture, as_tracked
from pipeline.types import BLENDSHAPES, SHAPE
from training.face_clips import FaceClip

if TYPE_CHECKING:
    import torch

_HIDDEN, _STEPS, _BATCH = 24, 3000, 512
_PRESSED = {"mouthPress": 0.16, "mouthRollLower": 0.14, "mouthRollUpper": 0.10, "mouthShrugLower": 0.10}
"""Blendshapes that close a mouth, whatever else the face does, once nothing opens it."""
_OPENERS = ("jawOpen", "mouthFunnel", "mouthLowerDown", "mouthUpperUp")
_SIDEWAYS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
_PRIOR_WEIGHT = 0.15
"""Weight of the linear basis' predictions against the clips; pressed lips have twice as much."""
_UNITS_PER_GAP = 10.0
"""Gaps are learned in tenths of an inter-ocular distance."""
_PRESSED_TARGET = -0.2
"""Target of pressed lips, in that unit: surely closed."""


def lip_gaps(clip: FaceClip) -> np.ndarray:
    """The gap between the inner lips `(T,)` in inter-ocular distances, 0 where this speaker's lips touch."""
    distance = np.linalg.norm(clip.faces[:, LOWER_LIP] - clip.faces[:, UPPER_LIP], axis=1)
    # beards and the tracker's bias leave a gap between closed lips that differs between speakers
    return np.maximum(distance - min(float(np.percentile(distance, 2)), 0.025), 0)


def fit_aperture(clips: list[FaceClip], basis: np.ndarray, curve: np.ndarray) -> LipAperture:
    """The network for aligned clips; `basis` `(52, 478, 3)` and `curve` `(2, K)` give the prior."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    pooling = _average_sides()
    blendshapes = np.concatenate([as_tracked(clip.blendshapes) for clip in clips])
    ceiling = np.percentile(blendshapes @ pooling, 99.8, axis=0) + 0.02
    spread = (blendshapes @ pooling).std(0) + 0.02
    prior, prior_gaps = _prior(basis, curve)
    prior_inputs = np.minimum(prior @ pooling, ceiling)
    gaps = np.concatenate([lip_gaps(clip) for clip in clips])
    weight = np.concatenate([np.full(len(clip.blendshapes), len(clip.blendshapes) ** -0.5) for clip in clips])
    pressed = np.minimum(_press_lips(blendshapes) @ pooling, ceiling)
    sets = [
        (blendshapes @ pooling / spread, _UNITS_PER_GAP * gaps, weight / weight.mean()),
        (prior_inputs / spread, _UNITS_PER_GAP * prior_gaps, np.full(len(prior), _PRIOR_WEIGHT)),
        (pressed / spread, np.full(len(gaps), _PRESSED_TARGET), np.full(len(gaps), 2 * _PRIOR_WEIGHT)),
    ]
    tensors = [tuple(torch.tensor(x, dtype=torch.float32) for x in columns) for columns in sets]
    weights, bias, out_weights, out_bias = _optimize(tensors)
    return LipAperture(
        # blendshapes outside every pool are ones that the network does not read
        ceiling=(pooling > 0) @ ceiling,
        weights=pooling @ (weights / spread[:, None]),
        bias=bias,
        out_weights=out_weights / _UNITS_PER_GAP,
        out_bias=float(out_bias[0]) / _UNITS_PER_GAP,
    )


def _optimize(sets: list[tuple[torch.Tensor, ...]]) -> Iterator[np.ndarray]:
    """Weights by Adam on random samples of each set of inputs, targets and weights."""
    import torch

    inputs = sets[0][0].shape[1]
    weights, bias = 0.3 * torch.randn(inputs, _HIDDEN), torch.randn(_HIDDEN)
    parameters = [x.requires_grad_() for x in (weights, bias, torch.full((_HIDDEN,), 0.3), torch.zeros(1))]
    optimizer = torch.optim.Adam(parameters, 2e-2, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, _STEPS)
    for _ in range(_STEPS):
        loss = torch.zeros(())
        for blendshapes, gaps, weight in sets:
            chosen = torch.randint(len(blendshapes), (_BATCH,))
            hidden = torch.nn.functional.softplus(blendshapes[chosen] @ parameters[0] + parameters[1])
            error = _robust_error(hidden @ parameters[2] + parameters[3], gaps[chosen])
            loss = loss + (weight[chosen] * error).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return (x.detach().numpy() for x in parameters)


def _robust_error(predicted: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Huber's loss, in which lips that touch may press together at little cost."""
    import torch

    error = predicted - true
    pressed = (true < 0.005 * _UNITS_PER_GAP) & (error < 0) & (error > -0.1 * _UNITS_PER_GAP)
    error = torch.where(pressed, 0.1 * error, error)
    return torch.nn.functional.smooth_l1_loss(error, torch.zeros_like(error), beta=0.3, reduction="none")


def _average_sides() -> np.ndarray:
    """`(52, K)`: from blendshapes to what the network reads, the mean of left and right."""
    pools: dict[str, list[int]] = {}
    for name, index in SHAPE.items():
        if name.startswith(("mouth", "jaw")) and name not in _SIDEWAYS:
            pools.setdefault(name.removesuffix("Left").removesuffix("Right"), []).append(index)
    pooling = np.zeros((len(BLENDSHAPES), len(pools)))
    for column, members in enumerate(pools.values()):
        pooling[members, column] = 1 / len(members)
    return pooling


def _press_lips(blendshapes: np.ndarray) -> np.ndarray:
    """The same faces `(T, 52)` with their lips pressed together, as the studio's own motions close them."""
    pressed = blendshapes.copy()
    for name, index in SHAPE.items():
        bare = name.removesuffix("Left").removesuffix("Right")
        if bare in _OPENERS:
            pressed[:, index] = 0
        pressed[:, index] = np.maximum(pressed[:, index], _PRESSED.get(bare, 0.0))
    return pressed


def _prior(basis: np.ndarray, curve: np.ndarray, *, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Sparse blendshapes `(count, 52)`, the same on both sides, and the gaps that the basis predicts."""
    random = np.random.default_rng(0)
    active = random.uniform(0, 0.9, (count, len(BLENDSHAPES)))
    blendshapes = active * (random.random((count, len(BLENDSHAPES))) < 0.12)
    for name, index in SHAPE.items():
        if name.endswith("Right") and name not in _SIDEWAYS:
            blendshapes[:, index] = blendshapes[:, SHAPE[name.removesuffix("Right") + "Left"]]
    blendshapes = as_tracked(blendshapes)
    gaps = np.interp(blendshapes @ (basis[:, LOWER_LIP] - basis[:, UPPER_LIP])[:, 1], *curve)
    return blendshapes, gaps
