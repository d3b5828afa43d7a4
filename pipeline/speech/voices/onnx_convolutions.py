"""Convolutions of an int8 network as matrix products, which onnxruntime computes several times as fast.

For the `ConvInteger` of unsigned bytes, onnxruntime widens every byte to 16 bits; for the product of an
unsigned by a signed matrix, it uses the processor's dot product of bytes. So the values are made signed, and
as many copies of them as the kernel has taps, each shifted, are laid below one another. Both ways compute the
same integers, so that the sound is the same to the last bit.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pipeline.speech.voices.onnx_messages import (
    INT8,
    INT32,
    INT64,
    INTEGER,
    INTEGERS,
    UINT8,
    messages,
)
from pipeline.threads import onnx_session

_LAST = 2**63 - 1
"""An index behind the end of any axis."""
_FLIPPED, _TIME, _MATRIX = "studio_flipped_bit", "studio_time", "studio_matrix"
"""Names of the constants 128, 2 and `[0, -1]`."""
_EXACT_DEPTH = 64
"""Length of the dot products by which a processor is tried."""


def with_products(model: bytes) -> bytes:
    """A model whose convolutions over time with a stride of 1 are matrix products.

    It is as before where products of unsigned by signed bytes are not exact on this processor.

    Args:
        model: serialised, of operator set 18 or later; its weights are uint8 with one zero point each,
            its padding is given in numbers.

    Raises:
        ValueError: these bytes are no ONNX model.
    """
    from google.protobuf.message import DecodeError

    if not exact():
        return model
    try:
        read = messages()["Model"].FromString(model)
    except DecodeError as error:
        raise ValueError("the file is not an ONNX model") from error
    _Rewriting(read.graph).rewrite()
    written: bytes = read.SerializeToString()
    return written


@cache
def exact() -> bool:
    """Whether the product of unsigned by signed bytes is exact on this processor.

    Without a dot product of bytes (AVX2 without VNNI), sums of two products are cut off at 16 bits.
    """
    model = messages()["Model"](ir_version=9)
    model.opset_import.add(version=18)
    graph, constants = model.graph, messages()["Constants"]()
    graph.name = "exact"
    for name, element, value, shape in (
        ("unsigned", UINT8, 255, (4, _EXACT_DEPTH)),
        ("signed", INT8, 127, (_EXACT_DEPTH, 16)),
    ):
        values = [value] * (shape[0] * shape[1])
        constants.initializer.add(name=name, data_type=element, dims=shape, int32_data=values)
    graph.node.add(op_type="MatMulInteger", input=["unsigned", "signed"], output=["product"])
    graph.output.add(name="product").type.tensor_type.elem_type = INT32
    graph.MergeFromString(constants.SerializeToString())
    (product,) = onnx_session(model.SerializeToString()).run(None, {})
    return bool((product == _EXACT_DEPTH * 255 * 127).all())


class _Rewriting:
    """The edit of one graph."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._constants = messages()["Constants"]()
        self._signed: set[str] = set()
        self._indices: set[int] = set()

    def rewrite(self) -> None:
        """Replace the convolutions by products, with the constants that these need."""
        self._add_constant(_FLIPPED, UINT8, [128], shape=())
        self._add_constant(_TIME, INT64, [2])
        self._add_constant(_MATRIX, INT64, [0, -1])
        nodes = list(self._graph.node)
        del self._graph.node[:]
        for node in nodes:
            attributes = {each.name: list(each.ints) or [each.i] for each in node.attribute}
            if node.op_type == "ConvInteger" and len(node.input) == 4 and _slides(attributes):
                self._add_product(node, attributes)
            else:
                self._graph.node.append(node)
        self._graph.MergeFromString(self._constants.SerializeToString())

    def _add_product(self, convolution: Any, attributes: dict[str, list[int]]) -> None:
        values, weights, zero, weights_zero = convolution.input
        (output,) = convolution.output
        values, zero = self._made_signed(values), self._made_signed(zero)
        padding = attributes.get("pads", [0, 0])
        if any(padding):
            self._add_constant(f"{output}_pads", INT64, [0, 0, padding[0], 0, 0, padding[1]])
            values = self._add("Pad", [values, f"{output}_pads", zero], f"{output}_padded")
        (taps,), (dilation,) = attributes["kernel_shape"], attributes.get("dilations", [1])
        if taps > 1:
            reach = dilation * (taps - 1)
            shifted = [
                self._cut(values, at, at - reach, f"{output}_{at}") for at in range(0, reach + 1, dilation)
            ]
            values = self._add("Concat", shifted, f"{output}_taps", axis=1)
        turned = self._add("Transpose", [weights], f"{output}_turned", perm=[0, 2, 1])
        matrix = self._add("Reshape", [turned, _MATRIX], f"{output}_matrix")
        self._add("MatMulInteger", [matrix, values, weights_zero, zero], output)

    def _made_signed(self, name: str) -> str:
        """The name of a tensor of uint8 as int8, less by 128; several convolutions may read the same one."""
        if name not in self._signed:
            self._signed.add(name)
            flipped = self._add("BitwiseXor", [name, _FLIPPED], f"{name}_flipped")
            self._add("Cast", [flipped], f"{name}_signed", to=INT8)
        return f"{name}_signed"

    def _cut(self, name: str, first: int, end: int, output: str) -> str:
        """A stretch of time; its end is counted from that of the tensor."""
        borders = []
        for index in (first, end or _LAST):
            borders.append(f"studio_index_{index}")
            if index not in self._indices:
                self._indices.add(index)
                self._add_constant(borders[-1], INT64, [index])
        return self._add("Slice", [name, *borders, _TIME], output)

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> str:
        node = self._graph.node.add(op_type=kind, input=inputs, output=[output])
        for name, value in attributes.items():
            if isinstance(value, int):
                node.attribute.add(name=name, i=value, type=INTEGER)
            else:
                node.attribute.add(name=name, ints=value, type=INTEGERS)
        return output

    def _add_constant(
        self, name: str, element: int, values: list[int], *, shape: tuple[int, ...] | None = None
    ) -> None:
        held = {"int64_data" if element == INT64 else "int32_data": values}
        dims = (len(values),) if shape is None else shape
        self._constants.initializer.add(name=name, data_type=element, dims=dims, **held)


def _slides(attributes: dict[str, list[int]]) -> bool:
    """Whether a convolution has one axis, along which it moves by single steps, and one group."""
    single = attributes.get("strides", [1]) == [1] and attributes.get("group", [1]) == [1]
    return single and len(attributes["kernel_shape"]) == 1
