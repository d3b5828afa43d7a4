"""The review as a picture: lips seen against lips expected from the sound, and the head's path below."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.motion.audio_features import STEPS
from pipeline.review.lips import expected_aperture
from pipeline.review.sampling import Stretch
from pipeline.review.video import Report

_WIDTH, _HEIGHT = 1200, 640
_LEFT, _RIGHT = 90, 30
_PAPER, _INK, _FAINT = (252, 251, 249), (45, 48, 56), (222, 222, 226)
_SEEN, _EXPECTED = (22, 92, 168), (214, 120, 40)
_POSES = ((22, 92, 168), (40, 140, 90), (190, 70, 110))
_SECONDS = 12.0
"""Drawn at most: the start of the first stretch that shows a face."""


def draw(report: Report) -> np.ndarray:
    """The curves behind a report as `(640, 1200, 3)` uint8 RGB."""
    page = np.full((_HEIGHT, _WIDTH, 3), _PAPER, np.uint8)
    stretch = max(report.stretches, key=lambda part: len(part.time))
    start = float(stretch.time[0])
    shown = stretch.time <= start + _SECONDS
    time = stretch.time[shown]
    span = start, max(float(time[-1]), start + 1.0)
    _write(page, f"Lips {report.lips:.0f}/100    Head {report.head:.0f}/100", (_LEFT, 40), 0.8, _INK)
    _draw_lips(page, report, stretch, shown, span)
    _draw_head(page, stretch.pose[shown], time, span)
    return page


def _draw_lips(
    page: np.ndarray, report: Report, stretch: Stretch, shown: np.ndarray, span: tuple[float, float]
) -> None:
    lag = report.lip_measures.lag if report.lip_measures else 0.0
    expected, speaking = expected_aperture(stretch.sound)
    grid = stretch.heard_from + np.arange(len(expected)) / STEPS
    wanted = np.interp(stretch.time[shown], grid, expected)
    # In silence the filter has nothing to go by.
    wanted[np.interp(stretch.time[shown], grid, speaking) < 0.5] = np.nan
    panel = (80, 330)
    _axes(page, panel, span, "mouth opening")
    _curve(page, panel, span, stretch.time[shown], _normal(wanted), _EXPECTED)
    _curve(page, panel, span, stretch.time[shown], _normal(stretch.aperture[shown]), _SEEN)
    _write(page, "seen in the picture", (_LEFT + 10, 74), 0.5, _SEEN)
    _write(page, "expected from the sound", (_LEFT + 220, 74), 0.5, _EXPECTED)
    _write(page, f"picture late by {1000 * lag:+.0f} ms", (_LEFT + 480, 74), 0.5, _INK)


def _draw_head(page: np.ndarray, pose: np.ndarray, time: np.ndarray, span: tuple[float, float]) -> None:
    panel = (400, 600)
    reach = max(4.0, float(np.abs(pose - pose.mean(0)).max()))
    _axes(page, panel, span, f"+-{reach:.0f} deg")
    for column, (name, colour) in enumerate(zip(("yaw", "pitch", "roll"), _POSES, strict=True)):
        values = (pose[:, column] - pose[:, column].mean()) / reach * 0.5 + 0.5
        _curve(page, panel, span, time, values, colour)
        _write(page, name, (_LEFT + 10 + 80 * column, 392), 0.5, colour)


def _axes(page: np.ndarray, panel: tuple[int, int], span: tuple[float, float], label: str) -> None:
    top, bottom = panel
    for second in range(int(np.ceil(span[0])), int(span[1]) + 1):
        x = round(_across(second, span))
        cv2.line(page, (x, top), (x, bottom), _FAINT, 1, cv2.LINE_AA)
        _write(page, f"{second} s", (x - 10, bottom + 20), 0.4, _INK)
    cv2.line(page, (_LEFT, bottom), (_WIDTH - _RIGHT, bottom), _INK, 1, cv2.LINE_AA)
    for row, word in enumerate(label.split()):
        _write(page, word, (12, (top + bottom) // 2 + 18 * row), 0.42, _INK)


def _curve(
    page: np.ndarray,
    panel: tuple[int, int],
    span: tuple[float, float],
    time: np.ndarray,
    values: np.ndarray,
    colour: tuple[int, int, int],
) -> None:
    top, bottom = panel
    points = np.column_stack([_across(time, span), bottom - np.clip(values, 0, 1) * (bottom - top)])
    known = np.isfinite(values)
    for piece in np.split(np.arange(len(points)), np.flatnonzero(np.diff(known)) + 1):
        if len(piece) and known[piece[0]]:
            fixed = np.round(points[piece] * 16).astype(np.int32)
            cv2.polylines(page, [fixed], False, colour, 2, cv2.LINE_AA, shift=4)


def _across(time: np.ndarray | float, span: tuple[float, float]) -> np.ndarray | float:
    return _LEFT + (time - span[0]) / (span[1] - span[0]) * (_WIDTH - _LEFT - _RIGHT)


def _normal(curve: np.ndarray) -> np.ndarray:
    """Stretched to [0.05, 0.95]; NaN stays."""
    if not np.isfinite(curve).any():
        return curve
    low, high = np.nanpercentile(curve, [2, 98])
    return (curve - low) / max(high - low, 1e-9) * 0.9 + 0.05


def _write(
    page: np.ndarray, text: str, at: tuple[int, int], size: float, colour: tuple[int, int, int]
) -> None:
    cv2.putText(page, text, at, cv2.FONT_HERSHEY_DUPLEX, size, colour, 1, cv2.LINE_AA)
