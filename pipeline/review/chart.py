"""The review as a chart: the lips' opening against the one expected from the sound, and the head pose below.

The background is transparent and the colours are mid-tones, so that the chart reads on a light and on a dark
page. matplotlib draws it through its object interface alone: `pyplot` keeps global state that threads share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.motion.audio_features import STEPS
from pipeline.review.lips import expected_aperture
from pipeline.review.sampling import Stretch
from pipeline.review.video import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT, _DPI = 1200, 720, 100
"""Size in px; shown at half of it, as on the page, the smallest type is 11 px high."""
_FONT_SIZE = 22 * 72 / _DPI
"""In points; 22 px."""
_TEXT, _GRID = "#7f8694", "#7f869455"
_SEEN, _EXPECTED = "#3b82d6", "#d97a2b"
_POSE_COLOURS = {"yaw": "#3b82d6", "pitch": "#2f9e6b", "roll": "#c9528c"}
_SECONDS = 12.0
"""Longest part that is drawn: the start of the longest stretch that shows a face."""
_SMALLEST_RANGE = 4.0
"""Degrees that the pose axis spans at least on either side."""


def draw(report: Report) -> np.ndarray:
    """The curves behind a report as `(720, 1200, 4)` uint8 RGBA with a transparent background."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    stretch = max(report.stretches, key=lambda part: len(part.time))
    shown = stretch.time <= stretch.time[0] + _SECONDS
    figure = Figure(figsize=(_WIDTH / _DPI, _HEIGHT / _DPI), dpi=_DPI, layout="constrained")
    figure.patch.set_alpha(0)
    lips, head = figure.subplots(2, 1, sharex=True, height_ratios=(5, 4))
    _style(lips, f"Lips {report.lips:.0f}/100, {_lag(report)}", "opening")
    _draw_lips(lips, stretch, shown)
    _style(head, f"Head {report.head:.0f}/100", "degrees")
    _draw_head(head, stretch.pose[shown], stretch.time[shown])
    head.set_xlabel("seconds", color=_TEXT, fontsize=_FONT_SIZE)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def _lag(report: Report) -> str:
    late = 1000 * report.lip_measures.lag if report.lip_measures else 0.0
    return "in sync" if not late else f"{abs(late):.0f} ms {'late' if late > 0 else 'early'}"


def _draw_lips(axes: Axes, stretch: Stretch, shown: np.ndarray) -> None:
    expected, speaking = expected_aperture(stretch.sound)
    grid = stretch.sound_start + np.arange(len(expected)) / STEPS
    time = stretch.time[shown]
    wanted = np.interp(time, grid, expected)
    # In silence the filter has nothing to go by.
    wanted[np.interp(time, grid, speaking) < 0.5] = np.nan
    axes.plot(time, _normalized(wanted), color=_EXPECTED, linewidth=2.5, label="expected from the sound")
    axes.plot(
        time, _normalized(stretch.aperture[shown]), color=_SEEN, linewidth=2.5, label="seen in the picture"
    )
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    _legend(axes, columns=2)


def _draw_head(axes: Axes, pose: np.ndarray, time: np.ndarray) -> None:
    away = pose - pose.mean(0)
    for column, (name, colour) in enumerate(_POSE_COLOURS.items()):
        axes.plot(time, away[:, column], color=colour, linewidth=2.5, label=name)
    reach = max(_SMALLEST_RANGE, 1.05 * float(np.abs(away).max()))
    axes.set_ylim(-reach, reach)
    _legend(axes, columns=3)


def _style(axes: Axes, title: str, label: str) -> None:
    axes.patch.set_alpha(0)
    axes.set_title(title, loc="left", color=_TEXT, fontsize=1.15 * _FONT_SIZE)
    axes.set_ylabel(label, color=_TEXT, fontsize=_FONT_SIZE)
    axes.tick_params(colors=_TEXT, labelsize=_FONT_SIZE)
    axes.grid(color=_GRID)
    axes.margins(x=0)
    for side, spine in axes.spines.items():
        spine.set_color(_TEXT)
        spine.set_visible(side in ("left", "bottom"))


def _legend(axes: Axes, *, columns: int) -> None:
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=columns,
        frameon=False,
        fontsize=_FONT_SIZE,
        labelcolor="linecolor",
        borderaxespad=0.1,
    )


def _normalized(curve: np.ndarray) -> np.ndarray:
    """Scaled to [0.05, 0.95]; NaN stays."""
    if not np.isfinite(curve).any():
        return curve
    low, high = np.nanpercentile(curve, [2, 98])
    return np.clip((curve - low) / max(high - low, 1e-9) * 0.9 + 0.05, 0, 1)
