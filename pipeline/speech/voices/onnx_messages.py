"""ONNX models read and written by protobuf, through a schema of just the fields that are edited.

Protobuf, which onnxruntime installs, keeps unknown fields as they are. The package onnx would do the same,
but its import alone takes 0.2 s of the time to the first phrase, against 20 ms for protobuf and this schema.
"""

from __future__ import annotations

from functools import cache
from typing import Any

FLOAT, UINT8, INT8, INT32, INT64 = 1, 2, 3, 6, 7
"""Element types of onnx.proto's `TensorProto.DataType`."""
INTEGER, INTEGERS = 2, 7
"""Kinds of onnx.proto's `AttributeProto.AttributeType`."""
_SCHEMA: dict[str, dict[str, tuple[int, str]]] = {
    "Model": {"ir_version": (1, "int64"), "graph": (7, "Graph"), "opset_import": (8, "Operators*")},
    "Operators": {"version": (2, "int64")},
    "Graph": {
        "node": (1, "Node*"),
        "name": (2, "string"),
        "input": (11, "Value*"),
        "output": (12, "Value*"),
    },
    "Constants": {"initializer": (5, "Tensor*")},
    "Node": {
        "input": (1, "string*"),
        "output": (2, "string*"),
        "op_type": (4, "string"),
        "attribute": (5, "Attribute*"),
    },
    "Attribute": {
        "name": (1, "string"),
        "i": (3, "int64"),
        "ints": (8, "int64*"),
        "type": (20, "int32"),
    },
    "Tensor": {
        "dims": (1, "int64*"),
        "data_type": (2, "int32"),
        "int32_data": (5, "int32*"),
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


@cache
def messages() -> dict[str, Any]:
    """The message classes of the schema, by name."""
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
