"""Second step, for subtitles pasted as a script: SubRip, WebVTT, SBV, LRC, ASS and YouTube transcripts.

Only the words remain. A sentence that goes on in the next caption stays one sentence.
"""

from __future__ import annotations

import re

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,:]\d{1,3})?"
_CUE = re.compile(rf"^[ \t]*{_TIME}[ \t]*(?:--+>|,)[ \t]*{_TIME}(?:[ \t]+[^\n]*)?$", re.MULTILINE)
"""The line of times of SubRip and WebVTT, with its settings, or that of SBV."""
_STAMPED = re.compile(rf"^[ \t]*(?:[\[(<]{_TIME}[\])>]|{_TIME})(?=[ \t]|$)[ \t]*[-–:]?[ \t]*", re.MULTILINE)
"""A time at the start of a line, as transcripts and lyrics have it."""
_BRACKETED_TIME = re.compile(r"[\[<](?:\d{1,2}:)?\d{1,2}:\d{2}[.:]\d{2,3}[\]>]")
"""A time inside a line: LRC and WebVTT karaoke."""
_DIALOGUE = re.compile(r"^Dialogue:[ \t]*(?:[^,\n]*,){9}([^\n]*)$", re.MULTILINE)
"""A line of Advanced SubStation Alpha; its tenth field is the text."""
_MICRODVD = re.compile(r"^\{\d+\}\{\d+\}", re.MULTILINE)
_HEADER = re.compile(r"\A\s*WEBVTT\b[^\n]*(?:\n(?![ \t]*\n)(?![^\n]*-->)[^\n]+)*")
_BLOCK = re.compile(r"^(?:NOTE|STYLE|REGION)\b[^\n]*(?:\n[^\n]+)*", re.MULTILINE)
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_SPEAKER = re.compile(r"^[ \t]*(?:>>+[ \t]*|-[ \t]*(?=\S))?(?:[A-Z][A-Z .'\d]{0,30}:[ \t]+)?", re.MULTILINE)
_LYRIC_TAG = re.compile(r"^\[(?:ar|ti|al|au|by|length|offset|re|ve|la):[^\]\n]*\]$", re.MULTILINE)


def strip_subtitles(text: str) -> str:
    """The words of a text that is subtitles, as running text; any other text as it is."""
    if "Dialogue:" in text and (lines := _DIALOGUE.findall(text)):
        return _running("\n".join(lines).replace("\\N", " ").replace("\\n", " ").replace("\\h", " "))
    if _MICRODVD.search(text):
        return _running(_MICRODVD.sub("", text).replace("|", " "))
    if _CUE.search(text):
        return _running(_without_cues(text))
    if len(_STAMPED.findall(text)) >= 2 or _BRACKETED_TIME.search(text):
        return _running(_BRACKETED_TIME.sub("", _STAMPED.sub("", _LYRIC_TAG.sub("", text))))
    return text


def _without_cues(text: str) -> str:
    text = _HEADER.sub("", text)
    lines = _BLOCK.sub("", text).split("\n")
    kept = []
    for at, line in enumerate(lines):
        names_cue = at + 1 < len(lines) and _CUE.match(lines[at + 1])
        starts_block = at == 0 or not lines[at - 1].strip() or line.strip().isdecimal()
        if not _CUE.match(line) and not (names_cue and starts_block):
            kept.append(line)
    return "\n".join(kept)


def _running(text: str) -> str:
    """The lines of captions joined, without speakers, dialogue dashes, overrides and notes of music."""
    text = _SPEAKER.sub("", _OVERRIDE.sub("", text).replace("♪", " ").replace("♫", " "))
    text = re.sub(r"<v(?:\.[^\s>]*)?(?:\s[^<>]*)?>|</v>", "", text)
    return " ".join(text.split())
