"""Captions: their limits, their breaks, their files, and their look on the frame."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import OutputError
from pipeline.types import RATE, Speech, Word
from pipeline.video import Captions, write_srt
from pipeline.video.captions import cues
from pipeline.video.line_breaking import text_width
from pipeline.video.overlay import text_box

TEXT = (
    "Good morning, and welcome to the studio; today we will talk about the history of the talking portrait, "
    "which is older than most people think, because it began with a painted face and a patient listener."
)


def spoken(text: str, *, start: float = 0.2) -> Speech:
    """The text at fourteen letters a second, with a pause behind it."""
    words, at = [], start
    for word in text.split():
        length = (len(word) + 1) / 14
        words.append(Word(word, at, at + 0.9 * length))
        at += length
    return Speech(np.zeros(round((at + 0.5) * 25) * RATE // 25, np.float32), words=tuple(words), text=text)


def captions(*texts: str, size: tuple[int, int] = (512, 512)) -> Captions:
    collected = Captions(size)
    for text in texts:
        collected.add(spoken(text))
    return collected


def test_cues_keep_the_limits_and_every_word() -> None:
    cues = captions(TEXT, "Yes.", TEXT).cues
    for cue, following in zip(cues, [*cues[1:], None], strict=True):
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= 42
        assert 0 < cue.end - cue.start <= 6.5
        assert following is None or cue.end <= following.start + 1e-6
    assert " ".join(cue.text.replace("\n", " ") for cue in cues) == f"{TEXT} Yes. {TEXT}"


def test_lines_do_not_end_where_the_phrase_goes_on() -> None:
    ends = [line.split()[-1].lower() for cue in captions(TEXT).cues for line in cue.text.split("\n")]
    assert not {"the", "of", "a", "to", "with", "and"} & set(ends)


def test_cues_appear_with_their_first_word() -> None:
    part = spoken(TEXT)
    starts = {word.start for word in part.words}
    collected = Captions((512, 512))
    collected.add(spoken("One."))
    collected.add(part)
    offset = spoken("One.").duration
    assert all(min(abs(cue.start - offset - start) for start in starts) < 1e-6 for cue in collected.cues[1:])


def test_text_without_word_times_is_spread_over_the_sound() -> None:
    collected = Captions((512, 512))
    collected.add(Speech(np.zeros(8 * RATE, np.float32), text="one two three four five six " * 4))
    assert collected.cues[0].start == 0
    assert len(collected.cues) >= 2
    assert collected.cues[-1].end == pytest.approx(8.0)


def test_speech_without_words_has_no_captions() -> None:
    collected = Captions((512, 512))
    collected.add(Speech(np.zeros(RATE, np.float32)))
    assert collected.cues == []


def test_scripts_without_spaces_are_broken_too() -> None:
    collected = Captions((512, 512))
    text = "今天我们来谈谈会说话的肖像的历史它比大多数人想象的要古老得多"
    collected.add(Speech(np.zeros(8 * RATE, np.float32), text=text))
    assert "".join(cue.text.replace("\n", "") for cue in collected.cues) == text
    assert max(len(line) for cue in collected.cues for line in cue.text.split("\n")) <= 21


SCRIPTS = {
    "hi": "नमस्ते, आज हम बोलते हुए चित्र के इतिहास के बारे में बात करेंगे, जो क्षत्रियों से पुराना है।",
    "ar": "صباح الخير، سنتحدث اليوم عن تاريخ الصورة الناطقة في عام 2026، وهو أقدم مما يظنه معظم الناس.",
    "zh": "今天我们来谈谈“会说话的肖像”的历史，它比大多数人想象的要古老得多；请用GPU2026年版。",
    "ja": "おはようございます。今日は「話す肖像」の歴史について、話します。ちょっと待ってください。",
    "ko": "안녕하세요, 오늘은 말하는 초상화의 역사에 대해 이야기하겠습니다. 생각보다 오래되었습니다.",
    "th": "สวัสดีครับวันนี้เราจะพูดถึงประวัติศาสตร์ของภาพเหมือนที่พูดได้ซึ่งเก่าแก่กว่าที่คนส่วนใหญ่คิด",
    "ur": "السلام علیکم، آج ہم حفاظت کے بارے میں سیکھیں گے۔",
    "bn": "নমস্কার, আজ আমরা ক্ষুদ্র ব্যবসার প্রশিক্ষণ শুরু করব।",
    "gu": "નમસ્તે, આજે આપણે તાલીમ શરૂ કરીશું.",
    "pa": "ਸਤ ਸ੍ਰੀ ਅਕਾਲ, ਅੱਜ ਅਸੀਂ ਸਿਖਲਾਈ ਸ਼ੁਰੂ ਕਰਾਂਗੇ।",
    "kn": "ನಮಸ್ಕಾರ, ಇಂದು ನಾವು ತರಬೇತಿ ಪ್ರಾರಂಭಿಸೋಣ.",
    "ml": "നമസ്കാരം, ഇന്ന് നമ്മൾ പരിശീലനം തുടങ്ങുന്നു.",
    "ta": "வணக்கம், இன்று நாம் பாதுகாப்புப் பயிற்சியைத் தொடங்குவோம்.",
    "te": "నమస్కారం, ఈ రోజు మనం శిక్షణ ప్రారంభిద్దాం.",
    "si": "ආයුබෝවන්, අද අපි පුහුණුව ආරම්භ කරමු.",
    "or": "ନମସ୍କାର, ଆଜି ଆମେ ତାଲିମ ଆରମ୍ଭ କରିବା।",
    "am": "ጤና ይስጥልኝ፣ ዛሬ ስልጠናውን እንጀምራለን።",
    "km": "សួស្តីថ្ងៃនេះយើងនឹងនិយាយអំពីប្រវត្តិសាស្ត្រនៃរូបភាពដែលអាចនិយាយបានដែលចាស់ជាងមនុស្សភាគច្រើនគិត",
    "my": "မင်္ဂလာပါယနေ့ကျွန်ုပ်တို့သည်စကားပြောသောပုံတူ၏သမိုင်းအကြောင်းပြောပါမည်လူအများစုထင်သည်ထက်ပိုဟောင်းပါသည်",
    "lo": "ສະບາຍດີມື້ນີ້ພວກເຮົາຈະເວົ້າກ່ຽວກັບປະຫວັດສາດຂອງຮູບພາບທີ່ເວົ້າໄດ້ເຊິ່ງເກົ່າແກ່ກວ່າທີ່ຄົນສ່ວນໃຫຍ່ຄິດ",
}


@pytest.mark.parametrize("language", SCRIPTS)
def test_captions_of_any_script_break_by_its_rules_and_are_drawn(language: str) -> None:
    text = SCRIPTS[language]
    collected = Captions((640, 360))
    collected.add(Speech(np.zeros(8 * RATE, np.float32), text=text))
    lines = [line for cue in collected.cues for line in cue.text.split("\n")]
    assert (" " if " " in text else "").join(lines) == text
    assert max(map(text_width, lines)) <= 42
    assert not any(line[0] in "。，、；”」ょっーะาิ้ำ\u17d2\u1039" or line[-1] in "“「เแโใไ" for line in lines)
    image = np.full((360, 640, 3), 128, np.uint8)
    assert (collected.burn(image, 0.5) == 255).any()


def test_lines_of_japanese_break_between_words_and_before_no_particle() -> None:
    texts = ["明日", "15:30", "に、", "東京", "の", "iPhone", "の", "会議室", "で", "話し合う。"]
    words = tuple(Word(text, n / 2, n / 2 + 0.5, goes_on=True) for n, text in enumerate(texts))
    part = Speech(np.zeros(5 * RATE, np.float32), words=words)
    lines = [line for cue in cues(part, line=16) for line in cue.text.split("\n")]
    assert "".join(lines) == "".join(texts)
    assert not any(line.startswith(("に", "の", "で")) for line in lines)


def test_a_loanword_in_katakana_stays_whole_and_no_line_begins_with_its_particle() -> None:
    text = "ちょっと待ってください!コンピューターのデータを確認しましょう。"
    for line in (16, 30):
        part = Speech(np.zeros(5 * RATE, np.float32), text=text)
        rows = [row for cue in cues(part, line=line) for row in cue.text.split("\n")]
        assert "".join(rows) == text and max(map(text_width, rows)) <= line
        assert any("コンピューター" in row for row in rows) and not any(row[0] == "を" for row in rows)
    part = Speech(np.zeros(5 * RATE, np.float32), text="コンピュータープログラマーアシスタント")
    assert all(text_width(row) <= 16 for cue in cues(part, line=16) for row in cue.text.split("\n"))


def test_marks_between_spaces_stay_with_their_word() -> None:
    text = "L’œuvre « Être et Temps » a été publiée là-bas : n’est-ce pas extraordinaire, où que l’on soit ?"
    for line in (16, 20, 24, 30):
        rows = [row for cue in cues(spoken(text), line=line) for row in cue.text.split("\n")]
        assert " ".join(rows) == text
        assert not any(row[0] in "»:?" or row[-1] == "«" for row in rows)


def test_arabic_runs_from_right_to_left() -> None:
    first, last = (text_box(text, font_size=40, colour=(255, 255, 255, 255), background=(0, 0, 0, 255))
                   for text in ("ااااا س", "س ااااا"))  # fmt: skip
    drawn = [np.asarray(box)[..., 0] > 128 for box in (first, last)]
    tall = [columns.sum(0)[: columns.shape[1] // 2].sum() for columns in drawn]
    assert tall[0] < tall[1]  # what is written first stands at the right


def test_a_caption_of_fast_speech_stays_until_it_is_read() -> None:
    words = tuple(Word("wordword", 0.1 * i, 0.1 * i + 0.1) for i in range(8))
    collected = Captions((512, 512))
    collected.add(Speech(np.zeros(10 * RATE, np.float32), words=words))
    (cue,) = collected.cues
    assert text_width(cue.text) / (cue.end - cue.start) <= 17.01


def test_files_are_what_players_read(tmp_path: Path) -> None:
    collected = captions(TEXT, "1 < 2 & 3.")
    srt = collected.write(tmp_path / "film.srt").read_text(encoding="utf-8")
    vtt = collected.write(tmp_path / "film.vtt").read_text(encoding="utf-8")
    stamp = r"\d\d:\d\d:\d\d{0}\d\d\d --> \d\d:\d\d:\d\d{0}\d\d\d"
    assert srt.startswith("1\n00:00:00,200 --> ")
    assert vtt.startswith("WEBVTT\n\n00:00:00.200 --> ")
    assert (
        len(re.findall(stamp.format(","), srt))
        == len(re.findall(stamp.format(r"\."), vtt))
        == len(collected.cues)
    )
    assert "1 < 2 & 3." in srt
    assert "1 &lt; 2 &amp; 3." in vtt


def test_an_arrow_in_the_words_does_not_break_a_file(tmp_path: Path) -> None:
    collected = captions("a --> b.")
    for name in ("film.srt", "film.vtt"):
        lines = collected.write(tmp_path / name).read_text(encoding="utf-8").split("\n")
        assert sum("-->" in line for line in lines) == 1


def test_undecodable_words_do_not_break_a_file(tmp_path: Path) -> None:
    collected = captions("caf\udce9 x.")
    assert "x." in collected.write(tmp_path / "film.srt").read_text(encoding="utf-8")


def test_an_unwritable_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_srt(tmp_path / "no" / "film.srt", [])


@pytest.mark.parametrize("size", [(512, 512), (360, 640), (1280, 720), (96, 64)])
def test_burnt_captions_stay_inside_the_safe_margins(size: tuple[int, int]) -> None:
    collected = captions(TEXT, size=size)
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    changed = (collected.burn(image, 0.5) != image).any(2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    assert (image == 128).all()
    assert rows[0] >= size[1] * 0.45
    assert rows[-1] < size[1] * 0.96
    assert columns[0] >= size[0] * 0.015
    assert abs(columns[0] - (size[0] - 1 - columns[-1])) <= 1


def test_a_frame_without_a_caption_is_passed_through() -> None:
    collected = captions("Yes.")
    image = np.zeros((512, 512, 3), np.uint8)
    assert collected.burn(image, 0.1) is image


@pytest.mark.parametrize("level", [0, 255])
def test_burnt_captions_are_legible_on_any_background(level: int) -> None:
    image = np.full((512, 512, 3), level, np.uint8)
    drawn = captions(TEXT).burn(image, 0.5)[400:, 40:470].astype(int)
    letters, background = np.percentile(drawn, 99), np.percentile(drawn, 30)
    assert letters - background > 120


def test_characters_that_no_font_has_get_a_sentence_not_boxes() -> None:
    collected = captions("\U0001bc00\U0001bc01 no font has this shorthand")
    with pytest.raises(OutputError, match="font") as refused:
        collected.burn(np.zeros((512, 512, 3), np.uint8), 0.5)
    assert refused.value.parameter == "captions"


def test_a_line_in_two_scripts_is_drawn_and_signs_without_a_font_are_left_out() -> None:
    def drawn(text: str) -> bytes:
        white, black = (255, 255, 255, 255), (0, 0, 0, 255)
        return text_box(text, font_size=40, colour=white, background=black).tobytes()

    mixed = "ราคา 500 円"
    assert len({drawn(mixed), drawn("ราคา 500"), drawn("円")}) == 3
    assert drawn("Next\ue000 page") == drawn("Next page") != drawn("Next")


def test_emoji_are_left_out_of_the_picture_only() -> None:
    collected = captions("Well done \U0001f44d\U0001f3fd my friend \u2764\ufe0f")
    plain = captions("Well done my friend")
    image = np.zeros((512, 512, 3), np.uint8)
    assert "\U0001f44d" in collected.cues[0].text
    assert np.array_equal(collected.burn(image, 0.5), plain.burn(image, 0.5))
    alone = captions("\U0001f44d")
    assert alone.burn(image, 0.3) is image
