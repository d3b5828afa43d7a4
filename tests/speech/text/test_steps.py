"""The steps of the normaliser, each with examples of what it makes of a text."""

from __future__ import annotations

import pytest

from pipeline.speech import spoken
from pipeline.speech.text import marks
from pipeline.speech.text.characters import clean
from pipeline.speech.text.normalize import normalize, normalize_text


def read_aloud(text: str, language: str = "en-US") -> str:
    return " ".join(word.spoken for word in normalize(text, language))


def written(text: str) -> str:
    return " ".join(word.written for word in normalize(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\ufb00ect, \ufb02ow, e\ufb03cient", "effect, flow, efficient"),
        ("\U0001d4d7\U0001d4ee\U0001d4f5\U0001d4f5\U0001d4f8", "Hello"),
        ("\U0001d5d5\U0001d5f6\U0001d5f4", "Big"),
        ("\U0001d7d9\U0001d7da", "12"),
        ("ｗｉｄｅ ５＆６", "wide 5&6"),
        ("Ⓗⓘ 🅷🅸", "Hi HI"),
        ("ʜᴇʟʟᴏ", "hello"),
        ("1ˢᵗ and 2ⁿᵈ", "1st and 2nd"),
        ("Chapter Ⅳ", "Chapter IV"),
        ("5 ㎏ at 20 ℃", "5 kg at 20 °C"),
        ("co\u00adop won\u200bder\u2060ful \ufeffyes", "coop wonderful yes"),
        ("\u202eabc\u202c", "abc"),
        ("Tom &amp; Ann", "Tom & Ann"),
        ("&amp;amp;lt;", "<"),
        ("it&#39;s &#x2014; ok", "it's — ok"),
        ("a&nbsp;b", "a\u00a0b"),
        ("R&D; AT&T", "R&D; AT&T"),
        ("cafe\u0301", "café"),
        ("caf\udce9", "café"),
        ("\ud83d\ude00", "😀"),
        ("a\ud800b", "a b"),
        ("a\u2028b", "a\nb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\ue000c", "a b c"),
        ("\x1b]0;title\x07Wor\x1b[1;31mld\x1b[0m.", "World."),
        ("km² ½ … µ", "km² ½ … µ"),
        ("ไทยนำ", "ไทยนำ"),
        ("１２：３０，注意：３人", "12:30，注意：3人"),
        ("1\u20e3", "1"),
    ],
)
def test_characters_are_made_plain(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("# One\n\n## Two ##\n\ntext", ["One", "Two", "text"]),
        ("Title\n=====\ntext", ["Title", "text"]),
        ("a **b** *c* ***d*** __e__ _f_ ~~g~~ ==h==", ["a b c d e f g h"]),
        ("un**frigging**believable", ["unfriggingbelievable"]),
        ("Use `care` and ``more `care` ``.", ["Use care and more care."]),
        ("[guide](https://a.com/b?c=3 'T') [x][1] ![bee](bee.png)\n\n[1]: http://x.y", ["guide x bee"]),
        ("> Be kind.\n> > Always.", ["Be kind.", "Always."]),
        ("- one\n* two\n+ three\n• four\n3. five\n4) six",
         ["one", "two", "three", "four", "three, five", "four, six"]),
        ("- [ ] milk\n- [x] eggs", ["milk", "eggs"]),
        ("| Name | Age |\n|:-----|----:|\n| Ann | 6 |", ["Name, Age", "Ann, six"]),
        ("One\n\n---\n\n* * *\n\nTwo", ["One", "Two"]),
        ("A note[^1] and a source.[2]\n\n[^1]: It ends.", ["A note and a source.", "It ends."]),
        ("---\ntitle: x\n---\nBody.", ["Body."]),
        ("```text\nWords here.\n```", ["Words here."]),
        (r"\*kept\*", ["kept"]),
        ("snake_case 2*3", ["snake case two times three"]),
        ("== Head ==\n''italic'' '''bold'''", ["Head", "italic bold"]),
        ("[[Page|a page]] [b]bold[/b]", ["a page bold"]),
        (r"\section{Start} \emph{Now} 5\% \begin{x}", ["Start", "Now five percent"]),
        ("<b>T</b>itle <i>end</i>.<br>Next", ["Title end.", "Next"]),
        ("<h1>Head</h1><ul><li>one</li><li>two</li></ul>", ["Head", "one", "two"]),
        ("<style>b{}</style><script>x()</script>Hi<!-- no -->", ["Hi"]),
        ("<speak><s>One</s><s>Two</s></speak>", ["One", "Two"]),
        ('<say-as interpret-as="characters">ABC</say-as>', ["A B C"]),
        ('<sub alias="World Wide Web">WWW</sub>', ["World Wide Web"]),
        ('<emphasis level="strong">now</emphasis> <prosody rate="slow">slow</prosody>', ["now slow"]),
        ("<https://example.com>", ["example dot com"]),
        ("x < y and 3 > 2", ["x less than y and three greater than two"]),
    ],
)  # fmt: skip
def test_markup_becomes_words(text: str, phrases: list[str]) -> None:
    assert spoken(text) == phrases


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nHello and\n\n2\n00:00:03,000 --> 00:00:04,000\nwelcome.",
         "Hello and welcome."),
        ("7\n00:00:01,000 --> 00:00:02,000\n2024\nwas good.", "twenty twenty-four was good."),
        ("WEBVTT\nKind: captions\n\nNOTE x\n\nintro\n00:01.000 --> 00:02.000 line:0\n<v Bob>Hi <i>you</i>.",
         "Hi you."),
        ("00:00:01,000 --&gt; 00:00:02,000\n{\\an8}JOHN: Hi.", "Hi."),
        ("0:00:01.000,0:00:03.000\nHi there.", "Hi there."),
        ("0:00\nhello there\n0:05\nmy friend", "hello there my friend"),
        ("[ar:X]\n[00:12.00]First\n[00:15.30]second", "First second"),
        ("Dialogue: 0,0:00:01.00,0:00:03.00,D,,0,0,0,,{\\i1}Hi,{\\i0} you\\Nthere", "Hi, you there"),
        ("{10}{20}Hello|there", "Hello there"),
        ("At 10:30 we meet.", "At ten thirty we meet."),
    ],
)  # fmt: skip
def test_subtitles_become_running_text(text: str, expected: str) -> None:
    assert read_aloud(text) == expected


@pytest.mark.parametrize(
    ("mark", "seconds"),
    [
        ("[pause]", 1.0),
        ("[Pause 1.5s]", 1.5),
        ("[pause: 300ms]", 0.3),
        ("[2 second pause]", 2.0),
        ("[pause for three seconds]", 3.0),
        ("[long pause]", 2.0),
        ("(beat)", 0.5),
        ("{silence 2s}", 2.0),
        ("*pause*", 1.0),
        ("[pause 800]", 0.8),
        ("[pause 90s]", marks.LONGEST_PAUSE),
        ("[pause][pause]", 2.0),
        ("<break time='500ms'/>", 0.5),
        ('<break time="2s" />', 2.0),
        ('<break strength="strong"/>', 1.0),
        ("<break/>", 0.5),
        ("<pause 2s>", 2.0),
        ("[[slnc 400]]", 0.4),
        ("<#0.7#>", 0.7),
    ],
)
def test_a_pause_that_is_asked_for_is_silence(mark: str, seconds: float) -> None:
    normalized = normalize_text(f"Hello {mark} world.")
    assert [word.pause for word in normalized.words] == [seconds, 0.0]
    assert [word.spoken for word in normalized.words] == ["Hello", "world."]
    assert normalize_text(f"{mark} Hello.").lead == seconds


def test_all_pauses_together_are_bounded_with_a_warning() -> None:
    normalized = normalize_text("Hi [pause 10s] " * 200)
    assert sum(word.pause for word in normalized.words) == pytest.approx(300)
    assert "pauses" in normalized.warnings[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[laughs] Bye.", "Bye."),
        ("Hi (sighs) you *chuckles* there.", "Hi you there."),
        ("Well [clears throat], yes.", "Well, yes."),
        ("One. [Soft music plays] Two.", "One. Two."),
        ("One.\n[Cut to the beach]\nTwo.", "One. Two."),
        ("He saw [the door] open.", "He saw the door open."),
        ("See [our music](http://x.y).", "See our music."),
        ("It is so (really).", "It is so (really)."),
    ],
)
def test_stage_directions_are_left_out(text: str, expected: str) -> None:
    assert read_aloud(text) == expected


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("We need:\nApple\nBanana", ["We need:", "Apple", "Banana"]),
        ("Best wishes\nTom\nSales Lead", ["Best wishes", "Tom", "Sales Lead"]),
        ("This long line was wrapped by some program at\nsixty or so letters, and it goes on.",
         ["This long line was wrapped by some program at sixty or so letters, and it goes on."]),
        ("Thanks for watching.See you soon", ["Thanks for watching.", "See you soon"]),
        ("Really?Yes!No…Well...maybe", ["Really?", "Yes!", "No.", "Well, maybe"]),
        ("It ended in 2024.Then we left", ["It ended in twenty twenty-four.", "Then we left"]),
        ("hello.how are you", ["hello.", "how are you"]),
        ("See www.Example.com now", ["See Example dot com now"]),
        ("(a) red\n(b) blue", ["a, red", "b, blue"]),
    ],
)  # fmt: skip
def test_lines_and_sentences_are_phrases(text: str, phrases: list[str]) -> None:
    assert spoken(text) == phrases


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TELL US WHEN IT IS YOUR TURN.", "tell us when it is your turn."),
        ("WE SHIP TO THE US AND UK", "we ship to the US and UK"),
        ("LEARN HTML AND CSS AT HOME", "learn HTML and CSS at home"),
        ("This is SO MUCH FUN for us.", "This is so much fun for us."),
        ("IT'S A BIG DAY!", "it's a big day!"),
        ("We love IT and the US economy.", "We love IT and the US economy."),
        ("NASA, FBI and BBC", "NASA, FBI and BBC"),
        ("STOP", "STOP"),
    ],
)
def test_what_is_shouted_is_read_as_words(text: str, expected: str) -> None:
    assert read_aloud(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12–14 May 2025", "the twelfth to the fourteenth of May, twenty twenty-five"),
        ("May 5–7, 2025", "May fifth to seventh, twenty twenty-five"),
        ("May 30 – June 2", "May thirtieth to June second"),
        ("30 April–2 May", "the thirtieth of April to the second of May"),
        ("Jan–Mar 2025", "January to March twenty twenty-five"),
        ("10am–5pm", "ten A-M to five P-M"),
        ("5–7 p.m.", "five to seven P-M."),
        ("9:30–17:00", "nine thirty to seventeen hundred hours"),
        ("10–11:30am", "ten to eleven thirty A-M"),
        ("9am–noon", "nine A-M to noon"),
        ("Mon–Fri", "Monday to Friday"),
        ("Mon, Wed & Fri", "Monday, Wednesday and Friday"),
        ("Sat/Sun", "Saturday and Sunday"),
        ("2019–20", "twenty nineteen to twenty"),
        ("1990s–2000s", "nineteen nineties to two thousands"),
        ("Q1–Q3", "Q one to Q three"),
        ("pp. 12–15", "pages twelve to fifteen"),
        ("£3m", "three million pounds"),
        ("$1.2bn", "one point two billion dollars"),
        ("€5k", "five thousand euros"),
        ("£3m–£5m", "three to five million pounds"),
        ("€5,50", "five euros and fifty cents"),
        ("-$5", "minus five dollars"),
        ("₩5,000", "five thousand won"),
        ("$5.99/mo", "five dollars and ninety-nine cents per month"),
        ("50p", "fifty pence"),
        ("1-800-555-0199", "one, eight zero zero, five five five, zero one nine nine"),
        ("1-800-FLOWERS", "one, eight zero zero, flowers"),
        ("020 7946 0958", "zero two zero, seven nine four six, zero nine five eight"),
        ("Call 911 now", "Call nine one one now"),
        ("4111 1111 1111 1111", "four one one one, one one one one, one one one one, one one one one"),
        ("AT&T", "A-T and T"),
        ("Q&A", "Q and eigh"),
        ("R&D, H&M", "R and D, H and M"),
        ("CO₂, H2O and CO2", "C-O two, H two O and C-O two"),
        ("C₆H₁₂O₆", "C six H twelve O six"),
        ("5G, 4K and 2FA", "five G, four K and two F-A"),
        ("H.264 and x265", "H two sixty-four and X two sixty-five"),
        ("a ratio of 16:9", "a ratio of sixteen to nine"),
        ("50/50 or 60/40", "fifty fifty or sixty forty"),
        ("120/80", "one hundred and twenty over eighty"),
        ("Mr. & Mrs. Smith", "Mister and Missis Smith"),
        ("Dr. and Mrs. Jones", "Doctor and Missis Jones"),
        ("40.7°N", "forty point seven degrees north"),
        ("5 mg/kg", "five milligrams per kilogram"),
        ("5 m/s²", "five meters per second squared"),
        ("mc² and 10⁶", "mc squared and ten to the power of six"),
        ("350 5th Ave., New York, NY 10118",
         "three hundred and fifty fifth Avenue, New York, New York one zero one one eight"),
        ("NW1 6XE", "N W one six X E"),
        ("node.js", "node dot J-S"),
        ("5M users", "five million users"),
        ("~5 km", "about five kilometers"),
    ],
)  # fmt: skip
def test_numbers_ranges_and_brands_are_read_as_a_person_would(text: str, expected: str) -> None:
    assert read_aloud(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Ask Nguyễn Trần.", "en-US", "Ask Nguyen Tran."),
        ("café, Müller, Łódź, Dvořák", "en-US", "café, Müller, Łódź, Dvořák"),
        ("Əliyev, Hawaiʻi", "en-US", "Eliyev, Hawaii"),
        ("H̷i̷", "en-US", "Hi"),
        ("Privet is Привет.", "en-US", "Privet is Privet."),
        ("Say Καλημέρα!", "en-US", "Say Kalimera!"),
        ("the α-helix and π", "en-US", "the alpha-helix and pi"),
        ("Нello", "en-US", "Hello"),
        ("안녕 and すし", "en-US", "annyeong and sushi"),
        ("Nguyễn", "vi-VN", "Nguyễn"),
        ("Nguyễn kam.", "de-DE", "Nguyen kam."),
        ("Привет", "ru-RU", "Привет"),
        ("Ich mag 寿司 sehr.", "de-DE", "Ich mag sehr."),
    ],
)
def test_foreign_words_are_spoken_as_well_as_can_be(text: str, language: str, expected: str) -> None:
    assert read_aloud(text, language) == expected


def test_a_word_that_cannot_be_spoken_is_named_and_stays_in_the_captions() -> None:
    normalized = normalize_text("My name is 太郎 and I like ไทย food.")
    assert [word.spoken for word in normalized.words] == ["My", "name", "is", "and", "I", "like", "food."]
    assert " ".join(word.written for word in normalized.words) == "My name is 太郎 and I like ไทย food."
    assert [(warning.split('"')[1], "left out" in warning) for warning in normalized.warnings] == [
        ("太郎", True),
        ("ไทย", True),
    ]


def test_code_is_left_out_with_a_warning() -> None:
    normalized = normalize_text("Run it:\n\n```python\nprint(1)\n```\n\nDone.")
    assert [word.spoken for word in normalized.words] == ["Run", "it:", "Done."]
    assert "print(1)" in normalized.warnings[0]


def test_written_words_are_clean() -> None:
    assert (
        written("## We **start** with `care` &amp; <b>joy</b>. [pause] _End_.")
        == "We start with care & joy. End."
    )


@pytest.mark.parametrize(
    "text",
    [
        "9" * 250 + "th",
        "1." + "3" * 280,
        "1," + "111," * 60 + "111",
        "x" * 290,
        "W" * 290,
        "a-" * 140,
        "9 " * 2000,
    ],
)
def test_no_phrase_is_long_when_spoken(text: str) -> None:
    phrases = spoken(text)
    assert max(map(len, phrases)) <= 420
    assert len(phrases) > 1


def test_scripts_without_spaces_are_bounded_too() -> None:
    assert max(map(len, spoken("字" * 2000, "zh-CN"))) <= 110
