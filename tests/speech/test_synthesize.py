"""Text to speech with the embedded voice: times, levels, joins, errors."""

import itertools

import numpy as np
import pytest

from pipeline.errors import TextError, UnknownNameError
from pipeline.speech import speak
from pipeline.speech.audio.loudness import levels
from pipeline.types import FRAME_RATES, RATE, Speech, join


def test_a_part_per_sentence_each_a_whole_number_of_frames(spoken: list[Speech]) -> None:
    assert [part.text[-1] for part in spoken] == [".", "!", "?"]
    for part in spoken:
        assert part.samples.dtype == np.float32
        assert part.rate == RATE
        assert len(part.samples) % (RATE // 25) == 0


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_whole_frames_at_every_rate(fps: int) -> None:
    (part,) = speak("Yes.", fps=fps)
    assert len(part.samples) == part.frames(fps) * RATE // fps


def test_phones_fill_each_part_without_gaps(spoken: list[Speech]) -> None:
    for part in spoken:
        assert part.phones[0].start == 0
        assert part.phones[-1].end == pytest.approx(part.duration)
        for one, other in itertools.pairwise(part.phones):
            assert one.end == pytest.approx(other.start)
            assert one.end > one.start
        assert all(len(phone.label) <= 2 for phone in part.phones)


def test_words_are_those_written_in_order(spoken: list[Speech]) -> None:
    for part in spoken:
        assert [word.text for word in part.words] == part.text.split()
        assert all(word.end > word.start for word in part.words)
        assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(part.words))
    number = next(word for word in spoken[2].words if word.text == "25")
    assert number.end - number.start > 0.4


def test_words_span_their_sounds(spoken: list[Speech]) -> None:
    bob = spoken[0].words[0]
    inside = [p.label for p in spoken[0].phones if bob.start <= (p.start + p.end) / 2 <= bob.end]
    assert inside == ["b", "ɑː", "b"]


def test_closures_are_where_the_sound_is_closed(spoken: list[Speech]) -> None:
    """Between vowels, "p" and "b" have their quietest moment inside their own time, well under the vowel."""
    drops = []
    for part in spoken:
        level = levels(part.samples).decibels
        for before, phone, after in zip(part.phones, part.phones[1:], part.phones[2:], strict=False):
            if phone.label in ("p", "b") and before.label and after.label:
                around = level[round(before.start * 100) : round(after.end * 100)]
                own = level[
                    round(phone.start * 100) : max(round(phone.end * 100), round(phone.start * 100) + 2)
                ]
                drops.append((around.max() - own.min(), own.min() - around.min()))
    assert len(drops) >= 8
    assert np.median([drop for drop, _ in drops]) > 15
    assert np.mean([above < 6 for _, above in drops]) > 0.7


def test_sound_ends_where_the_phones_do(spoken: list[Speech]) -> None:
    for part in spoken:
        level = levels(part.samples).decibels
        last = part.phones[-1]
        assert last.label == ""
        assert level[round(last.start * 100) + 8 :].max() < level.max() - 30


def test_evenly_loud_and_never_clipped(spoken: list[Speech]) -> None:
    loudness = [levels(part.samples).loudness() for part in spoken]
    assert all(abs(value + 16) < 2 for value in loudness)
    assert max(np.abs(part.samples).max() for part in spoken) <= 0.9


def test_joins_do_not_click(spoken: list[Speech]) -> None:
    for one, other in itertools.pairwise(spoken):
        assert abs(one.samples[-1]) < 1e-3
        assert abs(other.samples[0]) < 1e-3


def test_same_seed_same_bytes_and_sentences_do_not_depend_on_their_neighbours(spoken: list[Speech]) -> None:
    again = list(speak(spoken[1].text))
    assert again[0].samples.tobytes() == spoken[1].samples.tobytes()
    assert again[0].phones == spoken[1].phones
    other = next(speak(spoken[1].text, seed=1))
    assert other.samples.tobytes() != spoken[1].samples.tobytes()


def test_pace_changes_the_speed(spoken: list[Speech]) -> None:
    def sounding(part: Speech) -> float:
        return part.words[-1].end - part.words[0].start

    fast = next(speak(spoken[0].text, pace=1.5))
    assert sounding(fast) == pytest.approx(sounding(spoken[0]) / 1.5, rel=0.15)


def test_a_long_sentence_starts_soon() -> None:
    text = "When the rain had stopped at last, " + "the children ran out into the garden, " * 8 + "laughing."
    assert next(speak(text)).duration < 6


def test_parts_join_into_one(spoken: list[Speech]) -> None:
    whole = join(spoken)
    assert whole.duration == pytest.approx(sum(part.duration for part in spoken))
    assert whole.language == "en-US"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "no words"),
        ("😀😀 👍", "no words"),
        ("word " * 20_000, "split"),
        ("x" * 5_000, "spaces"),
        ("Привет, как дела?", "ru_RU-irina-medium"),
        ("你好，世界。", "zh_CN-huayan-medium"),
    ],
)
def test_what_cannot_be_spoken_is_said_in_a_sentence(text: str, hint: str) -> None:
    with pytest.raises(TextError, match=hint):
        speak(text)


def test_pace_out_of_range() -> None:
    with pytest.raises(TextError, match="pace"):
        speak("Hello.", pace=7)


def test_an_unknown_voice_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="joe"):
        speak("Hello.", voice="jo")
