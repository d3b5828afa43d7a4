"""A Piper voice of a few hundred bytes, so that loading one from files is tested without a download.

The network says each symbol for two frames of a buzz, louder for higher ids, with some noise of its own.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

SYMBOLS = "_^$ .,?!abcdefghijklmnopqrstuvwxyzæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒʔˈˌːθᵻ"
HOP, RATE = 256, 16_000
_CAST, _TO_FLOAT = "Cast", 1


def write_voice(folder: Path, name: str = "en_US-tiny-low") -> tuple[Path, Path]:
    """Writes the network and its settings; gives both paths."""
    model, config = folder / f"{name}.onnx", folder / f"{name}.onnx.json"
    model.write_bytes(_model())
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


def _model() -> bytes:
    """frames = ceil(0 * ids + scales[1] * 2); sound = frames-wide rows of ids plus noise."""
    nodes = [
        _node(_CAST, ["input"], "float_ids", attribute=_attribute("to", _TO_FLOAT)),
        _node("Reshape", ["float_ids", "column"], "ids"),
        _node("Mul", ["ids", "nothing"], "zeros"),
        _node("Add", ["zeros", "two"], "two_each"),
        _node("Ceil", ["two_each"], "frames"),
        _node("Mul", ["ids", "softly"], "amplitude"),
        _node("MatMul", ["amplitude", "buzz"], "clean"),
        _node("RandomNormalLike", ["clean"], "noise"),
        _node("Mul", ["noise", "softly"], "quiet_noise"),
        _node("Add", ["clean", "quiet_noise"], "rows"),
        _node("Reshape", ["rows", "flat"], "output"),
    ]
    buzz = [0.5 if (n // 40) % 2 else -0.5 for n in range(2 * HOP)]
    constants = [
        _ints("column", [1, -1, 1]),
        _ints("flat", [1, 1, 1, -1]),
        _floats("nothing", [1], [0.0]),
        _floats("two", [1], [2.0]),
        _floats("softly", [1], [0.01]),
        _floats("buzz", [1, 1, 2 * HOP], buzz),
    ]
    inputs = [_value("input", 7, 2), _value("input_lengths", 7, 1), _value("scales", 1, 1)]
    graph = b"".join(
        [
            *(_field(1, node) for node in nodes),
            _field(2, b"tiny"),
            *(_field(5, constant) for constant in constants),
            *(_field(11, value) for value in inputs),
            _field(12, _value("output", 1, 4)),
        ]
    )
    opset = _field(1, b"") + _number(2, 15)
    return _number(1, 8) + _field(7, graph) + _field(8, opset)


def _node(op: str, inputs: list[str], output: str, *, attribute: bytes = b"") -> bytes:
    body = b"".join(_field(1, name.encode()) for name in inputs) + _field(2, output.encode())
    return body + _field(3, output.encode()) + _field(4, op.encode()) + attribute


def _attribute(name: str, value: int) -> bytes:
    return _field(5, _field(1, name.encode()) + _number(3, value) + _number(20, 2))


def _ints(name: str, values: list[int]) -> bytes:
    return (
        _number(1, len(values)) + _number(2, 7) + _field(8, name.encode()) + _field(9, _packed("q", values))
    )


def _floats(name: str, shape: list[int], values: list[float]) -> bytes:
    dims = b"".join(_number(1, size) for size in shape)
    return dims + _number(2, 1) + _field(8, name.encode()) + _field(9, _packed("f", values))


def _packed(kind: str, values: list) -> bytes:
    return struct.pack(f"<{len(values)}{kind}", *values)


def _value(name: str, kind: int, rank: int) -> bytes:
    shape = _field(2, _field(1, b"") * rank)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, kind) + shape))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body
