"""Text as it is said, and where it is cut."""

import pytest

from pipeline.speech.text.normalize import normalize
from pipeline.speech.text.scripts import foreign_script, speaker_of
from pipeline.speech.text.segment import split_phrases


def spoken(text: str, language: str = "en-US") -> str:
    return " ".join(item.spoken for item in normalize(text, language))


@pytest.mark.parametrize(
    ("written", "said"),
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
def test_english_is_read_as_a_person_would(written: str, said: str) -> None:
    assert spoken(written) == said


def test_what_cannot_be_said_is_left_out() -> None:
    assert (
        spoken("Hello 👋 *world* — _this_ is\x00 great ... right?!") == "Hello world, this is great, right?"
    )


@pytest.mark.parametrize("text", ["", "😀 👍🏽", "...", "* * *", "\n\t\u200b"])
def test_nothing_to_say(text: str) -> None:
    assert normalize(text) == []


def test_written_words_are_kept() -> None:
    text = "Dr. Lee paid $5.20, at 3 p.m., for 2 kg!"
    assert " ".join(item.written for item in normalize(text)) == text


def test_numbers_of_other_languages() -> None:
    assert spoken("1.234,5 kg", "de-DE") == "eintausendzweihundertvierunddreißig Komma fünf kg"
    assert spoken("21", "fr-FR") == "vingt et un"
    assert spoken("25 %", "de") == "fünfundzwanzig %"


def said_lines(text: str) -> list[str]:
    return [" ".join(item.spoken for item in line.said) for line in split_phrases(normalize(text))]


def test_abbreviations_end_no_sentence_but_full_stops_do() -> None:
    text = 'Dr. Smith left at 5 p.m. Then he slept. "No!" he cried. Yes.'
    assert said_lines(text) == [
        "Doctor Smith left at five P-M.",
        "Then he slept.",
        '"No!" he cried.',
        "Yes.",
    ]


def test_long_sentences_are_said_in_clauses_the_first_one_short() -> None:
    clause = "and then they walked along the river for a while, "
    parts = said_lines("They had lunch together in the old town, " + clause * 12 + "and it was late.")
    assert len(parts[0]) <= 90
    assert all(len(part) <= 200 for part in parts)
    assert all(part.endswith((",", ".")) for part in parts)


def test_endless_words_without_a_pause_are_cut_too() -> None:
    assert max(len(part) for part in said_lines("word " * 400)) <= 200


def test_lists_and_tags() -> None:
    assert said_lines("Buy this:\n- red apples\n* <b>green</b> pears\n2. <a href='x'>plums</a>") == [
        "Buy this:",
        "red apples",
        "green pears",
        "two, plums",
    ]
    assert spoken("!!!5 x < y") == "five x less than y"


def test_sentences_without_spaces_between_them() -> None:
    said = normalize("你好，世界。今天天气很好！", "zh-CN")
    assert len(list(split_phrases(said))) == 2


def test_paragraphs_pause_longer() -> None:
    first, second, _ = split_phrases(normalize("One thing. Another\n\nNew thought"))
    assert second.pause > first.pause


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Привет, как дела?", "Cyrillic"),
        ("你好，世界", "Chinese"),
        ("こんにちは世界", "Japanese"),
        ("مرحبا بكم", "Arabic"),
        ("नमस्ते दुनिया", "Devanagari"),
    ],
)
def test_text_in_another_script_is_told(text: str, script: str) -> None:
    assert foreign_script(text, "en-US") == script
    assert speaker_of(script)


def test_a_few_foreign_letters_are_let_pass() -> None:
    assert foreign_script("The angle α is the same as β.", "en") is None
    assert foreign_script("Привет", "ru-RU") is None
    assert foreign_script("東京へ行く", "ja") is None
