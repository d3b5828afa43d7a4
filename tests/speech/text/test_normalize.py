"""Text normalisation: what is written, as it is read aloud."""

import pytest

from pipeline.speech.text.normalize import normalize


def read_aloud(text: str, language: str = "en-US") -> str:
    return " ".join(word.spoken for word in normalize(text, language))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("$5.20", "five dollars and twenty cents"),
        ("$0.99", "ninety-nine cents"),
        ("£1", "one pound"),
        ("$3.5 million", "three point five million dollars"),
        ("1,200.5 kg", "one thousand two hundred point five kilograms"),
        ("-3°C", "minus three degrees Celsius"),
        ("5-10%", "five to ten percent"),
        ("100 km/h", "one hundred kilometers per hour"),
        ("1 km", "one kilometer"),
        ("the 21st", "the twenty-first"),
        ("May 3, 2024", "May third, twenty twenty-four"),
        ("3 May 1905", "the third of May, nineteen oh five"),
        ("2024-12-25", "December twenty-fifth, twenty twenty-four"),
        ("the 1990s", "the nineteen nineties"),
        ("in 2005", "in two thousand five"),
        ("14:30", "fourteen thirty"),
        ("3:05 pm", "three oh five P-M"),
        ("10:00", "ten o'clock"),
        ("2 1/2 cups", "two and a half cups"),
        ("¾", "three quarters"),
        ("Henry VIII", "Henry the eighth"),
        ("World War II", "World War two"),
        ("Dr. Smith lives on Main St.", "Doctor Smith lives on Main Street"),
        ("St. Louis", "Saint Louis"),
        ("e.g. cats vs. dogs", "for example cats versus dogs"),
        ("J. R. R. Tolkien", "J R R Tolkien"),
        ("jane_doe@mail.co.uk", "jane underscore doe at mail dot co dot uk"),
        ("https://www.example.com/a-b", "example dot com slash a dash b"),
        ("555-1234", "five five five, one two three four"),
        ("007", "zero zero seven"),
        ("rock & roll", "rock and roll"),
        ("LLMs", "L-L-ems"),
        ("COVID-19", "COVID-nineteen"),
        ("#MachineLearning", "hashtag Machine Learning"),
        ("v2.0.1", "v two point zero point one"),
        ("5'10\"", "five foot ten"),
        ("1080p", "ten eighty p"),
    ],
)
def test_english_is_read_as_a_person_would(written: str, expected: str) -> None:
    assert read_aloud(written) == expected


def test_what_cannot_be_read_is_left_out() -> None:
    text = "Hello 👋 *world* — _this_ is\x00 great ... right?!"
    assert read_aloud(text) == "Hello world, this is great, right?"


@pytest.mark.parametrize("text", ["", "😀 👍🏽", "...", "* * *", "\n\t\u200b"])
def test_nothing_to_say(text: str) -> None:
    assert normalize(text) == []


def test_written_words_are_kept() -> None:
    text = "Dr. Lee paid $5.20, at 3 p.m., for 2 kg!"
    assert " ".join(word.written for word in normalize(text)) == text


def test_numbers_of_other_languages() -> None:
    assert read_aloud("1.234,5 kg", "de-DE") == "eintausendzweihundertvierunddreißig Komma fünf Kilogramm"
    assert read_aloud("21", "fr-FR") == "vingt et un"
    assert read_aloud("25 %", "de") == "fünfundzwanzig Prozent"


def test_leading_punctuation_goes_and_signs_are_named() -> None:
    assert read_aloud("!!!5 x < y") == "five x less than y"
