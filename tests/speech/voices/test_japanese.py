"""Japanese: how numbers, dates, money and counters are read, and Kokoro's letters for it."""

from __future__ import annotations

import pytest
from num2words import num2words

from pipeline.speech import spoken
from pipeline.speech.text.normalize import normalize
from pipeline.speech.voices.kokoro import alphabet, japanese
from pipeline.speech.voices.kokoro.front_end import front_end

READ = [
    ("リンゴを3本ください。", "リンゴヲサンボンクダサイ"),
    ("ペンが6本と紙が10枚あります。", "ペンガロッポントカミガジューマイアリマス"),
    ("1本、2本、3本。", "イッポンニホンサンボン"),
    ("猫が3匹、犬が1匹います。", "ネコガサンビキイヌガイッピキイマス"),
    ("8人が1人ずつ話しました。", "ハチニンガヒトリズツハナシマシタ"),
    ("今日は3月1日です。", "キョーワサンガツツイタチデス"),
    ("2024年12月20日(金)に会いましょう。", "ニセンニジューヨネンジューニガツハツカキンヨービニアイマショー"),
    ("締め切りは2025/04/10です。", "シメキリワニセンニジューゴネンシガツトーカデス"),
    ("会議は12/20(金)です。", "カイギワジューニガツハツカキンヨービデス"),
    ("13時30分に始まります。", "ジューサンジサンジュップンニハジマリマス"),
    ("9:05に出発します。", "クジゴフンニシュッパツシマス"),
    ("午後4:00まで。", "ゴゴヨジマデ"),
    ("1,234円です。", "センニヒャクサンジューヨエンデス"),
    ("$5.50かかります。", "ゴドルゴジュッセントカカリマス"),
    ("¥12,800の靴。", "イチマンニセンハッピャクエンノクツ"),
    ("€20で買った。", "ニジューユーロデカッタ"),
    ("気温は-5℃でした。", "キオンワマイナスゴドデシタ"),
    ("50%引きです。", "ゴジュッパーセントビキデス"),
    ("3.14は円周率です。", "サンテンイチヨンワエンシューリツデス"),
    ("1〜3個買います。", "イチカラサンコカイマス"),
    ("10-15分かかります。", "ジューカラジューゴフンカカリマス"),
    ("1/2の確率です。", "ニブンノイチノカクリツデス"),
    ("第3回の大会。", "ダイサンカイノタイカイ"),
    ("3階まで上がる。", "サンガイマデアガル"),
    ("20歳になりました。", "ニジュッサイニナリマシタ"),
    ("7時に起きます。", "シチジニオキマス"),
    ("4月4日に来ます。", "シガツヨッカニキマス"),
    ("14日と20日と24日。", "ジューヨッカトハツカトニジューヨッカ"),
    ("600円と800円と3000円。", "ロッピャクエントハッピャクエントサンゼンエン"),
    ("100万人が住んでいます。", "ヒャクマンニンガスンデイマス"),
    ("03-1234-5678に電話してください。", "ゼロサンノイチニーサンヨンノゴーロクナナハチニデンワシテクダサイ"),
    ("5kmを歩く。", "ゴキロメートルヲアルク"),
    ("体重は65.5kgです。", "タイジューワロクジューゴーテンゴキログラムデス"),
    ("80km/hで走る。", "ハチジューキロメートルマイジデハシル"),
    ("AIとWi-Fiを使う。", "エーアイトワイファイヲツカウ"),
    ("私は東京へ行きます。", "ワタシワトーキョーエイキマス"),
    ("湿度は50%～75%です。", "シツドワゴジュッパーセントカラナナジューゴパーセントデス"),
    ("https://www.example.comを見てください。", "エグザンプルドットコムヲミテクダサイ"),
    ("#気候の話です。", "ハッシュタグキコーノハナシデス"),
    ("2×3=6です。", "ニカケルサンイコールロクデス"),
    ("コーヒー&ティー", "コーヒーアンドティー"),
    ("1泊2日の旅。", "イッパクフツカノタビ"),
    ("9月9日は9時から。", "クガツココノカワクジカラ"),
    ("本を2冊、車を3台。", "ホンヲニサツクルマヲサンダイ"),
    ("今は何時何分ですか。", "イマワナンジナンプンデスカ"),
    ("ファイルは500MBです。", "ファイルワゴヒャクメガバイトデス"),
    ("٣個あります。", "サンコアリマス"),
    ("0.5秒待つ。", "レーテンゴビョーマツ"),
    ("彼は1998年生まれです。", "カレワセンキューヒャクキュージューハチネンウマレデス"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "kana"), READ)
def test_text_is_read_as_a_person_would(written: str, kana: str) -> None:
    assert japanese.reading(" ".join(spoken(written, "ja"))) == kana


@pytest.mark.parametrize("number", [11, 87, 300, 666, 888, 1998, 3000, 12_800, 1_000_000, 20_304])
def test_cardinals_are_those_of_num2words(number: int) -> None:
    hiragana = num2words(number, lang="ja", reading=True)
    expected = "".join(chr(ord(kana) + 0x60) for kana in hiragana)
    for written, said in (("ジュウ", "ジュー"), ("キュウ", "キュー")):
        expected = expected.replace(written, said)
    assert japanese.reading(f"{number}です。") == f"{expected}デス"


@pytest.mark.parametrize(
    ("kana", "symbols"),
    [
        ("キョー", "kʲoː"), ("ガッコー", "ɡaʔkoː"), ("シンブン", "ɕimbɯɴ"), ("サンカ", "saŋka"),
        ("コンニャク", "koɲɲakɯ"),
        ("フィルム", "ɸʲiɾɯmɯ"), ("ヴァイオリン", "vaioɾʲiɴ"), ("チューゴク", "ʨɨːɡokɯ"), ("キィ", "kʲii"),
        ("ABC", ""),
    ],
)  # fmt: skip
def test_kana_in_kokoros_letters(kana: str, symbols: str) -> None:
    assert japanese.syllables(kana) == symbols


def test_inflected_verbs_are_one_word_and_punctuation_stays() -> None:
    read = japanese.phonemize("「はい」、東京に住んでいます。本当ですか？")
    assert read == "“hai”, toːkʲoː ɲi sɨnde imasɨ. hontoː desɨ ka?"


@pytest.mark.parametrize(
    "text",
    ["", "…", "ー", "ッ", "々", "〇", "𠮷野家", "ｶﾞﾝﾊﾞﾙ", "هلا", "🙂", "9" * 400, "a" * 250, "1/0", "99:99"],
)
def test_odd_text_never_fails(text: str) -> None:
    symbols = "".join(front_end("ja")(word.spoken) for word in normalize(text, "ja"))
    assert alphabet.known(symbols) == symbols
