"""Fifth step in Japanese: what Open JTalk would misread is written as a Japanese reader says it.

Digits stay digits, since Open JTalk reads them with the counter behind them: 3本 is "sanbon".
"""

from __future__ import annotations

import re

from pipeline.speech.text.rules import Rule

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_CURRENCIES = {
    "$": ("ドル", "セント"), "€": ("ユーロ", "セント"), "£": ("ポンド", "ペンス"), "¥": ("円", "銭"),
}  # fmt: skip
_UNITS: dict[str, str] = {
    "km/h": "キロメートル毎時", "km": "キロメートル", "cm": "センチメートル", "mm": "ミリメートル",
    "m²": "平方メートル", "m": "メートル", "kg": "キログラム", "mg": "ミリグラム", "g": "グラム",
    "ml": "ミリリットル", "mL": "ミリリットル", "L": "リットル", "GB": "ギガバイト", "MB": "メガバイト",
    "kW": "キロワット", "Hz": "ヘルツ", "°C": "度", "℃": "度", "%": "パーセント",
}  # fmt: skip
_SIGNS = {
    "&": "アンド", "+": "プラス", "=": "イコール", "@": "アットマーク", "×": "かける", "÷": "わる",
    "<": "小なり", ">": "大なり", "±": "プラスマイナス", "#": "シャープ",
}  # fmt: skip
_DIGITS = ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー")
_COUNTERS = "%％℃年月日時分秒個人本枚回円歳度点冊台階匹名番"
_WEEKDAY = r"\s*\([月火水木金土日]\)"


def _money(match: re.Match[str]) -> str:
    whole, _, cents = match[2].partition(".")
    unit, part = _CURRENCIES[match[1]]
    return f"{whole}{unit}" + (f"{int(cents)}{part}" if len(cents) == 2 and int(cents) else "")


def _clock(match: re.Match[str]) -> str:
    minutes = f"{int(match[2])}分" if int(match[2]) else ""
    return f"{int(match[1])}時{minutes}"


def _date(match: re.Match[str]) -> str:
    return f"{match[1]}年{int(match[2])}月{int(match[3])}日"


def _telephone(match: re.Match[str]) -> str:
    groups = re.split("-", match[0])
    return "の".join("".join(_DIGITS[int(digit)] for digit in group) for group in groups)


RULES: tuple[Rule, ...] = (
    Rule(re.compile(r"(?:https?|ftp)://(?:www\.)?|(?<![A-Za-z])www\."), lambda match: ""),
    Rule(re.compile(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z]{2,})"), lambda match: " ドット "),
    Rule(re.compile(r"(?<!\w)[#＃](?=[^\W\d_])"), lambda match: "ハッシュタグ"),
    Rule(re.compile(r"(?<![\d-])0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])"), _telephone),
    Rule(re.compile(r"(?<!\d)(\d{4})[/-](1[0-2]|0?[1-9])[/-](3[01]|[12]\d|0?[1-9])(?!\d)"), _date),
    Rule(
        re.compile(rf"(?<![\d/])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?={_WEEKDAY})"),
        lambda match: f"{int(match[1])}月{int(match[2])}日",
    ),
    Rule(re.compile(r"(?<![\d:])(2[0-4]|[01]?\d):([0-5]\d)(?![\d:])"), _clock),
    Rule(re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])"), lambda match: f"{match[2]}分の{match[1]}"),
    Rule(re.compile(rf"([$€£¥])\s?({_NUMBER})"), _money),
    Rule(
        re.compile(rf"(?<!\d)({_NUMBER})\s?({'|'.join(map(re.escape, _UNITS))})(?![A-Za-z])"),
        lambda match: f"{match[1]}{_UNITS[match[2]]}",
    ),
    Rule(re.compile(r"(?<![0-9A-Za-z)])[-−](?=\d)"), lambda match: "マイナス"),
    Rule(re.compile(rf"(?<=[\d{_COUNTERS}])\s?[〜~～–-]\s?(?=\d)"), lambda match: "から"),
    Rule(re.compile(rf"[{re.escape(''.join(_SIGNS))}]"), lambda match: _SIGNS[match[0]]),
)
"""An earlier rule wins over a later one."""
