"""The page's words in the languages of its visitors, from one table: `assets/words.tsv`.

A row is a text as the page has it in English, and its translations. `{}` stands for whatever is put in there
and is translated in its turn, `{n}` for a number; both stay in the same order in every language. Gradio looks
up labels, help texts and buttons by their English text; `assets/words.js` does so for markup and choices.
"""

from __future__ import annotations

from functools import cache

from pipeline.assets import ASSETS

SOURCE = "en"
"""The language that the page is written in."""

TABLE = ASSETS / "words.tsv"
SCRIPT = ASSETS / "words.js"


@cache
def translations() -> dict[str, dict[str, str]]:
    """For each language but English, by its code: what stands for the English texts."""
    header, *rows = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
    texts = [[cell.replace("\\n", "\n") for cell in row] for row in rows]
    return {
        language: {row[0]: row[column] for row in texts}
        for column, language in enumerate(header)
        if language != SOURCE
    }
