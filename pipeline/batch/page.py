"""The summary page of a batch: `index.html` with a picture, a link and the outcome of each row.

Failed rows come first. There may be ten thousand rows: pictures are read only where they are looked at.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

from pipeline.batch.outcomes import RESULTS, Outcome
from pipeline.batch.rendering import thumbnail_of
from pipeline.files import written_whole

PAGE = "index.html"

_GOOD, _FAIR = 75.0, 50.0
"""Scores, of 100, from which a mark is green, and amber."""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
  color: #1c2430; background: #f7f7f5; }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; padding: 0;
  align-items: start; }
li { list-style: none; background: #fff; border: 1px solid #ddd; border-radius: 8px; overflow: hidden; }
li.failed { border-color: #b3261e; }
img, .none { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #20262e; }
li p { margin: .5rem .75rem; overflow-wrap: anywhere; }
.failed strong { color: #b3261e; }
small { color: #55606e; }
.marks b { padding: .1rem .5rem; border-radius: 1rem; font-size: .8rem; color: #fff; }
.marks .good { background: #1f7a4d; }
.marks .fair { background: #8a5a00; }
.marks .poor { background: #b3261e; }
@media (prefers-color-scheme: dark) {
  body { color: #e8eaed; background: #16191d; } li { background: #20252b; border-color: #3a414a; }
  small { color: #a8b0ba; } a { color: #8ab4f8; }
  .failed strong { color: #f2b8b5; } li.failed { border-color: #f2b8b5; }
}
"""


def write_page(
    folder: Path, title: str, outcomes: Iterable[Outcome], total: int, *, sent: bool = False
) -> Path:
    """Write the page of what is known by now, and return its path.

    Args:
        folder: the batch's.
        title: its heading.
        outcomes: of the rows; those that wait are left out.
        total: how many rows there are.
        sent: whether the videos and their pictures are elsewhere, where the page will be too.

    Raises:
        OutputError: it cannot be written.
    """
    found = [each for each in outcomes if each.status != "waiting"]
    path = folder / PAGE
    with written_whole(path) as part:
        part.write_text(_page(folder, title, found, total, sent=sent), encoding="utf-8")
    return path


def page_alone(folder: Path, title: str, outcomes: Iterable[Outcome]) -> str:
    """The finished page with its pictures inside, which can be read without the folder."""
    found = list(outcomes)
    return _page(folder, title, found, len(found), alone=True)


def _page(
    folder: Path, title: str, outcomes: list[Outcome], total: int, *, alone: bool = False, sent: bool = False
) -> str:
    done = [outcome for outcome in outcomes if outcome.status == "done"]
    failed = len(outcomes) - len(done)
    counts = f"{len(done)} of {total} videos, {clock(sum(each.duration for each in done))} in all"
    counts += f"; {failed} failed" if failed else ""
    ordered = sorted(outcomes, key=lambda each: (each.status != "failed", each.row))
    items = "\n".join(_item(folder, outcome, alone=alone, sent=sent) for outcome in ordered)
    results = "" if alone else f' <a href="{RESULTS}">All results</a>'
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src 'self' file: data:; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n"
        f"<p>{counts}.{results}</p>\n<ul>\n{items}\n</ul>\n</body>\n</html>\n"
    )


def _item(folder: Path, outcome: Outcome, *, alone: bool, sent: bool) -> str:
    name, reason = escape(outcome.output), escape(outcome.plain_reason)
    if outcome.status == "failed":
        return (
            f'<li class="failed"><p><strong>{name}</strong> '
            f"<small>row {outcome.row}</small></p><p>{reason}</p></li>"
        )
    picture = thumbnail_of(outcome.output)
    shown = '<div class="none"></div>'
    if sent or (folder / picture).is_file():
        source = _embedded(folder / picture) if alone else _address(picture)
        shown = f'<img src="{source}" alt="" loading="lazy">'
    said = "".join(
        f"<p><small>{escape(each)}</small></p>" for each in (outcome.reason, outcome.advice) if each
    )
    said = _scores(outcome) + said
    link = f'<a href="{_address(outcome.output)}">'
    return (
        f"<li>{link}{shown}</a><p>{link}{name}</a> "
        f"<small>{clock(outcome.duration)}, row {outcome.row}</small></p>{said}</li>"
    )


def _scores(outcome: Outcome) -> str:
    """The marks of the review, coloured by how good they are."""
    found = {"Lips": outcome.lips, "Head": outcome.head}
    shown = " ".join(
        f'<b class="{_verdict(score)}">{name} {score:.0f}</b>'
        for name, score in found.items()
        if score is not None
    )
    return f'<p class="marks">{shown}</p>' if shown else ""


def _verdict(score: float) -> str:
    return "good" if score >= _GOOD else "fair" if score >= _FAIR else "poor"


def _embedded(picture: Path) -> str:
    return f"data:image/jpeg;base64,{b64encode(picture.read_bytes()).decode()}"


def _address(name: str) -> str:
    """A relative address that no name turns into another scheme."""
    return f"./{quote(name)}"


def clock(seconds: float) -> str:
    """A span as a person says it: "8.0 s", "3 min", "2.5 h"."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
