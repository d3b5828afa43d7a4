"""Second step, for marked-up text: Markdown, and the signs of wikis, forums and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.speech.text import emphasis, marks

_FRONT_MATTER = re.compile(r"\A\s*(---|\+\+\+)[ \t]*\n(?=[\w\"'-]+[ \t]*[:=])(?:[^\n]*\n)*?\1[ \t]*(?:\n|\Z)")
_FENCE = re.compile(
    r"^[ \t]*(?P<fence>```+|~~~+)[ \t]*(?P<language>[\w+#.-]*)[^\n`]*\n(?P<inside>.*?)"
    r"(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_PROSE_FENCES = (
    "text",
    "txt",
    "plain",
    "plaintext",
    "markdown",
    "md",
    "script",
    "transcript",
    "quote",
    "ssml",
)
_CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|const|let|var|function|\$|//)\b|\w\(.*\)\s*$"
)

_LETTER = r"[^\W\u0e00-\u0eff\u2e80-\uffff]"
"""A letter or digit of a script that sets spaces between its words."""
_Replacement = str | Callable[[re.Match[str]], str]
_STEPS: tuple[tuple[re.Pattern[str], _Replacement], ...] = (
    # Signs that a backslash protects.
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~$%&\"'])"), lambda m: marks.escape(m[1])),
    # LaTeX.
    (re.compile(r"\\(?:begin|end)\{[^{}\n]*\}"), "\n\n"),
    (re.compile(r"\\item\b[ \t]*"), "\n- "),
    (re.compile(r"\\(?:chapter|section|subsection|subsubsection|paragraph|title)\*?\{([^{}\n]*)\}"),
     r"\n\n\1\n\n"),
    (re.compile(r"\\(?:textbf|textit|texttt|textsc|emph|underline|text|mbox)\{([^{}\n]*)\}"), r"\1"),
    # Blocks: definitions of links, rules and underlines, headings, quotes, tasks.
    (re.compile(r"^ {0,3}\[\^[^\]\n]+\]:[ \t]*", re.MULTILINE), ""),
    (re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]+\S+[^\n]*$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*(?:>[ \t]?)+(?=\S)", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*>+[ \t]*$|^[ \t]*\[![A-Za-z]+\][ \t]*$", re.MULTILINE), ""),
    (re.compile(r"^ {0,3}(?:([-*_])[ \t]*(?:\1[ \t]*){2,}|={3,}[ \t]*|\+(?:[-=]+\+)+[ \t]*)$", re.MULTILINE),
     "\n"),
    (re.compile(r"^ {0,3}#{1,6}[ \t]+([^\n]*?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE), r"\n\n\1\n\n"),
    (re.compile(r"^(={2,6})[ \t]*([^=\n]+?)[ \t]*\1[ \t]*$", re.MULTILINE), r"\n\n\2\n\n"),
    (re.compile(r"^([ \t]*(?:[-*+]|\d{1,2}[.)])[ \t]+)\[[ xX]\][ \t]+", re.MULTILINE), r"\1"),
    # Tables.
    (re.compile(r"^[ \t]{0,3}(?=[|:-])(?=[^\n|]*\|)(?=[^\n-]*-)[|:\- \t]+$\n?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*\|([^\n]*?)\|?[ \t]*$", re.MULTILINE), lambda m: f"\n\n{_cells(m[1])}\n\n"),
    # Images, links, footnotes.
    (re.compile(r"!\[([^\]\n]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:[ \t]+[\"'(][^\n]*?[\"')])?\)|\["
         r"[^\]\n]*\])"), r"\1"),
    (re.compile(r"\[([^\[\]\n]+)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:[ \t]+[\"'(][^\n]*?[\"')])?\)"), r"\1"),
    (re.compile(r"\[([^\[\]\n]+)\]\[[^\[\]\n]*\]"), r"\1"),
    (re.compile(r"\[\[(?:[^\[\]|\n]*\|)?([^\[\]|\n]+)\]\]"), r"\1"),
    (re.compile(r"\[\^[^\]\n]+\]|(?<=[\w.,;:!?\"”’)])(?:\[\d{1,3}\])+"), ""),
    (re.compile(r"\[/?(?:b|i|u|s|url|img|quote|color|size|center|code|list)(?:=[^\]\n]*)?\]", re.IGNORECASE),
     ""),
    # Emphasis and code.
    (re.compile(r"(?<!`)(`+)(?!`)([^\n]{1,400}?)(?<!`)\1(?!`)"), lambda m: m[2].strip()),
    (re.compile(r"'''?([^'\n]+?)'''?(?!')"), r"\1"),
    (re.compile(r"(\*{2,3})(?=\S)([^*\n]+(?:\n(?!\n)[^*\n]+)*?)(?<=\S)\1"), r"\2"),
    (re.compile(rf"(?<!{_LETTER})(?<!\*)(\*)(?=[^\s*])([^*\n]+(?:\n(?!\n)[^*\n]+)*?)(?<=\S)\1(?!{_LETTER}|\*)"),
     lambda m: emphasis.marked(m[2])),
    (re.compile(r"(?<=[^\W\d_]{2})\*([^\W\d_]{3,})\*(?=[^\W\d_]{2})"), lambda m: emphasis.marked(m[1])),
    (re.compile(r"\*\*|(?<!\w)\*(?=\w)(?!\w\*)|(?<=[\w.,!?])\*(?!\w)"), ""),
    (re.compile(r"(?<![\w_])(_{1,3})(?=[^\s_])([^\n]{1,400}?)(?<=[^\s_])\1(?![\w_])"), r"\2"),
    (re.compile(r"(~~|==|\|\|)(?=\S)([^\n]{1,400}?)(?<=\S)\1"), r"\2"),
)  # fmt: skip
"""What each sign of markup becomes, in this order."""


def strip_front_matter(text: str) -> str:
    """Text without the YAML or TOML block that a document may begin with."""
    return _FRONT_MATTER.sub("", text)


def strip_fences(text: str) -> tuple[str, list[str]]:
    """Text without fenced blocks of code, and a warning for each; fenced prose stays, without its fence."""
    warnings: list[str] = []

    def inside(fence: re.Match[str]) -> str:
        if not _is_code(fence["language"], fence["inside"]):
            return f"\n\n{fence['inside']}\n\n"
        begin = " ".join(fence["inside"].split())[:30]
        warnings.append(f'The block of code that begins with "{begin}" is left out.')
        return "\n\n"

    return _FENCE.sub(inside, text), warnings


def strip_markdown(text: str) -> str:
    """Text without Markdown and its relatives: headings and rows of tables as paragraphs, links as words."""
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return marks.unescape(text)


def _is_code(language: str, inside: str) -> bool:
    lines = [line for line in inside.split("\n") if line.strip()]
    if language:
        return bool(lines) and language.lower() not in _PROSE_FENCES
    return 3 * sum(bool(_CODE_LINE.search(line)) for line in lines) > len(lines)


def _cells(row: str) -> str:
    """The cells of a table's row as a list with commas."""
    cells = [cell.strip() for cell in row.split("|")]
    return ", ".join(cell for cell in cells if cell)
