"""Edits of a Piper voice's ONNX graph, in memory: durations come out and can be stretched, noise goes in.

A voice is published with one output, the sound. Synthesis needs two more things of it: how long each phoneme
lasts (the graph computes it in its only `Ceil`), and the same sound for the same seed (the graph draws its
noise inside, from a generator whose state carries over between calls).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.speech.voices.onnx_messages import FLOAT, INT64, messages

_ORIGIN = "studio_origin"
"""Name of the constant `[0, 0, 0]`, where every noise is sliced from."""


@dataclass(frozen=True)
class ExposedGraph:
    """A voice's graph after the edit."""

    model: bytes
    """Serialised `ModelProto`."""
    durations: str | None
    """Name of the output with the mel frames of each id; None where the graph does not tell."""
    noises: tuple[str, ...]
    """Names of the inputs `(1, channels, N)` float32 that replace the graph's own noise, in graph order.
    The graph takes the leading corner that it needs from each."""
    stretch: str | None
    """Name of the input `(1, 1, ids)` float32, factors on the durations; None without durations."""


def expose_durations_and_noise(path: Path) -> ExposedGraph:
    """Read a voice's `.onnx` file and give its graph a duration output and noise inputs.

    Raises:
        ValueError: the file is not an ONNX model.
    """
    from google.protobuf.message import DecodeError

    model_type = messages()["Model"]
    try:
        model = model_type.FromString(path.read_bytes())
    except DecodeError as error:
        raise ValueError(f"{path.name} is not an ONNX model") from error
    if not model.HasField("graph"):
        raise ValueError(f"{path.name} is not an ONNX model")
    durations = _expose_durations(model.graph)
    stretch = None if durations is None else _add_stretch(model.graph)
    noises = _expose_noise(model.graph)
    return ExposedGraph(model.SerializeToString(), durations, noises, stretch)


def _add_stretch(graph: Any) -> str:
    """A factor on what the only `Ceil` rounds, as a new input."""
    name = "studio_stretch"
    nodes = list(graph.node)
    del graph.node[:]
    for node in nodes:
        if node.op_type == "Ceil":
            graph.node.add(op_type="Mul", input=[node.input[0], name], output=[f"{name}ed"])
            node.input[0] = f"{name}ed"
        graph.node.append(node)
    _add_input(graph, name)
    return name


def _add_input(graph: Any, name: str) -> None:
    """A new input of three axes."""
    tensor = graph.input.add(name=name).type.tensor_type
    tensor.elem_type = FLOAT
    for _ in range(3):
        tensor.shape.dim.add()


def _expose_durations(graph: Any) -> str | None:
    rounded = [node.output[0] for node in graph.node if node.op_type == "Ceil"]
    if len(rounded) != 1:
        return None
    if rounded[0] not in {value.name for value in graph.output}:
        graph.output.add(name=rounded[0]).type.tensor_type.elem_type = FLOAT
    return rounded[0]


def _expose_noise(graph: Any) -> tuple[str, ...]:
    """Each `RandomNormalLike` becomes `noise[:shape(like)]`, `noise` being a new input."""
    noises: list[str] = []
    nodes = list(graph.node)
    del graph.node[:]
    for node in nodes:
        if node.op_type != "RandomNormalLike":
            graph.node.append(node)
            continue
        noise = f"studio_noise_{len(noises)}"
        shape = f"{noise}_shape"
        graph.node.add(op_type="Shape", input=[node.input[0]], output=[shape])
        graph.node.add(op_type="Slice", input=[noise, _ORIGIN, shape], output=[node.output[0]])
        _add_input(graph, noise)
        noises.append(noise)
    if noises:
        constants = messages()["Constants"]()
        constants.initializer.add(name=_ORIGIN, data_type=INT64, dims=[3], int64_data=[0, 0, 0])
        graph.MergeFromString(constants.SerializeToString())
    return tuple(noises)
