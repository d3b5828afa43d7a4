"""A talking video in another language, by hand: heard, spoken at its times, with new lips."""

from __future__ import annotations

import logging
from pathlib import Path

import av
import cv2
import hubrepo
import numpy as np
import pytest
from media import write_film

from pipeline import transcribe, translate
from pipeline.cli import main
from pipeline.errors import CheckpointError, ConsentError, UnknownNameError
from pipeline.faces import portrait
from pipeline.speech import speak
from pipeline.types import RATE, join
from pipeline.video import probe, read_frames

WORDS = "Good morning. [pause 1s] We walked along the river."


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Path:
    """A small video of a still face that says two sentences."""
    speech = join(speak(WORDS, voice="hibari:heart"))
    image = cv2.resize(portrait(astronaut, size=256).image, (160, 160), interpolation=cv2.INTER_AREA)
    images = [image] * round(len(speech.samples) * 25 / RATE)
    path = tmp_path_factory.mktemp("talking") / "talk.mp4"
    return write_film(path, images, sound=speech.samples)


def test_what_is_heard_becomes_a_table(
    talking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = tmp_path / "hand.txt"
    hand.write_text("Buenos días.\nPaseamos por el río.\n", encoding="utf-8")
    done = translate(talking, tmp_path / "talk.es.srt", to="es", lines=hand, review=tmp_path / "talk.tsv")
    assert [entry.source for entry in done.entries] == ["Good morning.", "We walked along the river."]
    assert done.language == "en" and "-->" in done.entries[0].place
    assert "Paseamos por el río." in (tmp_path / "talk.es.srt").read_text(encoding="utf-8")
    table = tmp_path / "talk.tsv"
    assert "Good morning.\tBuenos días." in table.read_text(encoding="utf-8")
    hubrepo.point_at(monkeypatch, tmp_path / "hub", offline=True)
    with pytest.raises(CheckpointError, match=r"ar_JO-kareem-medium .* The lines are in .*again.tsv now"):
        translate(
            talking, tmp_path / "talk.ar.mp4", to="ar", lines=table, review=tmp_path / "again.tsv",
            consent="fictional",
        )  # fmt: skip
    assert "Good morning.\tBuenos días." in (tmp_path / "again.tsv").read_text(encoding="utf-8")


def test_a_dub_that_cannot_be_made_is_refused_before_anybody_listens(
    talking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.localization.files.opened", lambda *given: pytest.fail("listened"))
    with pytest.raises(UnknownNameError, match="no lips engine called 'magic'"):
        translate(talking, tmp_path / "talk.es.mp4", to="es", lips="magic", consent="fictional")
    with pytest.raises(ConsentError):
        translate(talking, tmp_path / "talk.es.mp4", to="es")
    hubrepo.point_at(monkeypatch, tmp_path / "hub", offline=True)
    with pytest.raises(CheckpointError, match="The voice ar_JO-kareem-medium needs a 63 MB download"):
        translate(talking, tmp_path / "talk.ar.mp4", to="ar", consent="fictional")
    with pytest.raises(CheckpointError, match="choose the voice kokoro:ff_siwis-de, which needs none"):
        translate(talking, tmp_path / "talk.de.mp4", to="de", consent="fictional")


def test_a_video_is_dubbed_from_a_table(
    talking: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    table, output = tmp_path / "talk.tsv", tmp_path / "talk.es.mp4"
    rows = [
        "place\tsource\ttarget",
        "00:00:00,100 --> 00:00:00,400\tGood morning.\tBuenos días a todos ustedes.",
        "00:00:00,900 --> 00:00:02,300\tWe walked.\tPaseamos por el río.",
    ]
    table.write_text("\n".join(rows), encoding="utf-8")
    asked = ["translate", str(talking), "--to", "es", "--lines", str(table), "--consent", "fictional"]
    assert main([*asked, "-o", str(output)]) == 0
    shown = capsys.readouterr()
    assert shown.out.strip() == str(output)
    assert "Line 1 is" in shown.err and "todos ustedes" in shown.err
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    heard = transcribe(output)
    with av.open(str(output)) as box:
        assert box.streams.audio[0].metadata["language"] == "spa"
    assert heard.language == "es" and "río" in heard.text
    assert probe(output).duration == pytest.approx(probe(talking).duration, abs=1.5)
    frames = np.stack(list(read_frames(output)))
    moving = np.abs(np.diff(frames.astype(np.float32), axis=0)).mean((0, 3))
    assert moving[100:140, 55:105].mean() > 4 * moving[:40].mean()
