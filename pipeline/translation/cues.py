"""Lines with times, as captions and dubs have them: read, made of a transcript, and translated.

A sentence that goes on in the next caption is translated as a whole, and shared among its captions again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from itertools import pairwise, zip_longest

from pipeline.speech.text.srt import TimedLine, read_srt
from pipeline.translation.glossary import Glossary
from pipeline.translation.lines import Note, Progress, log, translate_lines
from pipeline.translation.models import Family, base_language
from pipeline.translation.sentences import is_unspaced
from pipeline.types import Word
from pipeline.video.line_breaking import may_break

_ENDED = re.compile(r"[.!?…。！？।؟][\"'”’»)\]」』）*]*$")
_APART = 1.5
"""Seconds of silence that end a sentence of captions, whatever its punctuation."""
_MOST = 6
"""Captions of a sentence."""
_PAUSE = 0.8
"""Seconds of silence in a recording that end a line."""
_LONGEST = 12.0
"""Seconds after which a line of a recording ends at its next comma or breath."""
_BREATH = 0.25
_TIMES = re.compile(r"(?m)^[ \t]*[\d:.,]+[ \t]*-{1,2}>[ \t]*[\d:.,]+")
_VTT_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)\b")


def read_captions(text: str) -> list[TimedLine]:
    """The lines of an SRT or WebVTT file, in order.

    Raises:
        TextError: there is none, one lacks its times, or two overlap; the sentence names the caption.
    """
    text = plain(text)
    if not text.startswith("WEBVTT"):
        return read_srt(text)
    blocks = re.split(r"\n[ \t]*\n", text.strip())
    blocks = blocks if has_times(blocks[0]) else blocks[1:]
    cues = [_cue(block) for block in blocks if not _VTT_BLOCK.match(block)]
    return [replace(line, text=unescape(line.text)) for line in read_srt("\n\n".join(cues))]


def has_times(text: str) -> bool:
    """Whether a text has the times of captions."""
    return _TIMES.search(text) is not None


def plain(text: str) -> str:
    """A text without a byte order mark and with line feeds only."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def sentences_of(words: Sequence[Word], language: str) -> list[TimedLine]:
    """The words of a recording as lines of a sentence each, with their times."""
    joiner = "" if is_unspaced(base_language(language)) else " "
    lines: list[TimedLine] = []
    start = 0
    for number, word in enumerate(words, 1):
        silence = words[number].start - word.end if number < len(words) else _PAUSE
        seconds = word.end - words[start].start
        long = seconds > _LONGEST and (silence > _BREATH or word.text.endswith((",", "、", "，", ";")))
        if _ENDED.search(word.text) or silence >= _PAUSE or long:
            text = joiner.join(each.text for each in words[start:number])
            lines.append(TimedLine(words[start].start, word.end, text))
            start = number
    return [_apart(line, after) for line, after in zip_longest(lines, lines[1:])]


def translate_timed(
    lines: Sequence[TimedLine],
    source: str,
    target: str,
    *,
    glossary: Glossary | None = None,
    family: Family | None = None,
    progress: Progress | None = None,
    note: Note = log.warning,
) -> list[TimedLine]:
    """The same lines at the same times in another language; as `translate_lines` in all else."""
    here, there = (is_unspaced(base_language(each)) for each in (source, target))
    groups = list(_sentences(lines))
    whole = translate_lines(
        [("" if here else " ").join(line.text for line in group) for group in groups],
        source, target, glossary=glossary, family=family, progress=progress, note=note,
    )  # fmt: skip
    shared = [
        _shared(text, [len(line.text) for line in group], spaced=not there)
        for text, group in zip(whole, groups, strict=True)
    ]
    lone = [line.text for group, texts in zip(groups, shared, strict=True) if texts is None for line in group]
    alone = iter(
        translate_lines(lone, source, target, glossary=glossary, family=family, note=note) if lone else []
    )
    return [
        replace(line, text=next(alone) if texts is None else texts[number])
        for group, texts in zip(groups, shared, strict=True)
        for number, line in enumerate(group)
    ]


def _cue(block: str) -> str:
    """A caption of WebVTT without what stands above its times: its name, or the heading of the file."""
    times = _TIMES.search(block)
    return block if times is None else block[times.start() :]


def _apart(line: TimedLine, after: TimedLine | None) -> TimedLine:
    """The line, ending after it starts and no later than the next one starts."""
    end = max(line.end, line.start + 0.1)
    return replace(line, end=end if after is None else max(min(end, after.start), line.start + 0.01))


def _sentences(lines: Sequence[TimedLine]) -> Iterator[list[TimedLine]]:
    """The captions of each sentence."""
    if not lines:
        return
    group = [lines[0]]
    for line, after in pairwise(lines):
        if _ENDED.search(line.text) or after.start - line.end > _APART or len(group) == _MOST:
            yield group
            group = []
        group.append(after)
    yield group


def _shared(text: str, weights: Sequence[int], *, spaced: bool) -> list[str] | None:
    """A text parted into as many pieces as there are weights, each about as long as its weight says.

    Pieces end between words, in scripts without spaces where a line may break, and rather behind a comma.
    None where there are too few words.
    """
    if len(weights) == 1:
        return [text]
    words = text.split() if spaced else _unspaced_words(text)
    if len(words) < len(weights):
        return None
    joiner = " " if spaced else ""
    ends = [len(joiner.join(words[: count + 1])) for count in range(len(words))]
    bonus = 0.1 * ends[-1]
    pieces, first, weight = [], 0, 0
    for number, own in enumerate(weights):
        weight += own
        wanted = ends[-1] * weight / sum(weights)
        left = len(weights) - number - 1
        options = range(first, len(words) - left) if left else [len(words) - 1]
        last = min(options, key=lambda at: abs(ends[at] - wanted) - bonus * words[at].endswith(_STOPS))
        pieces.append(joiner.join(words[first : last + 1]).strip())
        first = last + 1
    return pieces


def _unspaced_words(text: str) -> list[str]:
    """A text in parts between which a line may break, each with the white space before it."""
    words = [""]
    for before, after, beyond in zip(" " + text, text, f"{text[1:]} ", strict=False):
        if words[-1].strip() and (after.isspace() or may_break(before, after, beyond)):
            words.append("")
        words[-1] += after
    return words


_STOPS = (",", ";", ":", ".", "!", "?", "，", "、", "；", "。", "！", "？", "،")
"""Where a piece ends well."""
