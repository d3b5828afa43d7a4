"""From what people paste to plain text: the first three steps of the normaliser, in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipeline.speech.text import characters, directions, emphasis, lines, markdown, subtitles, tags


@dataclass(frozen=True)
class PlainText:
    """Text of words, punctuation, white space and `marks`."""

    text: str
    warnings: tuple[str, ...] = ()
    """What of it will not be read, one sentence each."""
    emphasis: tuple[int, ...] = ()
    """Where emphasised words end, in characters from the start."""


@lru_cache(maxsize=4)  # it is checked, then normalised
def plain_text(text: str) -> PlainText:
    """The words of a text without its markup, with pauses and ends of lines as `marks`.

    Args:
        text: anything that may be pasted: Markdown, HTML, SSML, subtitles, a script with stage directions.
    """
    text = characters.clean(text)
    text, warnings = markdown.strip_fences(markdown.strip_front_matter(text))
    text = tags.strip_tags(subtitles.strip_subtitles(text))
    text = directions.drop_directions(directions.mark_pauses(text))
    text = lines.mark_lines(markdown.strip_markdown(text))
    text, places = emphasis.taken_out(lines.space_sentences(text))
    return PlainText(text, tuple(warnings), places)
