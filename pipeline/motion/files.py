"""Motion files: the studio's own CSV, and the CSV that the Live Link Face app records.

The studio's CSV has `time` in seconds, ARKit's 52 names, `yaw`, `pitch`, `roll` in degrees, and `shiftX`,
`shiftY` in inter-ocular distances. Live Link Face writes a `Timecode`
(hours:minutes:seconds:frames.thousandths), the number of curves, the 52 names capitalised, then the rotations
of head and eyes in radians.
"""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Literal, TextIO

import numpy as np

from pipeline.errors import MotionFileError
from pipeline.files import written_whole
from pipeline.types import BLENDSHAPES, FRAME_RATES, SHAPE, Motion

Format = Literal["csv", "livelink"]

_POSE = ("yaw", "pitch", "roll")
_SHIFT = ("shiftX", "shiftY")
_CURVES = tuple(name[0].upper() + name[1:] for name in BLENDSHAPES)
_HEAD = ("HeadYaw", "HeadPitch", "HeadRoll")
_EYES = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")
# ARKit's axes are right-handed: its roll has the opposite sign of ours.
_HEAD_SIGNS = np.array([1.0, 1.0, -1.0])
_EYE_RANGE = math.radians(30)
"""Rotation of an eye in radians where its look blendshape is 1."""
_LONGEST = 3600.0
"""Seconds that a motion file may last."""
_MOST_ROWS = 240 * 3600
"""Rows that are read: an hour at four times the highest frame rate, 200 MB of numbers."""
_LONGEST_LINE = 16_384
"""Characters of a line, ten times as many as a row of either format has."""
_LARGEST = 1000.0
"""Beyond it lies nothing that a face does: scores end at 1, degrees at 360."""
_UNSIGNED = re.compile(r"[0-9]{1,12}(\.[0-9]{0,12})?")
"""A part of a timecode."""


def write_motion(
    path: Path,
    motions: Iterable[Motion],
    format: Format = "csv",  # noqa: A002
    *,
    overwrite: bool = True,
) -> None:
    """Write a stream of motion; the file appears under its name once it is complete.

    Args:
        path: the file.
        motions: consecutive stretches at one frame rate.
        format: "csv" (the studio's) or "livelink" (Live Link Face's).
        overwrite: whether it may replace a file of that name, even one that appeared meanwhile.

    Raises:
        MotionFileError: `format` is unknown.
        OutputError: `path` cannot be written, or is taken and may not be replaced.
    """
    if format not in ("csv", "livelink"):
        raise MotionFileError(
            f"There is no motion format {format!r}; choose csv or livelink.", parameter="format"
        )
    header, row_of = (
        (_studio_header(), _studio_row) if format == "csv" else (_livelink_header(), _livelink_row)
    )
    whole = written_whole(path, overwrite=overwrite)
    with whole as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        frames = count()
        for motion in motions:
            table.writerows(row_of(motion, at, next(frames)) for at in range(len(motion)))


def read_motion(path: Path) -> Motion:
    """Read a motion file of either format, recognised by its header; missing curves are zero.

    Raises:
        MotionFileError: the file cannot be read as motion; the sentence names the line.
    """
    if not path.is_file():
        if path.exists():
            raise MotionFileError(f"{path} is not an ordinary file; give the name of a motion file.")
        raise MotionFileError(f"There is no motion file at {path}; check the name.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(file, path.name)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MotionFileError(
            f"{path.name} is not a CSV file; export the motion as comma-separated text."
        ) from error


def resample(motion: Motion, fps: int) -> Motion:
    """The same motion at another frame rate, interpolated; its length changes by less than a frame."""
    if fps == motion.fps or not len(motion):
        return Motion(fps, motion.blendshapes, motion.pose, motion.shift)
    frames = max(1, round(len(motion) * fps / motion.fps))
    at = np.arange(frames) / fps
    known = np.arange(len(motion)) / motion.fps
    return _interpolated(at, known, fps, motion.blendshapes, motion.pose, motion.shift)


def _studio_header() -> list[str]:
    return ["time", *BLENDSHAPES, *_POSE, *_SHIFT]


def _studio_row(motion: Motion, at: int, frame: int) -> list[str]:
    values = np.concatenate([motion.blendshapes[at], motion.pose[at], motion.shift[at]])
    return [f"{frame / motion.fps:.6f}", *(f"{value:.5f}" for value in values)]


def _livelink_header() -> list[str]:
    return ["Timecode", "BlendShapeCount", *_CURVES, *_HEAD, *_EYES]


def _livelink_row(motion: Motion, at: int, frame: int) -> list[str]:
    scores = motion.blendshapes[at]
    head = np.radians(motion.pose[at] * _HEAD_SIGNS)
    values = np.concatenate([scores, head, _eye_angles(scores)])
    return [_timecode(frame, motion.fps), str(len(values)), *(f"{value:.8f}" for value in values)]


def _eye_angles(scores: np.ndarray) -> np.ndarray:
    def look(name: str) -> float:
        return float(scores[SHAPE[name]]) * _EYE_RANGE

    pitch = [look(f"eyeLookDown{side}") - look(f"eyeLookUp{side}") for side in ("Left", "Right")]
    left = look("eyeLookOutLeft") - look("eyeLookInLeft")
    right = look("eyeLookInRight") - look("eyeLookOutRight")
    return np.array([left, pitch[0], 0.0, right, pitch[1], 0.0])


def _timecode(frame: int, fps: int) -> str:
    seconds, rest = divmod(frame, fps)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}.000"


def _read(file: TextIO, name: str) -> Motion:
    table = csv.reader(_lines(file, name))
    header = [cell.strip() for cell in next(table, [])]
    if "Timecode" in header:
        return _read_livelink(table, header, name)
    if "time" not in header:
        raise MotionFileError(
            f"{name} has no column 'time' or 'Timecode'; the first line of a motion file names its columns."
        )
    lines, times, values = _columns(table, header, "time", (*BLENDSHAPES, *_POSE, *_SHIFT), name)
    seconds = np.array([_number(time, name, line) for line, time in zip(lines, times, strict=True)])
    _require_rising(seconds, lines, name, strictly=True)
    return _regular(seconds - seconds[0], values[:, :52], values[:, 52:55], values[:, 55:57])


def _read_livelink(table: Iterator[list[str]], header: list[str], name: str) -> Motion:
    lines, codes, values = _columns(table, header, "Timecode", (*_CURVES, *_HEAD), name)
    parts = np.array([_timecode_parts(code, name, line) for line, code in zip(lines, codes, strict=True)])
    # The frame rate is not in the file.
    fps = next((rate for rate in FRAME_RATES if parts[:, 3].max() < rate), FRAME_RATES[-1])
    seconds = parts @ [3600.0, 60.0, 1.0, 1 / fps]
    _require_rising(seconds, lines, name, strictly=False)
    pose = np.degrees(values[:, 52:55]) * _HEAD_SIGNS
    return _regular(seconds - seconds[0], values[:, :52], pose - pose[0], np.zeros((len(pose), 2)))


def _lines(file: TextIO, name: str) -> Iterator[str]:
    """The lines of a file, none of which is longer than a row can be."""
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise MotionFileError(f"{name} has a line that is too long for a motion file; export it again.")
        yield line


def _columns(
    table: Iterable[list[str]], header: list[str], clock: str, wanted: tuple[str, ...], name: str
) -> tuple[list[int], list[str], np.ndarray]:
    """Each row's line in the file, its cell of the column `clock`, and its numbers in the order of `wanted`.

    The numbers are `(T, len(wanted))` float32; those of a column that the file lacks are 0.
    """
    at = [header.index(column) if column in header else None for column in wanted]
    if not any(place is not None for place in at):
        raise MotionFileError(
            f"{name} has no column named after one of ARKit's 52 blendshapes; check its first line."
        )
    lines: list[int] = []
    times: list[str] = []
    numbers = array("f")
    for line, row in enumerate(table, 2):
        if not any(row):
            continue
        if len(row) < len(header):
            raise MotionFileError(
                f"{name}, line {line}: {len(header)} values are needed, but there are {len(row)}."
            )
        if len(lines) == _MOST_ROWS:
            raise _too_long(name)
        lines.append(line)
        times.append(row[header.index(clock)])
        numbers.extend(0.0 if place is None else _number(row[place], name, line, _LARGEST) for place in at)
    if not lines:
        raise MotionFileError(f"{name} has a header but no frames; record the motion again.")
    return lines, times, np.frombuffer(numbers, np.float32).reshape(len(lines), len(wanted))


def _number(cell: str, name: str, line: int, largest: float = math.inf) -> float:
    """The number in a cell, checked to be finite and not beyond ±`largest`."""
    try:
        value = float(cell)
    except ValueError as error:
        raise MotionFileError(f"{name}, line {line}: a value is not a number; correct it.") from error
    if not math.isfinite(value):
        raise MotionFileError(f"{name}, line {line}: a value is not a finite number; correct it.")
    if abs(value) > largest:
        raise MotionFileError(
            f"{name}, line {line}: {value:g} is too large for a blendshape, an angle or a shift; correct it."
        )
    return value


def _timecode_parts(code: str, name: str, line: int) -> tuple[float, float, float, float]:
    """Hours, minutes, seconds and frames of a Live Link timecode."""
    parts = code.strip().replace(";", ":").split(":")
    if len(parts) == 4 and all(_UNSIGNED.fullmatch(part) for part in parts):
        return float(parts[0]), float(parts[1]), float(parts[2]), float(parts[3])
    raise MotionFileError(
        f"{name}, line {line}: the Timecode is not hours:minutes:seconds:frames; correct it, or record again."
    )


def _require_rising(seconds: np.ndarray, lines: list[int], name: str, *, strictly: bool) -> None:
    """Refuses times that fall, or repeat where `strictly`, or that span more than `_LONGEST`."""
    steps = np.diff(seconds)
    falling = np.flatnonzero(steps <= 0 if strictly else steps < 0)
    if len(falling):
        line = lines[int(falling[0]) + 1]
        raise MotionFileError(f"{name}, line {line}: the times do not rise; sort the rows by time.")
    if seconds[-1] - seconds[0] > _LONGEST:
        raise _too_long(name)


def _too_long(name: str) -> MotionFileError:
    return MotionFileError(f"{name} is longer than an hour; cut it into shorter pieces.")


def _regular(times: np.ndarray, scores: np.ndarray, pose: np.ndarray, shift: np.ndarray) -> Motion:
    """Motion at the nearest of `FRAME_RATES`, interpolated between the file's own frames."""
    spacing = float(np.median(np.diff(times))) if len(times) > 1 else 1 / 25
    fps = min(FRAME_RATES, key=lambda rate: abs(math.log(rate * max(spacing, 1e-6))))
    frames = max(1, round(float(times[-1]) * fps) + 1)
    return _interpolated(np.arange(frames) / fps, times, fps, scores, pose, shift)


def _interpolated(
    at: np.ndarray, known: np.ndarray, fps: int, scores: np.ndarray, pose: np.ndarray, shift: np.ndarray
) -> Motion:
    def read(values: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(at, known, column) for column in values.T], 1).astype(np.float32)

    return Motion(fps, np.clip(read(scores), 0, 1), read(pose), read(shift))
