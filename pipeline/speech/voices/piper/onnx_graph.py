"""Edits of a Piper voice's ONNX graph, in memory: durations come out and can be stretched, noise goes in.

A voice is published with one output, the sound. Synthesis needs two more things of it: how long each phoneme
lasts (the graph computes it in its only `Ceil`), and the same sound for the same seed (the graph draws its
noise inside, from a generator whose state carries over between calls).

The graph is read by protobuf, which onnxruntime installs, through a schema of just the fields that are
touched: protobuf keeps unknown fields as they are. The package onnx would do the same, but its import alone
takes 0.2 s of the time to the first phrase, against 20 ms for protobuf and this schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FLOAT, _INT64 = 1, 7
"""Element types of onnx.proto's `TensorProto.DataType`."""
_ORIGIN = "studio_origin"
"""Name of the constant `[0, 0, 0]`, where every noise is sliced from."""
_SCHEMA: dict[str, dict[str, tuple[int, str]]] = {
    "Model": {"graph": (7, "Graph")},
    "Graph": {"node": (1, "Node*"), "input": (11, "Value*"), "output": (12, "Value*")},
    "Constants": {"initializer": (5, "Tensor*")},
    "Node": {"input": (1, "string*"), "output": (2, "string*"), "op_type": (4, "string")},
    "Tensor": {
        "dims": (1, "int64*"),
        "data_type": (2, "int32"),
        "int64_data": (7, "int64*"),
        "name": (8, "string"),
    },
    "Value": {"name": (1, "string"), "type": (2, "Type")},
    "Type": {"tensor_type": (1, "TensorType")},
    "TensorType": {"elem_type": (1, "int32"), "shape": (2, "Shape")},
    "Shape": {"dim": (1, "Dimension*")},
    "Dimension": {},
}
"""The messages of onnx.proto that are touched: number and type of each field; "*" marks repeated ones.
`Constants` is another view of `Graph`: the weights stay one unknown field, which serialises faster."""


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

    model_type = _messages()["Model"]
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
    tensor.elem_type = _FLOAT
    for _ in range(3):
        tensor.shape.dim.add()


def _expose_durations(graph: Any) -> str | None:
    rounded = [node.output[0] for node in graph.node if node.op_type == "Ceil"]
    if len(rounded) != 1:
        return None
    if rounded[0] not in {value.name for value in graph.output}:
        graph.output.add(name=rounded[0]).type.tensor_type.elem_type = _FLOAT
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
        constants = _messages()["Constants"]()
        constants.initializer.add(name=_ORIGIN, data_type=_INT64, dims=[3], int64_data=[0, 0, 0])
        graph.MergeFromString(constants.SerializeToString())
    return tuple(noises)


@cache
def _messages() -> dict[str, Any]:
    """The message classes of `_SCHEMA`."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    field_type = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="studio_onnx.proto", package="studio", syntax="proto2")
    for message, fields in _SCHEMA.items():
        descriptor = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            field = descriptor.field.add(name=name, number=number)
            field.label = field_type.LABEL_REPEATED if kind.endswith("*") else field_type.LABEL_OPTIONAL
            kind = kind.removesuffix("*")
            if kind in _SCHEMA:
                field.type, field.type_name = field_type.TYPE_MESSAGE, f".studio.{kind}"
            else:
                field.type = field_type.Type.Value(f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"studio.{name}"))
        for name in _SCHEMA
    }
