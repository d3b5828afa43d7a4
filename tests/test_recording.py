"""Frames and sound become one file, whole or not at all, with what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sounds import write_wav

from pipeline.errors import OutputError
from pipeline.motion import read_motion
from pipeline.plan import check
from pipeline.progress import Event, Result
from pipeline.recording import record
from pipeline.spec import split
from pipeline.types import RATE, Clip, Face, Frame, Motion, Portrait, Speech, Word
from pipeline.video import probe, read_frames

SIZE = (192, 128)
WORDS = (Word("Good", 0.1, 0.5), Word("morning.", 0.6, 1.2))
SPEECH = Speech(np.zeros(RATE * 2, np.float32), words=WORDS, text="Good morning.")


def frames(count: int) -> Iterator[Frame]:
    for number in range(count):
        scores, pose, shift = (np.zeros((1, columns), np.float32) for columns in (52, 3, 2))
        pose[0, 0] = number
        yield Frame(np.full((SIZE[1], SIZE[0], 3), 60, np.uint8), None, Motion(25, scores, pose, shift))


def portrait() -> Portrait:
    face = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), np.zeros(3, np.float32))
    return Portrait(np.zeros((8, 8, 3), np.uint8), face)


def recorded(subject: Path, folder: Path, **given: Any) -> list[Event]:
    plan = check(*split({"subject": subject, "path": folder / "talk.mp4", "text": "Good morning.", **given}))
    return list(record(plan, portrait(), Clip(SIZE, 25, frames(50)), [SPEECH], {"title": "t"}, preview=False))


def test_frames_may_have_another_size_than_the_photo(astronaut: Path, tmp_path: Path) -> None:
    *_, result = recorded(astronaut, tmp_path)
    assert isinstance(result, Result)
    info = probe(result.video)
    assert info.size == SIZE and info.duration == pytest.approx(2.0, abs=0.04)
    assert result.faceless == 0


def test_captions_and_the_mark_change_the_picture_only_where_asked(astronaut: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    recorded(astronaut, tmp_path, captions="burn")
    recorded(astronaut, tmp_path / "plain", mark=False)
    burned = np.stack(list(read_frames(tmp_path / "talk.mp4")))
    plain = np.stack(list(read_frames(tmp_path / "plain" / "talk.mp4")))
    assert np.ptp(plain[20]) < 8
    assert np.ptp(burned[20, : SIZE[1] // 3]) > 60, "the mark, above"
    assert np.ptp(burned[20, 2 * SIZE[1] // 3 :]) > 60, "the caption, below"


def test_files_beside_the_video_are_whole(astronaut: Path, tmp_path: Path) -> None:
    *_, result = recorded(astronaut, tmp_path, captions="vtt", motion=tmp_path / "m.csv")
    assert isinstance(result, Result) and result.captions is not None and result.motion is not None
    assert "Good morning." in result.captions.read_text(encoding="utf-8")
    assert np.allclose(read_motion(result.motion).pose[:, 0], np.arange(50))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.csv", "talk.mp4", "talk.vtt"]


def test_words_that_are_missing_from_the_captions_are_told(astronaut: Path, tmp_path: Path) -> None:
    given = {"subject": astronaut, "path": tmp_path / "talk.mp4", "audio": tmp_path / "talk.wav"}
    write_wav(tmp_path / "talk.wav", SPEECH.samples + 0.1)
    parts = [replace(SPEECH, incomplete=True), SPEECH]
    plan = check(*split({**given, "captions": "vtt"}))
    *_, result = record(plan, portrait(), Clip(SIZE, 25, frames(50)), parts, {}, preview=False)
    assert isinstance(result, Result)
    from pipeline.ui import words

    (said,) = result.notes
    assert "missing from the captions" in said and said in words.translations()["de"]


def test_a_head_without_motion_leaves_no_empty_motion_file(astronaut: Path, tmp_path: Path) -> None:
    given = {"subject": astronaut, "path": tmp_path / "talk.mp4", "text": "Hi.", "motion": tmp_path / "m.csv"}
    pictures = (replace(frame, motion=None) for frame in frames(50))
    *_, result = record(
        check(*split(given)), portrait(), Clip(SIZE, 25, pictures), [SPEECH], {}, preview=False
    )
    assert isinstance(result, Result) and result.motion is None
    assert [path.name for path in tmp_path.iterdir()] == ["talk.mp4"]


def test_a_file_beside_it_that_cannot_be_written_leaves_no_video(astronaut: Path, tmp_path: Path) -> None:
    folder = tmp_path / "motion"
    folder.mkdir()
    given = {"subject": astronaut, "path": tmp_path / "talk.mp4", "text": "Hi.", "motion": folder / "m.csv"}
    clip = Clip(SIZE, 25, frames(50))
    stream = record(check(*split(given)), portrait(), clip, [SPEECH], {}, preview=False)
    next(stream)
    folder.rmdir()
    with pytest.raises(OutputError):
        list(stream)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["talk.srt", "m.csv"])
def test_a_file_that_came_meanwhile_is_replaced_only_when_asked(
    astronaut: Path, tmp_path: Path, name: str
) -> None:
    given = {"captions": "srt", "motion": tmp_path / "m.csv"}
    given |= {"subject": astronaut, "path": tmp_path / "talk.mp4", "text": "Hi."}
    for overwrite in (False, True):
        plan = check(*split({**given, "overwrite": overwrite}))
        stream = record(plan, portrait(), Clip(SIZE, 25, frames(50)), [SPEECH], {}, preview=False)
        next(stream)
        (tmp_path / name).write_text("precious")
        if overwrite:
            *_, result = stream
            assert isinstance(result, Result) and (tmp_path / name).read_text() != "precious"
            return
        with pytest.raises(OutputError, match=f"{name} already exists"):
            list(stream)
        assert (tmp_path / name).read_text() == "precious" and not (tmp_path / "talk.mp4").exists()
        for path in tmp_path.iterdir():
            path.unlink()
