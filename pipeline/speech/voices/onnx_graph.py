"""Edits to a Piper voice's ONNX graph, in memory: phone durations come out, the noise comes in.

A voice is published with one output, the sound. Two more things are needed of it: how many samples each
phone lasts (the graph knows, in its only `Ceil`), and the same sound for the same seed (the graph draws its
noise inside, from a generator that runs on between calls). Both are small edits of the serialised graph.
They are done on the protobuf wire format, https://protobuf.dev/programming-guides/encoding, so that the
`onnx` package, which is needed for nothing else, need not be installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Field numbers of onnx.proto3, message by message.
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_OP = 1, 2, 4
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_INT64, _TENSOR_NAME = 1, 2, 7, 8
_FLOAT, _INT64 = 1, 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WANTED = re.compile(b"Ceil|RandomNormalLike")
_ORIGIN = "studio_origin"


@dataclass(frozen=True)
class OpenGraph:
    """A voice's graph after the edit."""

    model: bytes
    """Serialised `ModelProto`."""
    durations: str | None
    """Name of the output that holds the frames per phone id; None where the graph does not say."""
    noises: tuple[str, ...]
    """Names of the inputs `(1, channels, N)` float32 that replace the graph's own noise, in graph order.
    The graph takes the leading corner that it needs from each."""


def open_graph(path: Path) -> OpenGraph:
    """Reads a voice's `.onnx` file and gives its graph a duration output and noise inputs.

    Raises:
        ValueError: the file is not an ONNX model.
    """
    data = memoryview(path.read_bytes())
    try:
        graph = next(value for number, _, value in _fields(data) if number == _MODEL_GRAPH)
        return _open(data, graph)
    except (IndexError, StopIteration, TypeError) as error:
        raise ValueError(f"{path.name} is not an ONNX model") from error


def _open(data: memoryview, graph: memoryview) -> OpenGraph:
    pieces: list[bytes | memoryview] = []
    durations: list[str] = []
    outputs: set[str] = set()
    noises: list[str] = []
    for number, raw, value in _fields(graph):
        node = _names(value) if number == _GRAPH_NODE and _WANTED.search(value) else None
        if node and node.op == "Ceil":
            durations.append(node.output)
        if number == _GRAPH_OUTPUT:
            outputs.add(_text(value, 1))
        if node and node.op == "RandomNormalLike":
            noises.append(f"studio_noise_{len(noises)}")
            pieces.append(_corner_of(noises[-1], like=node.input, output=node.output))
        else:
            pieces.append(raw)
    found = durations[0] if len(durations) == 1 else None
    if found and found not in outputs:
        pieces.append(_message(_GRAPH_OUTPUT, _message(1, found.encode())))
    pieces += [_float_input(name) for name in noises]
    pieces.append(_message(_GRAPH_INITIALIZER, _origin()))
    rest = [raw for number, raw, _ in _fields(data) if number != _MODEL_GRAPH]
    return OpenGraph(b"".join([*rest, _message(_MODEL_GRAPH, b"".join(pieces))]), found, tuple(noises))


def _corner_of(noise: str, *, like: str, output: str) -> bytes:
    """Two nodes that stand for one `RandomNormalLike`: `output = noise[: shape(like)]`."""
    shape = f"{noise}_shape"
    return _node("Shape", [like], shape) + _node("Slice", [noise, _ORIGIN, shape], output)


def _node(op: str, inputs: list[str], output: str) -> bytes:
    body = b"".join(_message(_NODE_INPUT, name.encode()) for name in inputs)
    body += _message(_NODE_OUTPUT, output.encode()) + _message(_NODE_OP, op.encode())
    return _message(_GRAPH_NODE, body)


def _float_input(name: str) -> bytes:
    dimension = _message(1, b"")
    shape = _message(2, dimension * 3)
    tensor = _message(1, _number(1, _FLOAT) + shape)
    return _message(_GRAPH_INPUT, _message(1, name.encode()) + _message(2, tensor))


def _origin() -> bytes:
    zeros = b"".join(_number(_TENSOR_INT64, 0) for _ in range(3))
    return (
        _number(_TENSOR_DIMS, 3)
        + _number(_TENSOR_TYPE, _INT64)
        + zeros
        + _message(_TENSOR_NAME, _ORIGIN.encode())
    )


@dataclass(frozen=True)
class _Names:
    op: str
    input: str
    output: str


def _names(node: memoryview) -> _Names:
    return _Names(_text(node, _NODE_OP), _text(node, _NODE_INPUT), _text(node, _NODE_OUTPUT))


def _text(message: memoryview, wanted: int) -> str:
    for number, _, value in _fields(message):
        if number == wanted:
            return bytes(value).decode()
    return ""


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Every field of a message: its number, its whole encoding, its payload."""
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            begin = at
            _, at = _varint(data, at)
        elif kind == _BYTES:
            length, begin = _varint(data, at)
            at = begin + length
        else:
            begin, at = at, at + {_FIXED64: 8, _FIXED32: 4}.get(kind, len(data) + 1)
        if at > len(data):
            raise IndexError("a field ends behind its message")
        yield key >> 3, data[start:at], data[begin:at]


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _encode_varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _encode_varint(field << 3 | _VARINT) + _encode_varint(value)


def _message(field: int, body: bytes) -> bytes:
    return _encode_varint(field << 3 | _BYTES) + _encode_varint(len(body)) + body
