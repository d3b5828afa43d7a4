"""Subtitles at their times: what a file may be, and how lines are fitted."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import TextError
from pipeline.speech.text.srt import TimedLine, read_srt
from pipeline.speech.timed import late_lines, speak_timed
from pipeline.types import RATE, join

SRT = """\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Good morning</i>\r\nto you.\r\n\r\n
00:00:03.000 --> 00:00:04.000
Now.
"""


def test_a_file_is_read_with_its_times() -> None:
    assert read_srt(SRT) == [TimedLine(1.0, 2.5, "Good morning to you."), TimedLine(3.0, 4.0, "Now.")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\n{}\nA.\n2\n{}\nB.", ["A.", "B."]),  # without empty lines
        ("{}\nA.\n{}\nB.", ["A.", "B."]),
        ("1\r{}\rA.\r\r2\r{}\rB.", ["A.", "B."]),
        ("7\n\n{}\n\nA.\n\nAnd more.\n\n99\n{}\n42", ["A. And more.", "42"]),
        (
            "{}\nIf a < b and c > d,\n{{\\an8}}<i>stop</i>.\n\n{} X1:0\n5 -> 6",
            ["If a < b and c > d, stop.", "5 -> 6"],
        ),
    ],
)
def test_oddities_of_a_file_lose_no_word_and_speak_no_time(text: str, said: list[str]) -> None:
    lines = read_srt(text.format("00:00:01,000 --> 00:00:02,500", "0:3 -> 00:04.5"))
    assert [line.text for line in lines] == said
    assert [(line.start, line.end) for line in lines] == [(1.0, 2.5), (3.0, 4.5)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no captions"),
        ("1\nHello.", "Caption 1 has no times"),
        ("00:00:02,000 --> 00:00:01,000\nHello.", "not after its start"),
        ("00:00:01,000 --> 00:00:02,000\n", "has no text"),
        ("1\n-00:00:01,000 --> 00:00:02,000\nA.", "times of caption 1, “-00:00:01,000 --> 00:00:02,000”"),
        ("1\n--> 00:00:02,000\nA.", "times of caption 1, “--> 00:00:02,000”"),
        ("00:01,000 --> 00:02,000\nA.\n\n2\nB.", "Caption 2 has no times"),
        ("00:01,000 --> 00:02,000\nA.\n\n2\n", "Caption 2 has no times"),
        ("00:01,000 --> 00:02,001\nA.\n\n00:02,000 --> 00:03,000\nB.", "before caption 1 ends at 0:02.001"),
        ("00:00:01,000 --> 00:00:02,000\nA.\n\n00:00:01,500 --> 00:00:03,000\nB.", "Caption 2 begins"),
    ],
)
def test_a_bad_file_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(TextError, match=sentence):
        read_srt(text)


def test_lines_begin_at_their_times_and_fill_the_video() -> None:
    parts = list(speak_timed(read_srt(SRT), seconds=6.0))
    assert all(len(part.samples) % (RATE // 25) == 0 for part in parts)
    speech = join(parts)
    assert speech.duration == pytest.approx(6.0)
    starts = {word.text: word.start for word in speech.words}
    assert starts["Good"] == pytest.approx(1.0, abs=0.25)
    assert starts["Now."] == pytest.approx(3.0, abs=0.25)


def test_a_line_is_hurried_only_as_far_as_sounds_natural() -> None:
    text = "This is far too much for such a short time."
    short, long = [TimedLine(0.0, 0.5, text), TimedLine(0.6, 1.0, "Yes.")], [TimedLine(0.0, 9.0, text)]
    hurried = next(speak_timed(short))
    (slow,) = speak_timed(long)
    assert 1.2 < slow.duration / hurried.duration < 1.6
    late, last = late_lines(short, [hurried.duration, hurried.duration + 1])
    assert late.startswith("Line 1 is") and text in late
    assert last.startswith("Line 2 is") and "Yes." in last
    assert late_lines(short, [0.5, hurried.duration + 1], seconds=hurried.duration + 1) == []
    (culprit,) = late_lines(short, [1.6, 2.0])  # the second fits, but had to begin late
    assert culprit.startswith("Line 1 is 1.0 s")


def test_delays_of_lines_do_not_add_up() -> None:
    text = "We begin in a moment."
    seconds = next(speak_timed([TimedLine(0.0, 9.0, text)])).duration / 1.25
    lines = [TimedLine(number * seconds, (number + 1) * seconds, text) for number in range(4)]
    ends = np.cumsum([part.duration for part in speak_timed(lines)])
    assert ends[-1] == pytest.approx(lines[-1].end, abs=0.2)
    assert late_lines(lines, ends.tolist()) == []
