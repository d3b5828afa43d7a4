"""Speech synthesised by the embedded voice: times, levels, joins, errors."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline import engines
from pipeline.errors import OptionError, TextError, UnknownNameError
from pipeline.speech import speak
from pipeline.speech.audio.loudness import levels
from pipeline.speech.voices.piper import Options
from pipeline.types import FRAME_RATES, RATE, Speech, join

ROOT = Path(__file__).parents[2]


def test_a_part_per_sentence_each_a_whole_number_of_frames(parts: list[Speech]) -> None:
    assert [part.text[-1] for part in parts] == [".", "!", "?"]
    for part in parts:
        assert part.samples.dtype == np.float32
        assert part.rate == RATE
        assert len(part.samples) % (RATE // 25) == 0


@pytest.mark.parametrize("voice", ["joe", "hibari:heart"])
def test_no_part_begins_with_the_voices_own_silence(voice: str) -> None:
    for part in speak("Good morning. Most of you know.", voice=voice):
        assert part.words[0].start < 0.1
        assert np.flatnonzero(np.abs(part.samples) > 0.02)[0] / RATE < 0.25


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_whole_frames_at_every_rate(fps: int) -> None:
    (part,) = speak("Yes.", fps=fps)
    assert len(part.samples) == part.frames(fps) * RATE // fps


def test_phones_fill_each_part_without_gaps(parts: list[Speech]) -> None:
    for part in parts:
        assert part.phones[0].start == 0
        assert part.phones[-1].end == pytest.approx(part.duration)
        for one, other in itertools.pairwise(part.phones):
            assert one.end == pytest.approx(other.start)
            assert one.end > one.start
        assert all(len(phone.label) <= 2 for phone in part.phones)


def test_words_are_those_written_in_order(parts: list[Speech]) -> None:
    for part in parts:
        assert [word.text for word in part.words] == part.text.split()
        assert all(word.end > word.start for word in part.words)
        assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(part.words))
    number = next(word for word in parts[2].words if word.text == "25")
    assert number.end - number.start > 0.4


def test_words_span_their_sounds(parts: list[Speech]) -> None:
    bob = parts[0].words[0]
    inside = [p.label.rstrip("ː") for p in parts[0].phones if bob.start <= (p.start + p.end) / 2 <= bob.end]
    assert inside == ["b", "ɑ", "b"]


def test_closures_are_where_the_sound_is_closed(parts: list[Speech]) -> None:
    """Between vowels, "p" and "b" have their quietest moment inside their own time, well under the vowel."""
    drops = []
    for part in parts:
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


def test_sound_ends_where_the_phones_do(parts: list[Speech]) -> None:
    for part in parts:
        level = levels(part.samples).decibels
        last = part.phones[-1]
        assert last.label == ""
        assert level[round(last.start * 100) + 8 :].max() < level.max() - 30


def test_evenly_loud_and_never_clipped(parts: list[Speech]) -> None:
    loudness = [levels(part.samples).loudness() for part in parts]
    assert all(abs(value + 16) < 2 for value in loudness)
    assert max(np.abs(part.samples).max() for part in parts) <= 0.9


def test_joins_do_not_click(parts: list[Speech]) -> None:
    for one, other in itertools.pairwise(parts):
        assert abs(one.samples[-1]) < 1e-3
        assert abs(other.samples[0]) < 1e-3


def test_same_seed_same_bytes_and_sentences_do_not_depend_on_their_neighbours(parts: list[Speech]) -> None:
    again = list(speak(parts[1].text))
    assert again[0].samples.tobytes() == parts[1].samples.tobytes()
    assert again[0].phones == parts[1].phones
    other = next(speak(parts[1].text, seed=1))
    assert other.samples.tobytes() != parts[1].samples.tobytes()


def test_pace_changes_the_speed(parts: list[Speech]) -> None:
    def sounding(part: Speech) -> float:
        return part.words[-1].end - part.words[0].start

    fast = next(speak(parts[0].text, pace=1.5))
    assert sounding(fast) == pytest.approx(sounding(parts[0]) / 1.5, rel=0.15)


def test_a_long_sentence_starts_soon() -> None:
    text = "When the rain had stopped at last, " + "the children ran out into the garden, " * 8 + "laughing."
    assert next(speak(text)).duration < 6


def test_parts_join_into_one(parts: list[Speech]) -> None:
    whole = join(parts)
    assert whole.duration == pytest.approx(sum(part.duration for part in parts))
    assert whole.language == "en-US"


def test_a_text_that_cannot_be_spoken_is_refused_before_the_first_part() -> None:
    with pytest.raises(TextError, match="no words"):
        speak("...")


def test_pauses_that_are_asked_for_are_silent_and_as_long_at_any_pace() -> None:
    for pace in (0.8, 1.5):
        lead, first, last = speak("[pause 0.6s] Hello <break time='1500ms'/> there.", pace=pace)
        assert lead.duration == pytest.approx(0.6, abs=0.05)
        assert not lead.samples.any()
        assert not lead.words
        silence = first.phones[-1]
        assert silence.label == ""
        assert silence.end - silence.start == pytest.approx(1.5, abs=0.1)
        assert (first.text, last.text) == ("Hello", "there.")


def test_words_in_captions_are_clean_and_timed() -> None:
    parts = list(speak("## We **start** &amp; <i>end</i>.\n\n- [ ] `Now`"))
    assert [word.text for part in parts for word in part.words] == ["We", "start", "&", "end.", "Now"]
    assert all(word.end > word.start for part in parts for word in part.words)


def test_what_is_left_out_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    speak("My friend is called 太郎, you know.")
    assert "太郎" in caplog.text


@pytest.mark.parametrize("text", ["9" * 250 + "th", "W" * 250])
def test_an_endless_word_is_spoken_in_parts_of_bounded_length(text: str) -> None:
    first, second = itertools.islice(speak(text), 2)
    assert max(first.duration, second.duration) < 30


@pytest.mark.parametrize("pace", [0.4, 7.0])
def test_a_pace_out_of_range_is_refused(pace: float) -> None:
    with pytest.raises(OptionError, match=r"0\.5 to 2") as caught:
        speak("Hello.", pace=pace)
    assert caught.value.parameter == "pace"


def test_an_unknown_voice_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="joe") as caught:
        speak("Hello.", voice="jo")
    assert caught.value.parameter == "voice"


def test_a_name_that_resembles_no_voice_gets_one_in_each_embedded_language() -> None:
    with pytest.raises(UnknownNameError) as caught:
        speak("Hello.", voice="nobody")
    suggested = re.findall(r"([\w:-]+) \(", str(caught.value))
    spoken = [engines.voice(name).language.split("-")[0] for name in suggested]
    assert sorted(spoken) == ["de", "en", "es", "fr", "hi", "it", "ja", "pt", "zh"]
    assert not any(engines.voice(name).checkpoints for name in suggested)


def test_the_default_options_change_nothing_and_others_do() -> None:
    plain, default, flat = (
        next(speak("Hello there.", voice="joe", options=options)).samples
        for options in (None, Options(), Options(variation=0.0, rhythm=0.0))
    )
    assert plain.tobytes() == default.tobytes()
    assert plain.tobytes() != flat.tobytes()
    again = next(
        speak("Hello there.", voice="joe", options=Options(variation=0.0, rhythm=0.0), seed=5)
    ).samples
    assert flat.tobytes() == again.tobytes()


def test_a_seed_gives_the_same_durations_on_every_machine() -> None:
    """They follow from the noise, which comes in from outside the graph; other processors round otherwise."""
    (part,) = speak("Maybe Bob can bring my big map.", voice="joe")
    assert part.duration == pytest.approx(2.28, abs=0.04)
    labels = "".join(phone.label or "_" for phone in part.phones)
    assert labels == "_meɪbiːbɑːbkænbɹɪŋmaɪbɪɡmæp_"


def test_speaking_needs_no_recogniser_and_no_network_library() -> None:
    code = (
        "import sys; sys.modules['pocketsphinx'] = None\n"
        "from pipeline.speech import speak\n"
        "part = next(speak('Hello there.'))\n"
        "assert part.phones and part.words\n"
        "assert not {'torch', 'transformers', 'librosa', 'onnx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=300)
