"""The nodes of a Ray cluster: which studio they have, which of them to avoid, and what a row asks of them."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import pipeline
from pipeline.batch.capacity import WORKER_BYTES, networks
from pipeline.batch.cluster_tasks import gpu_bytes
from pipeline.batch.jobs import Job
from pipeline.errors import OptionError

_PROBED_WITHIN = 60.0
"""Seconds that a node has to start a process and say which studio it has."""
_MOST_SHARING = 4
"""Tasks that share a GPU at most."""
_GPU_ROOM = 1.3
"""What a task takes of a GPU besides its weights and pictures, as a factor: the driver's own memory."""


class Nodes:
    """The nodes that are there."""

    def __init__(self, ray: ModuleType) -> None:
        """`ray`: connected to the cluster."""
        self._ray = ray
        self._avoided: set[str] = set()

    def alive(self) -> list[dict[str, Any]]:
        """The nodes that make rows."""
        return [each for each in self._ray.nodes() if each["Alive"] and each["Resources"].get("CPU")]

    def cores(self) -> int:
        """How many rows the cluster can make at once; it may grow and shrink."""
        return max(1, int(sum(each["Resources"]["CPU"] for each in self.alive())))

    def require_version(self) -> None:
        """Refuse a cluster of which a node has another studio than this machine, or none.

        Raises:
            OptionError: there is such a node.
        """
        for node, found in self._asked(pkgutil.resolve_name, "pipeline:__version__"):
            if found != pipeline.__version__:
                raise self.mismatch(node, found)

    def mismatch(self, node: str, version: str) -> OptionError:
        """What to say of a node with another version."""
        sentence = (
            f"The node {self._name(node)} has version {version} of the studio, and this machine "
            f"{pipeline.__version__}; install the same one."
        )
        return OptionError(sentence, parameter="ray")

    def smallest_gpu(self) -> int:
        """Bytes of the smallest GPU; 0 where there is none."""
        return min((size for _, size in self._asked(gpu_bytes, num_gpus=0.01)), default=0)

    def avoid(self, node: str) -> bool:
        """Send no further rows to a node; False where no other is left."""
        self._avoided.add(node)
        return any(each["NodeID"] not in self._avoided for each in self.alive())

    def strategy(self) -> dict[str, Any]:
        """Options that keep a task from the nodes to be avoided."""
        if not self._avoided:
            return {}
        from ray.util.scheduling_strategies import NodeLabelSchedulingStrategy, NotIn

        others: dict[str, Any] = {"ray.io/node-id": NotIn(*sorted(self._avoided))}
        return {"scheduling_strategy": NodeLabelSchedulingStrategy(hard=others)}

    def _asked(self, function: Any, *about: Any, **needs: Any) -> Iterator[tuple[str, Any]]:
        """What a function gives on each node that has what it needs, however busy they are; nodes that die
        meanwhile are left out.

        Raises:
            OptionError: a node that lives cannot say.
        """
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nodes = [each["NodeID"] for each in self.alive() if "num_gpus" not in needs or _has_gpu(each)]
        options = {"num_cpus": 0, "max_retries": 0, **needs}
        asked = {}
        for node in nodes:
            there = NodeAffinitySchedulingStrategy(node, soft=False)
            asked[node] = self._ray.remote(scheduling_strategy=there, **options)(function).remote(*about)
        for node, answer in asked.items():
            try:
                yield node, self._ray.get(answer, timeout=_PROBED_WITHIN)
            except self._ray.exceptions.RayError as error:
                if any(each["NodeID"] == node for each in self.alive()):
                    sentence = f"The node {self._name(node)} has no studio that runs; install version "
                    raise OptionError(f"{sentence}{pipeline.__version__} there.", parameter="ray") from error

    def _name(self, node: str) -> str:
        named = {each["NodeID"]: each["NodeManagerHostname"] for each in self._ray.nodes()}
        return str(named.get(node, node[:8]))


def _has_gpu(node: dict[str, Any]) -> bool:
    return bool(node["Resources"].get("GPU"))


class Needs:
    """What rows ask of a node, from the cards of their engines."""

    def __init__(self, nodes: Nodes, jobs: Iterable[Job]) -> None:
        """Look at all rows.

        Raises:
            OptionError: no node has the memory for one of them.
        """
        self._by_engines: dict[tuple[str, ...], dict[str, Any]] = {}
        self._nodes, self._gpu = nodes, -1
        most = max((self.of(job)["memory"] for job in jobs), default=0)
        there = max((each["Resources"].get("memory", 0) for each in nodes.alive()), default=0)
        if there < most:
            sentence = (
                f"These rows need {most / 1e9:.1f} GB of memory each, and no node of the cluster has more "
            )
            raise OptionError(f"{sentence}than {there / 1e9:.1f} GB; add a larger one.", parameter="ray")

    def of(self, job: Job) -> dict[str, Any]:
        """Cores, share of a GPU and bytes of memory."""
        key = (str(job.template), str(job.values.get("head")), str(job.values.get("lips")))
        if key not in self._by_engines:
            self._by_engines[key] = self._counted(job)
        return self._by_engines[key]

    def _counted(self, job: Job) -> dict[str, Any]:
        engines = networks([job])
        if engines and self._gpu < 0:
            self._gpu = self._nodes.smallest_gpu()
        size = int(1e9 * max((card.memory_gb for card in engines), default=0.0))
        if engines and self._gpu:
            return {"num_cpus": 1, "num_gpus": gpu_share(size, self._gpu), "memory": WORKER_BYTES}
        return {"num_cpus": 1, "num_gpus": 0, "memory": WORKER_BYTES + size}


def gpu_share(size: int, whole: int) -> float:
    """The share of a GPU of `whole` bytes that a task takes whose engines need `size`: 1, 1/2, 1/3 or 1/4."""
    fitting = int(whole / (max(size, 1) * _GPU_ROOM))
    return 1 / min(max(fitting, 1), _MOST_SHARING)
