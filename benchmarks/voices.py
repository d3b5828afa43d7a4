"""What the embedded voices say, recognised again: error rate, pace and cost of each.

    python -m benchmarks voices [VOICE …] [--sentences FILE]

Each voice says the twenty sentences of its language (`benchmarks.sentences`), or the lines of a file, as one
text; the embedded recogniser writes down what it hears, in the language that it finds. The error rate is the
edit distance of words, of characters in Chinese and Japanese, without case and punctuation. "Spelled out"
compares numbers, dates and abbreviations in words on both sides, as the recogniser may write digits for what
was said in words, and the other way round; "as written" does not. A number that our own rules read wrongly
counts in the second only: their tests are the readings in `tests/speech/text/readings`. CPU time is that of
the whole process, so it means something on a busy machine too; wall time does only on an idle one.

The last column is how exact the phones are that drive the lips: how much later than told a vowel breaks off
before a plosive, and sets in after one, in the median. A burst comes a little before the vowel, so the
second is below 0 in an exact voice.
"""

from __future__ import annotations

import argparse
import itertools
import re
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.sentences import SENTENCES
from pipeline import engines
from pipeline.speech import recognize, speak
from pipeline.speech.audio.wav import write_wav
from pipeline.speech.text.locales import european_digits
from pipeline.speech.text.numbers import cardinal
from pipeline.speech.text.replacements import replacements_of, tokens
from pipeline.types import Speech, join

_VOICES = (
    "joe", "hibari:heart", "kokoro:af_heart", "kokoro:am_michael", "kokoro:bf_emma", "kokoro:ef_dora",
    "kokoro:ff_siwis", "kokoro:if_sara", "kokoro:pf_dora", "kokoro:hf_alpha", "kokoro:zf_xiaobei",
    "kokoro:jf_alpha", "kokoro:if_sara-de",
)  # fmt: skip
_COLUMNS = (
    "voice", "language", "found", "errors, spelled out", "errors, as written", "words/min", "CPU s/s",
    "wall s/s", "first phrase, CPU s", "loading, CPU s", "plosives close, open late by, ms",
)  # fmt: skip
_PLOSIVES, _VOWELS = frozenset("ptkbdɡg"), frozenset("aeiouyæɑɒɔəɛɜɪʊʌɐɚɝᵻɨøœ")
_DOTTED = re.compile("([कखगजफ])\N{DEVANAGARI SIGN NUKTA}")
"""Letters of loanwords; ड़ and ढ़, with the same dot, are sounds of Hindi's own."""
_STEP, _WINDOW, _AROUND = 0.0025, 0.01, 0.1
"""Seconds between two measures of loudness, under each, and on either side of a border that are looked at."""


def main(arguments: list[str]) -> None:
    """Print a Markdown table with a row for each voice that `arguments` name, or of those listed here."""
    parser = argparse.ArgumentParser(prog="benchmarks voices")
    parser.add_argument("voices", nargs="*", default=_VOICES, metavar="VOICE")
    parser.add_argument("--sentences", type=Path, help="UTF-8 text to say instead, a sentence on each line")
    given = parser.parse_args(arguments)
    text = None if given.sentences is None else " ".join(given.sentences.read_text("utf-8").split("\n"))
    print("| " + " | ".join(_COLUMNS) + " |")
    print("|" + "---|" * len(_COLUMNS))
    for name in given.voices:
        print("| " + " | ".join(_row(name, text)) + " |", flush=True)


def _row(name: str, text: str | None) -> list[str]:
    language = engines.voice(name).language.split("-")[0]
    said = " ".join(SENTENCES[language]) if text is None else text
    started = time.process_time()
    engines.load_voice(name)
    loading, started, wall = time.process_time() - started, time.process_time(), time.perf_counter()
    parts: list[Speech] = []
    first = 0.0
    for part in speak(said, voice=name):
        parts.append(part)
        first = first or time.process_time() - started
    speech = join(parts)
    cost, wall = time.process_time() - started, time.perf_counter() - wall
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        write_wav(path, speech)
        heard = recognize(path)
    spoken = sum(word.end - word.start for word in speech.words)
    pace = len(speech.words) / spoken * 60
    return [
        f"`{name}`",
        language,
        f"{heard.language} {heard.probability:.2f}",
        f"{error_rate(*(units(spelled_out(text, language), language) for text in (said, heard.text))):.3f}",
        f"{error_rate(units(said, language), units(heard.text, language)):.3f}",
        f"{pace:.0f}",
        f"{cost / speech.duration:.3f}",
        f"{wall / speech.duration:.2f}",
        f"{first:.2f}",
        f"{loading:.1f}",
        "{:.0f}, {:.0f}".format(*plosive_lags(speech)),
    ]


def plosive_lags(speech: Speech) -> tuple[float, float]:
    """Median ms by which vowels break off later than told before plosives, and set in later after them."""
    step, window = round(_STEP * speech.rate), round(_WINDOW * speech.rate)
    power = np.convolve(np.pad(speech.samples, window // 2) ** 2, np.full(window, 1 / window), "valid")
    change = np.gradient(10 * np.log10(power[::step] + 1e-7))
    reach = round(_AROUND / _STEP)
    closing, opening = [], []
    for one, other in itertools.pairwise(speech.phones):
        border = round(other.start / _STEP)
        first, near = max(border - reach, 0), change[max(border - reach, 0) : border + reach]
        if one.label[:1] in _VOWELS and other.label[:1] in _PLOSIVES:
            closing.append(first + near.argmin() - border)
        if one.label[:1] in _PLOSIVES and other.label[:1] in _VOWELS:
            opening.append(first + near.argmax() - border)
    found = [1000 * _STEP * np.median(lags) if lags else np.nan for lags in (closing, opening)]
    return float(found[0]), float(found[1])


def spelled_out(text: str, language: str) -> str:
    """A text with its numbers, dates, amounts and abbreviations in words; whatever else it holds stays."""
    replaced, _ = replacements_of(text, language, ())
    words = " ".join(spoken for _, spoken, _, _ in tokens(text, replaced))
    return re.sub(r"\d+", lambda number: f" {cardinal(number[0], language)} ", european_digits(words))


def units(text: str, language: str) -> list[str]:
    """The words of a text, or its characters in Chinese and Japanese, without case and punctuation.

    Hindi loses the dot of loanwords' letters ("फ़ोन", "फोन") and has one sign for a nasal vowel ("माँ", "मां"):
    both spellings of such a word are right.
    """
    text = unicodedata.normalize("NFC", text.casefold())
    if language == "hi":
        text = _DOTTED.sub(r"\1", text).replace("ँ", "ं")
    kept = (
        letter if unicodedata.category(letter)[0] in "LMN" else "" if letter in "'’" else " "
        for letter in text
    )
    words = "".join(kept).split()
    return list("".join(words)) if language in ("zh", "ja") else words


def error_rate(said: Sequence[str], heard: Sequence[str]) -> float:
    """Edit distance of two sequences, as a share of the first one's length."""
    row = list(range(len(heard) + 1))
    for index, unit in enumerate(said, 1):
        above, row = row, [index]
        for column, other in enumerate(heard, 1):
            row.append(min(above[column - 1] + (unit != other), above[column] + 1, row[-1] + 1))
    return row[-1] / max(len(said), 1)
