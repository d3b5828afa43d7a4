"""The page's own pieces of HTML: verdict chips, stepper, gauges, cards, messages.

Pure functions from values to markup. Whatever a person or a file may have written is escaped.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pipeline.cards import Card
from pipeline.findings import Finding
from pipeline.progress import Stage
from pipeline.service.messages import Message

_GOOD = 75.0
"""Score from which a layer needs no attention."""

_PRAISE = "Looks natural."

STAGES: dict[Stage, str] = {
    "subject": "Photo",
    "speech": "Voice",
    "animation": "Animation",
    "saving": "Saving",
}
"""What each stage of a render is called on the page; downloading weights comes before them all."""


def duration(seconds: float) -> str:
    """A duration in words: "8 s", "1 min 20 s"."""
    whole = max(round(seconds), 1)
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def size(count: int) -> str:
    """A file size in words: "4 MB", "1.8 GB"."""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f} GB"
    return f"{max(round(count / 1e6), 1)} MB"


def notice(sentence: str, *, kind: Literal["error", "note"] = "error") -> str:
    """A message in the flow of the page."""
    role = "alert" if kind == "error" else "status"
    return f'<div class="notice {kind}" role="{role}">{escape(sentence)}</div>'


def problem(message: Message) -> str:
    """What went wrong; the script of the page reads which field it is about."""
    about = f' data-parameter="{escape(message.parameter)}"' if message.parameter else ""
    return f'<div class="notice error" role="alert"{about}>{escape(str(message))}</div>'


def hint(sentence: str) -> str:
    """A remark in small print."""
    return f'<p class="hint">{escape(sentence)}</p>'


def address(file: Path) -> str:
    """Where the browser finds a file that the page may serve; relative, so that it works behind a proxy."""
    return escape(f"gradio_api/file={quote(file.as_posix())}")


def verdicts(findings: Iterable[Finding], *, said: str = "", praise: str = "") -> str:
    """What to do about those findings that are not good, or praise; every single one behind a fold.

    Args:
        said: what the page says above it already; advice in there is not repeated.
        praise: what to say where there is no advice.
    """
    findings = list(findings)
    if not findings:
        return ""
    advice = [found for found in _worst_first(findings) if found.verdict != "good"]
    told = [found for found in advice if found.sentence not in said]
    lines = "".join(f'<p class="advice {found.verdict}">{escape(found.sentence)}</p>' for found in told)
    if not advice and praise:
        lines = f'<p class="advice good">{escape(praise)}</p>'
    chips = "".join(
        f'<li class="chip {found.verdict}"><span class="dot"></span>{escape(found.topic)}'
        f"<b>{found.verdict}</b></li>"
        for found in findings
    )
    return (
        f'<div class="verdicts">{lines}<details><summary>All checks</summary>'
        f'<ul class="chips">{chips}</ul></details></div>'
    )


def waiting(ahead: int, seconds: float, own: int = 0) -> str:
    """The place of a job that has not begun.

    Args:
        ahead: how many come before it, including the one that runs.
        own: how many of these are the visitor's own.
    """
    if own >= ahead:
        others = "Your other video comes first." if ahead == 1 else f"{ahead} of your videos come first."
        said = f"{others} This one should start in about {duration(_rounded(seconds))}."
    else:
        others = "1 video is" if ahead == 1 else f"{ahead} videos are"
        said = f"{others} ahead of yours. It should start in about {duration(_rounded(seconds))}."
    return f'<div class="notice note" role="status">{said}</div>'


def stepper(stage: Stage | None, fraction: float, seconds_left: float | None = None) -> str:
    """The stages of a render with the current one marked, a bar, and the time left; None before the first."""
    names = list(STAGES)
    at = names.index(stage) if stage in STAGES else -1
    items = "".join(
        f'<li class="{_place(index, at)}"{" aria-current=step" if index == at else ""}>{STAGES[name]}</li>'
        for index, name in enumerate(names)
    )
    percent = round(100 * min(max(fraction, 0.0), 1.0))
    return (
        f'<div class="progress"><ol class="steps">{items}</ol>'
        f'<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}">'
        f'<span style="width:{percent}%"></span></div>'
        f'<p class="left"><span>{percent}%</span><span>{_left(stage, seconds_left)}</span></p></div>'
    )


def _left(stage: Stage | None, seconds: float | None) -> str:
    if stage == "download":
        return "Downloading the model (first use only)"
    if stage == "saving":
        return "Almost done"
    return f"About {duration(seconds)} left" if seconds else "Preparing your preview…"


def _rounded(seconds: float) -> float:
    """An estimate without false precision: to 5 seconds, above a minute to 30."""
    step = 5 if seconds < 60 else 30
    return max(step * round(seconds / step), step)


def report(lips: float, head: float, sentence: str, findings: Sequence[Finding], curves: bytes) -> str:
    """The review of a finished video: one sentence, with the measurements in a fold.

    Args:
        sentence: what is not good, if anything.
        curves: a PNG of what was measured over time.
    """
    source = b64encode(curves).decode()
    gauges = (
        f'<div class="gauges">{gauge("Lip sync", lips)}{gauge("Head motion", head)}</div>' if sentence else ""
    )
    return (
        f'<section class="report" aria-label="Quality check"><p class="sum {"" if sentence else "good"}">'
        f"{escape(sentence or _PRAISE)}</p>{gauges}"
        f"<details><summary>Show lip-sync and head-motion charts</summary>{verdicts(findings)}"
        '<img alt="Charts of mouth opening and head pose over time" '
        f'src="data:image/png;base64,{source}"></details>'
        "</section>"
    )


def gauge(label: str, score: float) -> str:
    """A half ring filled by a score from 0 to 100."""
    share = min(max(score, 0.0), 100.0)
    verdict = "good" if share >= _GOOD else "fair" if share >= 50 else "poor"
    return (
        f'<figure class="gauge {verdict}"><svg viewBox="0 0 100 56" role="img" '
        f'aria-label="{escape(label)} {share:.0f} of 100"><path class="track" d="M8 50a42 42 0 0 1 84 0"/>'
        f'<path class="fill" pathLength="100" stroke-dasharray="{share:.1f} 200" d="M8 50a42 42 0 0 1 84 0"/>'
        f'<text x="50" y="47">{share:.0f}</text></svg><figcaption>{escape(label)}</figcaption></figure>'
    )


def engine_card(card: Card, download: int) -> str:
    """What to know of an engine before choosing it; `download` in bytes, 0 where nothing is fetched."""
    badges = [_badge(card.speed), _badge(f"weights: {card.weights_licence}")]
    if not card.commercial:
        badges.append(_badge("not for commercial use", "warn"))
    if download:
        badges.append(_badge(f"downloads {size(download)} on first use", "warn"))
    link = (
        f' <a href="{escape(card.paper)}" target="_blank" rel="noopener">Read more</a>' if card.paper else ""
    )
    about = f"<p>{escape(card.summary)}{link}</p>"
    return f'<div class="card">{about}<ul class="badges">{"".join(badges)}</ul></div>'


def voice_card(licence: str, *, commercial: bool, download: int) -> str:
    """What to know of a voice: its licence, and what it downloads (bytes)."""
    badges = [_badge(licence)]
    if not commercial:
        badges.append(_badge("not for commercial use", "warn"))
    if download:
        badges.append(_badge(f"downloads {size(download)} on first use", "warn"))
    return f'<ul class="badges">{"".join(badges)}</ul>'


def _badge(text: str, kind: str = "") -> str:
    return f'<li class="badge {kind}">{escape(text)}</li>'


def _place(index: int, at: int) -> str:
    return "done" if index < at else "now" if index == at else "next"


def _worst_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda found: ("poor", "fair", "good").index(found.verdict))


def faceless(frames: int) -> str:
    """The note on frames in which no face was found; "" if there are none."""
    if not frames:
        return ""
    if frames == 1:
        return "1 frame shows no face and was left unchanged."
    return f"{frames} frames show no face and were left unchanged."


def still(picture: Path) -> str:
    """A frame in the place of a video that no browser plays."""
    said = "Browsers cannot play ProRes. Download the video and open it in an editing program."
    return f'<div class="still"><img src="{address(picture)}" alt="Your video"><p>{said}</p></div>'
