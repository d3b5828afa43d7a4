"""The filling rule gives the numbers it promises, on any machine."""

from __future__ import annotations

import numpy as np
import pytest
from parity import filling


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a.weight", [0.93487513, 0.88757622, 1.02138114]),
        ("a.bias", [0.00996432, -0.18868332, 0.12908909]),
        ("n.running_var", [0.69049251, 1.23507082, 1.32794940]),
        ("q.weight_u", [0.14752743, -0.47814885, -0.86579990]),
    ],
)
def test_known_numbers(name: str, values: list[float]) -> None:
    # Recorded once; another NumPy, platform or spelling of the rule must not move them.
    assert filling.tensor(name, (3,)).tolist() == pytest.approx(values, abs=1e-7)


def test_spectral_norm_is_one() -> None:
    weight = filling.tensor("x.weight_orig", (8, 4, 3, 3)).reshape(8, -1)
    u, v = filling.tensor("x.weight_u", (8,)), filling.tensor("x.weight_v", (36,))
    assert u @ weight @ v == pytest.approx(1, abs=1e-5)


def test_counters_are_integers() -> None:
    assert filling.tensor("norm.num_batches_tracked", ()).dtype == np.int64
