"""Piper voices: the edit of the graph, and speaking from files."""

from dataclasses import replace
from pathlib import Path

import hubrepo
import numpy as np
import onnx
import pytest
from speech.voices.tinyvoice import HOP, RATE, write_voice

from pipeline import engines
from pipeline.errors import CheckpointError
from pipeline.speech.text.normalize import normalize
from pipeline.speech.voices import piper
from pipeline.speech.voices.piper.onnx_graph import expose_durations_and_noise
from pipeline.speech.voices.piper.voice import PiperVoice

CARD = engines.voice("en_US-tiny-low")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Network and configuration of a tiny voice."""
    return write_voice(tmp_path)


def test_phones_and_words_are_in_time(files: tuple[Path, Path]) -> None:
    said = PiperVoice(CARD, *files).say(normalize("Hello big world."), pace=1.0, seed=0)
    assert said.rate == RATE
    assert said.phones is not None and said.words is not None
    assert said.phones[-1].end == pytest.approx(len(said.samples) / RATE)
    labels = [phone.label for phone in said.phones if phone.label]
    assert labels == ["h", "ə", "l", "o", "ʊ", "b", "ɪ", "ɡ", "w", "ɜː", "l", "d"]
    assert all(round(phone.end * RATE) % (2 * HOP) == 0 for phone in said.phones[1:-1])
    assert len(said.words) == 3


def test_a_seed_rules_the_noise_inside_the_graph(files: tuple[Path, Path]) -> None:
    voice = PiperVoice(CARD, *files)
    one, same, other = (voice.say(normalize("Hello."), pace=1.0, seed=seed).samples for seed in (1, 1, 2))
    assert one.tobytes() == same.tobytes()
    assert 0 < np.abs(one - other).max() < 0.1


def test_the_edited_graph_is_a_valid_model_of_the_same_weights(files: tuple[Path, Path]) -> None:
    exposed = expose_durations_and_noise(files[0])
    before, after = onnx.load(files[0]), onnx.load_from_string(exposed.model)
    onnx.checker.check_model(onnx.shape_inference.infer_shapes(after, strict_mode=True))
    assert exposed.durations == "frames"
    assert [value.name for value in after.graph.output] == ["output", "frames"]
    assert [value.name for value in after.graph.input][-1:] == list(exposed.noises)
    assert "RandomNormalLike" not in {node.op_type for node in after.graph.node}
    kept = {tensor.name: tensor for tensor in after.graph.initializer}
    assert all(kept[tensor.name] == tensor for tensor in before.graph.initializer)
    assert len(kept) == len(before.graph.initializer) + 1


def test_the_file_is_left_as_it_is(files: tuple[Path, Path]) -> None:
    before = files[0].read_bytes()
    expose_durations_and_noise(files[0])
    assert files[0].read_bytes() == before


def test_an_exposed_output_is_not_exposed_twice(files: tuple[Path, Path]) -> None:
    files[0].write_bytes(expose_durations_and_noise(files[0]).model)
    again = expose_durations_and_noise(files[0])
    assert again.noises == ()
    assert len(onnx.load_from_string(again.model).graph.output) == 2


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x3a\xff\xff\xff\x7fcut off"])
def test_a_damaged_network_is_refused(files: tuple[Path, Path], content: bytes) -> None:
    files[0].write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged"):
        PiperVoice(CARD, *files)


def test_a_damaged_configuration_is_refused(files: tuple[Path, Path]) -> None:
    files[1].write_text("{}")
    with pytest.raises(CheckpointError, match="damaged"):
        PiperVoice(CARD, *files)


def test_a_voice_in_the_cache_is_loaded_levelled_and_without_a_network(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubrepo.point_at(monkeypatch, tmp_path / "hub", offline=True)
    placed = [
        hubrepo.place(tmp_path / "hub", checkpoint, file.read_bytes())
        for checkpoint, file in zip(CARD.checkpoints, files, strict=True)
    ]
    voice = piper.load(replace(CARD, checkpoints=tuple(placed)))
    assert voice.gain != 1.0
    assert len(voice.say(normalize("Hello."), pace=1.0, seed=0).samples) > 0
