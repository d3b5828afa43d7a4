"""Edits of a published ONNX graph that need not parse it: more outputs, and values that a caller shapes.

A serialised protobuf message is extended by appending to it: repeated fields add up, and the parts of a
message merge. So new outputs, inputs and nodes go behind the file's bytes; onnxruntime sorts the nodes. A
tensor is shaped by renaming what its node returns, and appending a node that makes the old name of it.
"""

from __future__ import annotations

from collections.abc import Sequence

_MODEL_GRAPH, _GRAPH_NODE, _GRAPH_INPUT, _GRAPH_OUTPUT = 7, 1, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_TYPE = 1, 2, 4
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENT, _TENSOR_SHAPE, _SHAPE_DIMENSION = 1, 2, 1, 1, 2, 1
"""Numbers of the fields of onnx.proto's messages."""
FLOAT, INT64 = 1, 7
"""Element types of `TensorProto`."""


def with_output(model: bytes, name: str) -> bytes:
    """A serialised ONNX model whose graph also returns the float tensor called `name`."""
    return model + _graph(_GRAPH_OUTPUT, _value(name, FLOAT, None))


def with_input(model: bytes, name: str, *, rank: int, element: int = FLOAT) -> bytes:
    """A model whose graph also takes a tensor of any shape of `rank` axes."""
    return model + _graph(_GRAPH_INPUT, _value(name, element, rank))


def with_node(model: bytes, kind: str, inputs: Sequence[str], output: str) -> bytes:
    """A model with one more node, of an operator that needs no attributes."""
    node = b"".join(_field(_NODE_INPUT, name.encode()) for name in inputs)
    node += _field(_NODE_OUTPUT, output.encode()) + _field(_NODE_TYPE, kind.encode())
    return model + _graph(_GRAPH_NODE, node)


def shaped(model: bytes, tensor: str, kind: str, other: str) -> bytes:
    """A model in which a tensor is combined with another one before anything reads it.

    Args:
        model: the serialised model.
        tensor: name of the tensor, which one node makes.
        kind: operator of two inputs, "Mul" or "Add".
        other: name of the tensor that it is combined with.

    Raises:
        ValueError: no node makes the tensor, or several do.
    """
    made = _field(_NODE_OUTPUT, tensor.encode())
    if model.count(made) != 1:
        raise ValueError(f"the graph has no tensor {tensor}")
    before = tensor[:-1] + "~"  # as long as the old name, so that no length around it changes
    renamed = model.replace(made, _field(_NODE_OUTPUT, before.encode()))
    return with_node(renamed, kind, [before, other], tensor)


def _graph(number: int, content: bytes) -> bytes:
    return _field(_MODEL_GRAPH, _field(number, content))


def _value(name: str, element: int, rank: int | None) -> bytes:
    tensor = bytes([_TENSOR_ELEMENT << 3, element])
    if rank is not None:
        tensor += _field(_TENSOR_SHAPE, _field(_SHAPE_DIMENSION, b"") * rank)
    return _field(_VALUE_NAME, name.encode()) + _field(_VALUE_TYPE, _field(_TYPE_TENSOR, tensor))


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    length, size = len(content), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + content
