"""One more output for an ONNX graph: the durations, which a published graph computes but does not return.

A serialised protobuf message is extended by appending to it: repeated fields add up, and the parts of a
message merge. So the graph's new output goes behind the file's bytes, which need not be parsed.
"""

from __future__ import annotations

_MODEL_GRAPH, _GRAPH_OUTPUT = 7, 12
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENT = 1, 2, 1, 1
"""Numbers of the fields of onnx.proto's messages."""
_FLOAT = 1
"""`TensorProto.FLOAT`."""


def with_output(model: bytes, name: str) -> bytes:
    """A serialised ONNX model whose graph also returns the float tensor called `name` (under 100 letters)."""
    tensor = bytes([_TENSOR_ELEMENT << 3, _FLOAT])
    kind = _field(_VALUE_TYPE, _field(_TYPE_TENSOR, tensor))
    output = _field(_GRAPH_OUTPUT, _field(_VALUE_NAME, name.encode()) + kind)
    return model + _field(_MODEL_GRAPH, output)


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of at most 127 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content
