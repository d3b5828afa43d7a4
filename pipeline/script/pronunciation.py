"""A brand's pronunciations: words are said as it lists them, and stay in the captions as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.types import Speech, Word

_EDGES = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


def respelled(text: str, pronunciation: Mapping[str, str]) -> str:
    """The text as it is to be read aloud; whole words are replaced, with their capitals as listed."""
    listed = [name for name in pronunciation if name]
    if not listed:
        return text
    longest_first = sorted(listed, key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first)
    return re.sub(pattern, lambda found: pronunciation[found[0]], text)


def restored(part: Speech, written: str, pronunciation: Mapping[str, str]) -> Speech:
    """What was said, its words as they stand in the `written` text of the line."""
    used = {
        tuple(spoken.split()): name
        for name, spoken in pronunciation.items()
        if spoken.split() and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", written)
    }
    if not used or not part.words:
        return part
    return replace(part, words=tuple(_restored(list(part.words), used)))


def _restored(words: list[Word], used: Mapping[tuple[str, ...], str]) -> Iterator[Word]:
    index = 0
    while index < len(words):
        for spoken, name in used.items():
            taken = words[index : index + len(spoken)]
            bare = [_EDGES.sub(r"\2", word.text) for word in taken]
            if bare == [_EDGES.sub(r"\2", word) for word in spoken]:
                before, after = _EDGES.sub(r"\1", taken[0].text), _EDGES.sub(r"\3", taken[-1].text)
                yield Word(f"{before}{name}{after}", taken[0].start, taken[-1].end)
                index += len(spoken)
                break
        else:
            yield words[index]
            index += 1
