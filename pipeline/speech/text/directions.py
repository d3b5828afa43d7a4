"""Second step, for scripts: pauses that are asked for become silence, stage directions are left out."""

from __future__ import annotations

import re

from pipeline.speech.text import marks

_PAUSE = 1.0
"""Seconds of a pause without a length."""
_LENGTHS = {
    "short": 0.5, "brief": 0.5, "small": 0.5, "slight": 0.5, "quick": 0.5, "beat": 0.5, "medium": 1.0,
    "long": 2.0, "longer": 2.0, "dramatic": 2.0,
}  # fmt: skip
"""Seconds of a pause by the word that describes it."""
_COUNTS = {"half": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
           "seven": 7, "eight": 8, "nine": 9, "ten": 10}  # fmt: skip
_AMOUNT = rf"(?:\d+(?:[.,]\d+)?|\.\d+|{'|'.join(_COUNTS)})"
_UNIT = r"(?:ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)"
_KIND = "|".join(word for word in _LENGTHS if word != "beat")
_LONG = rf"(?:\s*(?:[:=,]|\bfor\b|\bof\b)?\s*(?P<amount>{_AMOUNT})[\s-]*(?P<unit>{_UNIT})?)?"
_BEFORE = rf"(?P<amount2>{_AMOUNT})[\s-]*(?P<unit2>{_UNIT})\s+"
_SURE, _UNSURE = "pause|beat|silence", "wait|break|breath|hold|pausing|pauses"
_INSIDE = (
    r"\s*(?:(?:a|an)\s+)?(?:{before})?(?:(?P<kind>{kind})\s+)?(?P<noun>{nouns})s?"
    r"(?:\s+(?:here|briefly))?{long}[\s.]*"
)


def _pause_pattern(left: str, right: str, nouns: str) -> re.Pattern[str]:
    inside = _INSIDE.format(before=_BEFORE, kind=_KIND, nouns=nouns, long=_LONG)
    return re.compile(rf"{left}{inside}{right}", re.IGNORECASE)


_PAUSES = (
    _pause_pattern(r"\[", r"\]", f"{_SURE}|{_UNSURE}"),
    _pause_pattern(r"\{", r"\}", f"{_SURE}|{_UNSURE}"),
    _pause_pattern(r"\(", r"\)", _SURE),
    _pause_pattern(r"(?<![\w*])\*{1,2}", r"\*{1,2}(?![\w*])", _SURE),
)

_ACTIONS = (
    "laughs?|laughing|laughter|chuckles?|chuckling|giggles?|giggling|sighs?|sighing|gasps?|gasping|"
    "coughs?|coughing|sneezes?|sniffs?|sniffles?|sobs?|sobbing|cries|crying|weeps|groans?|groaning|"
    "moans?|screams?|screaming|shouts?|shouting|whispers?|whispering|yawns?|yawning|snorts?|grunts?|"
    "hums?|humming|whistles?|whistling|applause|applauds|claps?|clapping|cheers?|cheering|cheer|booing|"
    "smiles?|smiling|grins?|grinning|frowns?|nods?|nodding|shrugs?|shrugging|winks?|winking|waves|waving|"
    "inhales?|exhales?|exhaling|breathes?|breathing|clears throat|throat clearing|crosstalk|inaudible|"
    "unintelligible|indistinct|sarcastic(?:ally)?|excited(?:ly)?|sad(?:ly)?|angr(?:y|ily)|happ(?:y|ily)|"
    "calm(?:ly)?|soft(?:ly)?|quietly|gently|nervous(?:ly)?|cheerful(?:ly)?|serious(?:ly)?|"
    "thoughtful(?:ly)?|curious(?:ly)?|mischievously|warmly|slowly|loudly"
)
_SCENES = (
    "music|song|singing|sings|sfx|sound effects?|sound|noise|silence|intro|outro|cut to|fade (?:in|out)|"
    "fades|zooms?|zoom in|camera|close-?up|b-?roll|on screen|on-screen|off-?screen|voice-?over|narrator|"
    "narration|host|speaker|scene|visual|visuals|transition|graphic|animation|overlay|slide|gestures?|"
    "gesturing|points?|pointing|looks?|looking|turns?|turning|walks?|walking|enters?|exits?|leaves|sits|"
    "stands|opens|closes|door|phone|bell|rings?|ringing|knocks?|knocking|static|beeps?|beeping|thunder|"
    "wind|rain|footsteps|explosion|playing|plays|continues|speaking|speaks|foreign|audience|crowd|"
    "everyone|emphasis|tone|upbeat|dramatic(?:ally)?|insert|show|end of video"
)
_ADVERB = r"[a-z]+(?:ly|\s(?:a bit|a little|lightly|out loud))"
_OF_A_SENTENCE = (
    "the|an?|his|her|their|its|my|your|our|this|that|these|those|is|are|was|were|has|have|had|to|of|in|and|or"
)
"""Words that begin what an editor adds to a sentence: "[the door]"."""
_SQUARE = re.compile(
    rf"\[(?!\s*(?:{_OF_A_SENTENCE})\b)(?=[^\[\]\n]{{1,80}}\](?![(\[:]))[^\[\]\n]*\b(?:{_ACTIONS}|{_SCENES})\b"
    r"[^\[\]\n]*\]",
    re.IGNORECASE,
)
_ALONE = re.compile(r"(?:(?<=[.!?…:\"”’)\n])|\A)([ \t]*)\[[^\[\]\n]{1,80}\](?=[ \t]*(?:\n|\Z|[\"“‘]?[A-Z]))")
"""Square brackets between sentences, which no editor's addition to a sentence is in."""
_ONLY_ACTION = (
    rf"(?:{_ADVERB}\s+)?(?:{_ACTIONS})(?:\s+(?:{_ADVERB}|loudly|nervously|continues|and\s+(?:{_ACTIONS})))?"
)
_ROUND = re.compile(rf"\(\s*{_ONLY_ACTION}[\s.]*\)", re.IGNORECASE)
_STARRED = re.compile(rf"(?<![\w*])\*{{1,2}}{_ONLY_ACTION}\*{{1,2}}(?![\w*])", re.IGNORECASE)


def mark_pauses(text: str) -> str:
    """Text with a mark in place of "[pause]", "(beat)", "[pause 1.5s]", "{2 second pause}" and their like."""
    for pattern in _PAUSES:
        text = pattern.sub(lambda found: marks.pause(_seconds(found)), text)
    return text


def drop_directions(text: str) -> str:
    """Text without stage directions.

    In square brackets these are notes that name an action, a sound or a scene, and notes between sentences;
    in round ones and asterisks, nothing but an action.
    """
    left = text
    for pattern in (_ROUND, _STARRED, _SQUARE):
        left = pattern.sub(" ", left)
    left = _ALONE.sub(r"\1", left)
    return text if left == text else re.sub(r"[ \t]+(?=[.,;:!?](?:\s|\Z))", "", left)


def _seconds(found: re.Match[str]) -> float:
    amount, unit = found["amount"] or found["amount2"], found["unit"] or found["unit2"]
    if amount is None:
        described = (found["kind"] or found["noun"]).lower()
        return _LENGTHS.get(described, _PAUSE)
    seconds = _COUNTS.get(amount.lower()) or float(amount.replace(",", "."))
    if unit is None:
        return seconds if seconds <= marks.LONGEST_PAUSE else seconds / 1000
    if unit.lower().startswith(("ms", "milli")):
        return seconds / 1000
    return seconds * 60 if unit.lower().startswith("m") else seconds
