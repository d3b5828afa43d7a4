"""Pronunciations: words said otherwise than the voice would read them, and shown as they are written.

A respelling takes the place of the word before it is read. IPA goes past the reading: it travels in the
spoken form between marks, beside the word itself, for voices that read letters and not phonemes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from pipeline.errors import OptionError
from pipeline.speech.text.rules import Rule

Pronunciations = tuple[tuple[str, str], ...]
"""Words, each with its respelling, or with its IPA between slashes."""

MARK = "\ue000"
"""Begins IPA in a spoken form. The marks are code points for private use, which no text keeps."""
_MIDDLE, _END = "\ue001", "\ue002"
_MARKED = re.compile(f"{MARK}([^{_END}]*){_MIDDLE}([^{_END}]*){_END}")

_EDGES = re.compile(r"\A(\W*)(.*?)(\W*)\Z", re.DOTALL)

_MOST = 200
"""Words of a dictionary."""
_LONGEST = 60
"""Characters of a word, and of its pronunciation."""


def parsed(given: str | Mapping[str, str]) -> Pronunciations:
    """A dictionary as it is typed: `word=respelling` or `word=/IPA/`, with semicolons or new lines between.

    Args:
        given: the text, or a mapping from words to pronunciations.

    Raises:
        OptionError: an entry is not of this form, too long, or one of too many.
    """
    if isinstance(given, Mapping):
        pairs = [(str(word).strip(), str(said).strip()) for word, said in given.items()]
    else:
        entries = [entry.strip() for entry in re.split(r"[;\n]", given)]
        pairs = [_pair(entry) for entry in entries if entry]
    for word, said in pairs:
        _require_usable(word, said)
    if len(pairs) > _MOST:
        raise _refused(f"There are {len(pairs)} pronunciations; list at most {_MOST}.")
    return tuple(pairs)


def typed(pronunciations: Pronunciations) -> str:
    """The text that `parsed` reads."""
    return "\n".join(f"{word}={said}" for word, said in pronunciations)


def rule(pronunciations: Pronunciations) -> Rule:
    """How the normaliser finds the words, capitals as listed and never inside other words, and says them."""
    said = dict(pronunciations)
    longest_first = sorted(said, key=len, reverse=True)
    pattern = "|".join(map(_whole, longest_first))
    return Rule(re.compile(pattern), lambda found: _spoken(found[0], said[found[0]]))


def split_ipa(spoken: str) -> Iterator[tuple[str, str | None]]:
    """A spoken form in pieces: each as it stands, and its IPA where it is marked as such."""
    at = 0
    for found in _MARKED.finditer(spoken):
        if found.start() > at:
            yield spoken[at : found.start()], None
        yield found[0], found[2]
        at = found.end()
    if at < len(spoken):
        yield spoken[at:], None


def without_ipa(spoken: str) -> str:
    """A spoken form in letters: words with IPA as they are written."""
    return _MARKED.sub(r"\1", spoken)


def read_with_ipa(spoken: str, read: Callable[[str], str], convert: Callable[[str], str]) -> str:
    """The phonemes of a spoken form.

    Args:
        spoken: words, some of them marked as IPA.
        read: from words to phonemes.
        convert: from IPA to the same phonemes.
    """
    if MARK not in spoken:
        return read(spoken)
    phonemes = ""
    for piece, ipa in split_ipa(spoken):
        if ipa is not None:
            phonemes += convert(unicodedata.normalize("NFD", ipa))
            continue
        # a reader drops the punctuation and spaces at the edges, which have no word beside them here
        before, words, after = _EDGES.findall(piece)[0]
        phonemes += before + (read(words).strip() if words else "") + after
    return phonemes


def _pair(entry: str) -> tuple[str, str]:
    word, equals, said = entry.partition("=")
    if not equals:
        raise _refused(f"{entry[:40]!r} is no pronunciation; write the word, =, and how it is said.")
    return word.strip(), said.strip()


def _require_usable(word: str, said: str) -> None:
    if not word or not any(map(str.isalnum, said)):
        missing = "how it is said" if word else "the word"
        raise _refused(f"'{word}={said}' lacks {missing}; write the word, =, and how it is said.")
    if max(len(word), len(said)) > _LONGEST:
        raise _refused(f"The pronunciation of {word[:20]!r} is too long; {_LONGEST} characters are possible.")
    if said.startswith("/") != (len(said) > 1 and said.endswith("/")) or any(
        map(str.isdigit, _ipa(said) or "")
    ):
        raise _refused(f"{said!r} is no IPA; write it between slashes, such as /ˈsiːkwəl/.")


def _ipa(said: str) -> str | None:
    return said[1:-1].strip() if said.startswith("/") and said.endswith("/") else None


def _spoken(word: str, said: str) -> str:
    ipa = _ipa(said)
    return said if ipa is None else f"{MARK}{word}{_MIDDLE}{ipa}{_END}"


def _whole(word: str) -> str:
    """A pattern of the word where no letters stand beside it; scripts without spaces have always some."""
    before, after = (r"(?<!\w)" if _has_spaces(word[0]) else "", r"(?!\w)" if _has_spaces(word[-1]) else "")
    return f"{before}{re.escape(word)}{after}"


def _has_spaces(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) not in "WF" and not "\u0e00" <= letter <= "\u0eff"


def _refused(sentence: str) -> OptionError:
    return OptionError(sentence, parameter="pronunciations")
