"""A Piper voice of a few kilobytes, so that loading one from files is tested without a download.

The network says each symbol for two frames of a buzz, louder for higher ids, with some noise of its own.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SYMBOLS = "_^$ .,?!abcdefghijklmnopqrstuvwxyzæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒʔˈˌːθᵻ"
HOP, RATE = 256, 16_000


def write_voice(folder: Path, name: str = "en_US-tiny-low") -> tuple[Path, Path]:
    """Write the network and its configuration; returns both paths."""
    model, config = folder / f"{name}.onnx", folder / f"{name}.onnx.json"
    onnx.save(_model(), model)
    settings = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "num_symbols": len(SYMBOLS),
        "num_speakers": 1,
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_id_map": {symbol: [index] for index, symbol in enumerate(SYMBOLS)},
        "hop_length": HOP,
    }
    config.write_text(json.dumps(settings), encoding="utf-8")
    return model, config


def _model() -> onnx.ModelProto:
    """frames = ceil(0 * ids + 2); sound = rows of buzz, one per id, plus noise."""
    nodes = [
        helper.make_node("Cast", ["input"], ["float_ids"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["float_ids", "column"], ["ids"]),
        helper.make_node("Mul", ["ids", "nothing"], ["zeros"]),
        helper.make_node("Add", ["zeros", "two"], ["two_each"]),
        helper.make_node("Ceil", ["two_each"], ["frames"]),
        helper.make_node("Mul", ["ids", "softly"], ["amplitude"]),
        helper.make_node("MatMul", ["amplitude", "buzz"], ["clean"]),
        helper.make_node("RandomNormalLike", ["clean"], ["noise"]),
        helper.make_node("Mul", ["noise", "softly"], ["quiet_noise"]),
        helper.make_node("Add", ["clean", "quiet_noise"], ["rows"]),
        helper.make_node("Reshape", ["rows", "flat"], ["output"]),
    ]
    buzz = [0.5 if (n // 40) % 2 else -0.5 for n in range(2 * HOP)]
    constants = {
        "column": np.array([1, -1, 1]),
        "flat": np.array([1, 1, 1, -1]),
        "nothing": np.zeros(1, np.float32),
        "two": np.full(1, 2, np.float32),
        "softly": np.full(1, 0.01, np.float32),
        "buzz": np.array(buzz, np.float32).reshape(1, 1, -1),
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        inputs=[
            helper.make_tensor_value_info("input", TensorProto.INT64, [None, None]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [None]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        outputs=[helper.make_tensor_value_info("output", TensorProto.FLOAT, [None, None, None, None])],
        initializer=[numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)])
