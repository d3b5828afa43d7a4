"""Hindi in Urdu's letters: frequent words get their vowels back, pieces of a word are joined."""

from __future__ import annotations

import pytest

from pipeline.speech.recognition.hindi_words import Restored, restored


@pytest.mark.parametrize(
    ("urdu", "hindi"),
    [
        ("سرکشا کے نیموں کا پالن", "सुरक्षा के नियमों का पालन"),
        ("چای ابھی بہت گرم ہے", "चाय अभी बहुत गर्म है"),
        ("مشین چالو کیجیے۔", "मशीन चालू कीजिए।"),
        ("کیا ۱۲ لوگ آئے؟", "क्या 12 लोग आए?"),
        ("اس نے دروازہ بند کیا مجھے", "उसने दरवाज़ा बंद किया मुझे"),
        ("گلے لگا لیا کیا آپ کی گاڑی ہے", "गले लगा लिया क्या आपकी गाड़ी है"),
        ("گریپیا پہچان پتر دھنیاوات", "कृपया पहचान पत्र धन्यवाद"),
        (
            "نیم لگے ہے یہ کام کے لیے ہے آپ ہماری ٹیم کے ساتھ ہے",
            "नियम लगे हैं यह काम के लिए है आप हमारी टीम के साथ हैं",
        ),
        ("آپ کی پاس ہماری بارے میں", "आपके पास हमारे बारे में"),
        ("اس کی کتاب کی کہانی", "उसकी किताब की कहानी"),
        ("سات سو پچاس روپی ہے", "सात सौ पचास रुपये है"),
        ("اُنیس سو بانوے", "उन्नीस सौ बानवे"),
        ("Python سیکھو،", "Python सीखो,"),
        ("زرافستان", "ज़राफ़सतान"),
    ],
)
def test_short_vowels_come_back(urdu: str, hindi: str) -> None:
    assert " ".join(word.text for word in restored(urdu.split())) == hindi


def test_a_word_that_was_written_apart_is_one_word() -> None:
    assert restored(["ہماری", "گار", "ی۔", "آئی"])[1:] == [Restored("गाड़ी।", 1, 3), Restored("आई", 3, 4)]
    assert [word.text for word in restored(["ہماری۔", "بات"])] == ["हमारी।", "बात"]
    assert restored([]) == []
