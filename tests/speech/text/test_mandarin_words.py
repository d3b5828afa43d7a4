"""Mandarin parted into words: the likeliest way, whatever characters there are."""

from __future__ import annotations

import pytest

from pipeline.speech.text.mandarin_words import mandarin_words
from pipeline.speech.text.normalize import normalize


@pytest.mark.parametrize(
    "words",
    [
        "明天 天气 会 更好",
        "研究 生命 起源",
        "今天 的 会议 改 到 明天 下午 三点",
        "人工智能 正在 改变 我们 的 生活 方式",
        "图书馆 在 医院 旁边",
        "圖書館 在 醫院 旁邊",
        "我們 的 經理 會 準時 參加 會議",
        "龘 龘",
    ],
)
def test_frequent_words_are_kept_whole(words: str) -> None:
    assert mandarin_words(words.replace(" ", "")) == words.split()


def test_nothing_has_no_words() -> None:
    assert mandarin_words("") == []


def test_words_of_a_text_are_those() -> None:
    written = [word.written for word in normalize("我们明天下午3点见。", "zh-CN")]
    assert written[:3] == ["我们", "明天", "下午"]
