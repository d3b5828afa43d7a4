"""How far the tasks on a cluster are. A module of its own, because its process imports nothing else."""

from __future__ import annotations


class Board:
    """An actor to which the tasks tell how far they are, and which whoever hands out the rows reads."""

    def __init__(self) -> None:
        self._shares: dict[int, float] = {}

    def tell(self, row: int, fraction: float) -> None:
        """A row has come so far."""
        self._shares[row] = fraction

    def read(self) -> dict[int, float]:
        """What was told since the last look."""
        told, self._shares = self._shares, {}
        return told
