"""Learns how far the lips part at given scores; `training/basis.py` puts it into the face basis.

One hidden layer of softplus units on the mouth's and the jaw's scores, left and right taken together. Where
no clip says anything (a single score, all others at rest) it is taught what the linear basis tells, so that
scores written by hand or by a capture suite stay sensible, and that lips which the studio's own motions press
together are closed on every face. torch, because a hinge has no closed solution.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pipeline.puppet.geometry.lip_aperture import Opening, as_tracked
from pipeline.types import BLENDSHAPES, SHAPE

if TYPE_CHECKING:
    import torch

    from training.basis import Clip

UNITS, STEPS, BATCH = 24, 3000, 512
CLOSING = {"mouthPress": 0.16, "mouthRollLower": 0.14, "mouthRollUpper": 0.10, "mouthShrugLower": 0.10}
"""Scores that close a mouth, whatever else the face does, once nothing opens it."""
OPENERS = ("jawOpen", "mouthFunnel", "mouthLowerDown", "mouthUpperUp")
SIDEWAYS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
RULE = 0.15
"""Weight of what the linear basis tells, against the clips; pressed lips have twice as much."""
CLOSED = -0.2
"""What pressed lips are told, in the unit below: surely closed."""
UNIT = 10.0
"""Gaps are learned in tenths of an inter-ocular distance."""


def gaps(clip: Clip) -> np.ndarray:
    """The gap between the inner lips `(T,)` in inter-ocular distances, 0 where this speaker's lips touch."""
    apart = np.linalg.norm(clip.faces[:, 14] - clip.faces[:, 13], axis=1)
    # beards and the tracker's habits leave a gap between closed lips, each speaker's own
    return np.maximum(apart - min(float(np.percentile(apart, 2)), 0.025), 0)


def fit_opening(clips: list[Clip], basis: np.ndarray, curve: np.ndarray) -> Opening:
    """The network for aligned clips; `basis` `(52, 478, 3)` and `curve` `(2, K)` tell it the rule."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    mix = _sides_together()
    scores = np.concatenate([as_tracked(clip.scores) for clip in clips])
    most = np.percentile(scores @ mix, 99.8, axis=0) + 0.02
    spread = (scores @ mix).std(0) + 0.02
    rule, ruled = _rule(basis, curve)
    ruler = np.minimum(rule @ mix, most)
    shown = np.concatenate([gaps(clip) for clip in clips])
    weight = np.concatenate([np.full(len(clip.scores), len(clip.scores) ** -0.5) for clip in clips])
    pressed = np.minimum(_closed(scores) @ mix, most)
    sets = [
        (scores @ mix / spread, UNIT * shown, weight / weight.mean()),
        (ruler / spread, UNIT * ruled, np.full(len(rule), RULE)),
        (pressed / spread, np.full(len(shown), CLOSED), np.full(len(shown), 2 * RULE)),
    ]
    first, bias, out, base = _descend([tuple(torch.tensor(x, dtype=torch.float32) for x in s) for s in sets])
    return Opening(
        # a score that no pair has is one that the network does not read
        most=(mix > 0) @ most,
        weights=mix @ (first / spread[:, None]),
        bias=bias,
        out=out / UNIT,
        base=float(base[0]) / UNIT,
    )


def _descend(sets: list[tuple[torch.Tensor, ...]]) -> Iterator[np.ndarray]:
    """Weights by Adam on random samples of each set of inputs, targets and weights."""
    import torch

    inputs = sets[0][0].shape[1]
    first, bias = 0.3 * torch.randn(inputs, UNITS), torch.randn(UNITS)
    learned = [x.requires_grad_() for x in (first, bias, torch.full((UNITS,), 0.3), torch.zeros(1))]
    steps = torch.optim.Adam(learned, 2e-2, weight_decay=1e-5)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(steps, STEPS)
    for _ in range(STEPS):
        loss = torch.zeros(())
        for scores, true, weight in sets:
            chosen = torch.randint(len(scores), (BATCH,))
            told = torch.nn.functional.softplus(scores[chosen] @ learned[0] + learned[1]) @ learned[2]
            loss = loss + (weight[chosen] * _off(told + learned[3], true[chosen])).mean()
        steps.zero_grad()
        loss.backward()
        steps.step()
        slower.step()
    return (x.detach().numpy() for x in learned)


def _off(told: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Huber's loss; lips that touch may press together, which counts little."""
    import torch

    error = told - true
    pressed = (true < 0.005 * UNIT) & (error < 0) & (error > -0.1 * UNIT)
    error = torch.where(pressed, 0.1 * error, error)
    return torch.nn.functional.smooth_l1_loss(error, torch.zeros_like(error), beta=0.3, reduction="none")


def _sides_together() -> np.ndarray:
    """`(52, K)`: from scores to what the network reads, the mean of left and right."""
    pairs: dict[str, list[int]] = {}
    for name, index in SHAPE.items():
        if name.startswith(("mouth", "jaw")) and name not in SIDEWAYS:
            pairs.setdefault(name.removesuffix("Left").removesuffix("Right"), []).append(index)
    mix = np.zeros((len(BLENDSHAPES), len(pairs)))
    for column, members in enumerate(pairs.values()):
        mix[members, column] = 1 / len(members)
    return mix


def _closed(scores: np.ndarray) -> np.ndarray:
    """The same faces `(T, 52)` with their lips pressed together, as the studio's own motions close them."""
    closed = scores.copy()
    for name, index in SHAPE.items():
        bare = name.removesuffix("Left").removesuffix("Right")
        if bare in OPENERS:
            closed[:, index] = 0
        closed[:, index] = np.maximum(closed[:, index], CLOSING.get(bare, 0.0))
    return closed


def _rule(basis: np.ndarray, curve: np.ndarray, *, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Scores `(count, 52)` with few of them raised, alike on both sides, and the gap that the basis tells."""
    random = np.random.default_rng(0)
    scores = random.uniform(0, 0.9, (count, len(BLENDSHAPES))) * (random.random((count, 52)) < 0.12)
    for name, index in SHAPE.items():
        if name.endswith("Right") and name not in SIDEWAYS:
            scores[:, index] = scores[:, SHAPE[name.removesuffix("Right") + "Left"]]
    scores = as_tracked(scores)
    return scores, np.interp(scores @ (basis[:, 14] - basis[:, 13])[:, 1], *curve)
