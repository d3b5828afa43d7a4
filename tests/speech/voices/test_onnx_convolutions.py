"""Convolutions of bytes as matrix products: the same integers, in a graph without those convolutions."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.speech.voices import onnx_convolutions
from pipeline.speech.voices.onnx_convolutions import with_products
from pipeline.threads import onnx_session

_RNG = np.random.default_rng(3)
_SHAPES = {
    "plain": ((5, 6, 3), {}),
    "padded": ((5, 6, 7), {"pads": [3, 3]}),
    "lopsided": ((4, 6, 4), {"pads": [2, 1]}),
    "dilated": ((5, 6, 3), {"pads": [5, 5], "dilations": [5]}),
    "single": ((7, 6, 1), {}),
}
_OTHERS = {"strided": ((5, 6, 3), {"strides": [2]}), "grouped": ((6, 3, 3), {"group": 2})}


def _model() -> bytes:
    """Convolutions of one input whose zero point varies."""
    shapes = _SHAPES | _OTHERS
    nodes, constants = [], [numpy_helper.from_array(np.uint8(131), "weights_zero")]
    for name, (shape, attributes) in shapes.items():
        weights = _RNG.integers(0, 256, shape, np.uint8)
        constants.append(numpy_helper.from_array(weights, f"{name}_weights"))
        inputs = ["values", f"{name}_weights", "zero", "weights_zero"]
        nodes.append(helper.make_node("ConvInteger", inputs, [name], kernel_shape=[shape[2]], **attributes))
    graph = helper.make_graph(
        nodes,
        "convolutions",
        [
            helper.make_tensor_value_info("values", TensorProto.UINT8, [1, 6, None]),
            helper.make_tensor_value_info("zero", TensorProto.UINT8, []),
        ],
        [helper.make_tensor_value_info(name, TensorProto.INT32, [1, None, None]) for name in shapes],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return model.SerializeToString()


@pytest.fixture(scope="module")
def model() -> bytes:
    return _model()


@pytest.mark.skipif(not onnx_convolutions.exact(), reason="this processor has no dot product of bytes")
@pytest.mark.parametrize("zero", [0, 7, 128, 255])
def test_products_are_the_same_integers(model: bytes, zero: int) -> None:
    feed = {"values": _RNG.integers(0, 256, (1, 6, 40), np.uint8), "zero": np.array(zero, np.uint8)}
    before, after = (onnx_session(each).run(None, feed) for each in (model, with_products(model)))
    for one, other in zip(before, after, strict=True):
        assert one.tolist() == other.tolist()


def test_only_single_steps_become_products(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_convolutions, "exact", lambda: True)
    edited = onnx.load_from_string(with_products(model))
    onnx.checker.check_model(edited, full_check=True)
    made = {node.op_type: node.output[0] for node in edited.graph.node if node.output[0] in _SHAPES}
    left = {node.output[0] for node in edited.graph.node if node.op_type == "ConvInteger"}
    assert set(made) == {"MatMulInteger"} and left == set(_OTHERS)


def test_sums_that_are_cut_off_leave_the_convolutions(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_convolutions, "exact", lambda: False)
    assert with_products(model) == model


def test_what_is_no_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_convolutions, "exact", lambda: True)
    with pytest.raises(ValueError, match="not an ONNX model"):
        with_products(b"\xff\xff no model")
