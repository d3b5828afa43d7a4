"""What the embedded voices say, recognised again: error rate, pace and cost of each.

    python -m benchmarks voices [VOICE …]

Each voice says the twenty sentences of its language (`benchmarks.sentences`) as one text; the embedded
recogniser writes down what it hears, in the language that it finds. The error rate is the edit distance of
words, of characters in Chinese, without case and punctuation. CPU time is that of the whole process, so it
means something on a busy machine too; wall time does only on an idle one.
"""

from __future__ import annotations

import tempfile
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sentences import SENTENCES
from pipeline import engines
from pipeline.speech import recognize, speak
from pipeline.types import Speech, join
from pipeline.voiceover import write_sound

_VOICES = (
    "joe", "hibari:heart", "kokoro:af_heart", "kokoro:am_michael", "kokoro:bf_emma", "kokoro:ef_dora",
    "kokoro:ff_siwis", "kokoro:if_sara", "kokoro:pf_dora", "kokoro:hf_alpha", "kokoro:zf_xiaobei",
    "kokoro:if_sara-de",
)  # fmt: skip
_COLUMNS = (
    "voice", "language", "found", "errors", "words/min", "CPU s/s", "wall s/s", "first phrase, CPU s",
    "loading, CPU s",
)  # fmt: skip


def main(arguments: list[str]) -> None:
    """Print a Markdown table with a row for each voice that `arguments` name, or of those listed here."""
    print("| " + " | ".join(_COLUMNS) + " |")
    print("|" + "---|" * len(_COLUMNS))
    for name in arguments or _VOICES:
        print("| " + " | ".join(_row(name)) + " |", flush=True)


def _row(name: str) -> list[str]:
    language = engines.voice(name).language.split("-")[0]
    sentences = SENTENCES[language]
    started = time.process_time()
    engines.load_voice(name)
    loading, started, wall = time.process_time() - started, time.process_time(), time.perf_counter()
    parts: list[Speech] = []
    first = 0.0
    for part in speak(" ".join(sentences), voice=name):
        parts.append(part)
        first = first or time.process_time() - started
    speech = join(parts)
    cost, wall = time.process_time() - started, time.perf_counter() - wall
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        write_sound(path, speech)
        heard = recognize(path)
    said = " ".join(sentences)
    spoken = sum(word.end - word.start for word in speech.words)
    pace = len(speech.words) / spoken * 60
    return [
        f"`{name}`",
        language,
        f"{heard.language} {heard.probability:.2f}",
        f"{error_rate(_units(said, language), _units(heard.text, language)):.3f}",
        f"{pace:.0f}",
        f"{cost / speech.duration:.3f}",
        f"{wall / speech.duration:.2f}",
        f"{first:.2f}",
        f"{loading:.1f}",
    ]


def _units(text: str, language: str) -> list[str]:
    """The words of a text, or its characters in Chinese, without case and punctuation."""
    kept = (
        letter if unicodedata.category(letter)[0] in "LMN" else "" if letter in "'’" else " "
        for letter in unicodedata.normalize("NFC", text.casefold())
    )
    words = "".join(kept).split()
    return list("".join(words)) if language == "zh" else words


def error_rate(said: Sequence[str], heard: Sequence[str]) -> float:
    """Edit distance of two sequences, as a share of the first one's length."""
    row = list(range(len(heard) + 1))
    for index, unit in enumerate(said, 1):
        above, row = row, [index]
        for column, other in enumerate(heard, 1):
            row.append(min(above[column - 1] + (unit != other), above[column] + 1, row[-1] + 1))
    return row[-1] / max(len(said), 1)
