"""Motion files come back as they were written, and bad ones get a sentence that names the line."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import MotionFileError, OutputError
from pipeline.motion import read_motion, resample, write_motion
from pipeline.types import BLENDSHAPES, Motion


@pytest.fixture
def motions() -> list[Motion]:
    random = np.random.default_rng(5)

    def one(frames: int) -> Motion:
        return Motion(
            30,
            random.random((frames, 52)).astype(np.float32),
            random.normal(0, 5, (frames, 3)).astype(np.float32),
            random.normal(0, 0.1, (frames, 2)).astype(np.float32),
        )

    return [one(40), one(25)]


def test_the_studios_format_comes_back(tmp_path: Path, motions: list[Motion]) -> None:
    path = tmp_path / "motion.csv"
    write_motion(path, motions)
    header = path.read_text().splitlines()[0].split(",")
    assert header == ["time", *BLENDSHAPES, "yaw", "pitch", "roll", "shiftX", "shiftY"]
    read = read_motion(path)
    assert (read.fps, len(read)) == (30, 65)
    assert np.allclose(read.blendshapes, np.concatenate([m.blendshapes for m in motions]), atol=1e-4)
    assert np.allclose(read.pose, np.concatenate([m.pose for m in motions]), atol=1e-2)
    assert np.allclose(read.shift, np.concatenate([m.shift for m in motions]), atol=1e-3)


def test_live_link_comes_back_relative_to_its_first_pose(tmp_path: Path, motions: list[Motion]) -> None:
    path = tmp_path / "take.csv"
    write_motion(path, motions, "livelink")
    header, first = (line.split(",") for line in path.read_text().splitlines()[:2])
    assert header[:3] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft"]
    assert header[53:57] == ["TongueOut", "HeadYaw", "HeadPitch", "HeadRoll"]
    assert (len(header), first[1]) == (63, "61")
    assert float(first[54]) == pytest.approx(np.radians(motions[0].pose[0, 0]), abs=1e-6)
    read = read_motion(path)
    pose = np.concatenate([m.pose for m in motions])
    assert (read.fps, len(read)) == (30, 65)
    assert np.allclose(read.blendshapes, np.concatenate([m.blendshapes for m in motions]), atol=1e-4)
    assert np.allclose(read.pose, pose - pose[0], atol=1e-2)


def test_drop_frame_timecodes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    rows = [f"14:03:{52 + k // 60:02d};{k % 60:02d}.207,1,0.5" for k in range(90)]
    path.write_text("\n".join(["Timecode,BlendShapeCount,EyeBlinkLeft", *rows]))
    read = read_motion(path)
    assert (read.fps, len(read)) == (60, 90)
    assert read.blendshapes[:, 0].min() == 0.5


def test_resampling_keeps_time(motions: list[Motion]) -> None:
    slow = resample(motions[0], 60)
    assert (slow.fps, len(slow)) == (60, 80)
    assert np.allclose(slow.blendshapes[::2], motions[0].blendshapes, atol=1e-6)
    assert len(resample(motions[0], 25)) == 33


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column 'time' or 'Timecode'"),
        ("a,b\n1,2\n", "no column 'time' or 'Timecode'"),
        ("time,yaw\n", "no frames"),
        ("time,nose\n0,1\n", "no column named"),
        ("time,jawOpen\n0,0.5\n0.04,much\n", "line 3: a value is not a number"),
        ("time,jawOpen\n0,0.5\n0.04,nan\n", "line 3: a value is not a finite number"),
        ("time,jawOpen\n0,0.5\n0.04\n", "line 3: 2 values are needed, but there are 1"),
        ("time,jawOpen\n0.04,0.5\n0.04,0.6\n", "line 3: the times do not rise"),
        ("time,jawOpen\n0,0.5\n1e9,0.6\n", "longer than"),
        ("time,jawOpen\n0,0.5\n\n0.04,0.6\n0.02,0.6\n", "line 5: the times do not rise"),
        ("time,yaw\n0,0\n0.04,1e300\n", "line 3: 1e.300 is too large"),
        ("time,shiftX\n0,-1e39\n", "line 2: -1e.39 is too large"),
        ("time,jawOpen\n0,1e999\n", "line 2: a value is not a finite number"),
        ("time,jawOpen\n0,0.5\n" + "0" * 20_000, "too long for a motion file"),
        ("Timecode,JawOpen,HeadYaw\nnow,0.5,0\n", "line 2: the Timecode is not"),
        ("Timecode,JawOpen\n00:00:00:00,0.5\n,0.5\n", "line 3: the Timecode is not"),
        ("Timecode,JawOpen\n00:00:00:nan,0.5\n", "line 2: the Timecode is not"),
        ("Timecode,JawOpen\ninf:00:00:00,0.5\n", "line 2: the Timecode is not"),
        ("Timecode,JawOpen\n00:00:00:-1,0.5\n", "line 2: the Timecode is not"),
        ("Timecode,JawOpen\n00:00:00:00,0.5\n10000:00:00:00,0.5\n", "longer than an hour"),
        ("Timecode,JawOpen\n00:00:00:00,0.5\n00:00:00:1000000000,0.5\n", "longer than an hour"),
        ("Timecode,JawOpen\n00:00:01:00,0.5\n00:00:00:00,0.5\n", "line 3: the times do not rise"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(MotionFileError, match=says):
        read_motion(path)


def test_a_binary_or_missing_file_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(MotionFileError, match="not a CSV file"):
        read_motion(path)
    with pytest.raises(MotionFileError, match="There is no motion file"):
        read_motion(tmp_path / "absent.csv")
    with pytest.raises(MotionFileError, match="not an ordinary file"):
        read_motion(Path(os.devnull))


def test_a_file_without_end_is_refused_after_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.motion.files._MOST_ROWS", 1000)
    path = tmp_path / "long.csv"
    path.write_text("time,jawOpen\n" + "".join(f"{row / 1000:.3f},0\n" for row in range(1001)))
    with pytest.raises(MotionFileError, match="longer than an hour"):
        read_motion(path)


def test_many_rows_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "dense.csv"
    path.write_text("time,jawOpen\n" + "".join(f"{row / 1000:.3f},0.5\n" for row in range(30_000)))
    tracemalloc.start()
    read = read_motion(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (read.fps, len(read)) == (60, 1801)
    assert peak < 30e6, "100 MB for each 100,000 rows"


def test_an_unknown_format_or_an_unwritable_place_leaves_nothing(
    tmp_path: Path, motions: list[Motion]
) -> None:
    with pytest.raises(MotionFileError, match="choose csv or livelink"):
        write_motion(tmp_path / "a.csv", motions, "bvh")  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="cannot be written"):
        write_motion(tmp_path / "absent" / "a.csv", motions)

    def broken():
        yield motions[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_motion(tmp_path / "half.csv", broken())
    assert list(tmp_path.iterdir()) == []
