"""Second step, for tags: SSML and HTML become words, paragraphs and pauses."""

from __future__ import annotations

import re

from pipeline.speech.text import emphasis, marks

_UNSPOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!DOCTYPE[^>]*>|<\?[^>]*\?>"
    r"|<(script|style|head|noscript|template|svg|math|metadata|desc|lexicon)\b(?![^<>]*/>)[^<>]*>"
    r".*?</\1\s*>",
    re.DOTALL | re.IGNORECASE,
)
_PARAGRAPHS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "figure",
        "hr",
        "pre",
        "title",
        "speak",
        "body",
        "html",
        "form",
        "address",
        "details",
        "tr",
        "li",
        "dt",
        "dd",
        "caption",
        "figcaption",
        "option",
    ]
)
"""Elements that begin and end a paragraph."""
_LINES = frozenset(("br", "s", "sentence"))
_CELLS = frozenset(("td", "th"))
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:.-]*)((?:\s|/|=)[^<>]*)?>")
_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 1.0, "x-strong": 1.5}
"""Seconds of the pauses that SSML names by strength."""
_SPELLED = re.compile(
    r"<say-as\b[^<>]*interpret-as\s*=\s*[\"']?(?:characters|spell-out|verbatim|digits)\b[^<>]*>([^<>]*)"
    r"</say-as\s*>",
    re.IGNORECASE,
)
_ALIAS = re.compile(r"<sub\b[^<>]*alias\s*=\s*(\"[^\"<>]*\"|'[^'<>]*')[^<>]*>[^<>]*</sub\s*>", re.IGNORECASE)
_EMPHASIS = re.compile(
    r"(?<!\w)<(emphasis|em)\b(?![^<>]*\b(?:none|reduced)\b)[^<>]*>([^<>]+)</\1\s*>(?!\w)", re.IGNORECASE
)
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^\s<>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_TIMED = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s)?\b", re.IGNORECASE)
_OTHER_PAUSES = re.compile(r"\[\[slnc\s+(\d+)\]\]|<#\s*(\d+(?:\.\d+)?)\s*#>")
"""Pauses in the notation of macOS (ms) and of MiniMax (s)."""


def strip_tags(text: str) -> str:
    """Text without tags: breaks as pauses, blocks as paragraphs, spelled-out content as letters."""
    text = _OTHER_PAUSES.sub(
        lambda found: marks.pause(float(found[1]) / 1000 if found[1] else float(found[2])), text
    )
    if "<" not in text:
        return text
    text = _AUTOLINK.sub(lambda link: link[1].removeprefix("mailto:"), _CDATA.sub(r"\1", text))
    text = _ALIAS.sub(lambda found: found[1][1:-1], _UNSPOKEN.sub(" ", text))
    text = _SPELLED.sub(lambda found: " ".join(found[1].replace(" ", "")), text)
    text = _EMPHASIS.sub(lambda found: emphasis.marked(found[2]), text)
    return _TAG.sub(_read_tag, text)


def _read_tag(tag: re.Match[str]) -> str:
    name, attributes = tag[2].lower(), tag[3] or ""
    if name in ("break", "pause", "silence") and not tag[1]:
        return marks.pause(_break_seconds(attributes))
    if name in _PARAGRAPHS:
        return "\n\n"
    if name in _LINES:
        return "\n"
    if name in _CELLS:
        return ", " if tag[1] else " "
    return "" if _is_inline(tag) else " "


def _is_inline(tag: re.Match[str]) -> bool:
    """Whether a tag stands inside a word or against punctuation, as in "<b>T</b>itle" or "<i>end</i>."."""
    before, after = tag.string[: tag.start()][-1:], tag.string[tag.end() :][:1]
    return bool(before.isalnum() and (after.isalnum() or after in ".,;:!?'’\")")) or before in "(\"'“‘"


def _break_seconds(attributes: str) -> float:
    strength = re.search(r"strength\s*=\s*[\"']?([\w-]+)", attributes)
    timed = _TIMED.search(attributes)
    if timed:
        seconds = float(timed[1])
        unit = (timed[2] or ("s" if seconds <= marks.LONGEST_PAUSE else "ms")).lower()
        return seconds / 1000 if unit == "ms" else seconds
    return _STRENGTHS.get(strength[1].lower() if strength else "medium", _STRENGTHS["medium"])
