"""Mandarin: numbers, dates, times, money, measures and signs as they are read, in Chinese characters.

Words in Latin letters stay as they are; the voice reads them as English.
"""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import roman
from pipeline.speech.text.locales.tables import pairs, pattern, read
from pipeline.speech.text.rules import Rule, rule

_DIGITS = "零一二三四五六七八九"
_POWERS = ((1000, "千"), (100, "百"), (10, "十"))
_MYRIADS = ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"))
_IDENTIFIER_DIGITS = 16
"""A number of at least this many digits is read digit by digit."""
_GROUP = 4
"""Digits of a long identifier that are read without a pause."""
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_TO = r"\s?[-–—~～〜至]\s?"
_MONTH, _DAY = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_WORDS = read("zh")
_MEASURES = pattern(_WORDS["measures"])
"""What is counted with 两 rather than 二."""
_CURRENCIES, _UNITS, _ADDRESS = (pairs(_WORDS[name]) for name in ("currencies", "units", "address"))
SIGNS = pairs(_WORDS["signs"])
"""Signs and their names."""
_FRACTIONS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8), "⅜": (3, 8),
    "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_HALVES = {"a": ((5, "凌晨"), (11, "上午"), (12, "凌晨")), "p": ((5, "下午"), (11, "晚上"), (12, "中午"))}


def _below_myriad(number: int, *, leads: bool) -> str:
    """A number below 10,000; `leads` where nothing stands before it."""
    said, rest = "", number
    for power, name in _POWERS:
        digit, rest = divmod(rest, power)
        if digit:
            said += _DIGITS[digit] + name
        elif said and rest and not said.endswith("零"):
            said += "零"
    said += _DIGITS[rest] if rest else ""
    if leads and said.startswith("一十"):
        return said[1:]
    return f"两{said[1:]}" if leads and said.startswith("二千") else said


def cardinal(number: int) -> str:
    """A whole number in characters: 10020 becomes "一万零二十", 2000 "两千"."""
    if number < 10**4:
        return _below_myriad(number, leads=True) or _DIGITS[0]
    power, name = next(found for found in _MYRIADS if number >= found[0])
    many, rest = divmod(number, power)
    said = ("两" if many == 2 else cardinal(many)) + name
    if not rest:
        return said
    zero = _DIGITS[0] if rest * 10 < power or many % 10 == 0 else ""
    return said + zero + (_below_myriad(rest, leads=False) if rest < 10**4 else cardinal(rest))


def _number(written: str) -> str:
    """A number with or without a sign: "-1,234.5"."""
    bare = written.replace(",", "").strip()
    if bare[0] in "-−–":
        return "负" + _number(bare[1:])
    whole, _, decimals = bare.partition(".")
    if len(whole) >= _IDENTIFIER_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        said = _digits(whole)
    else:
        said = cardinal(int(whole))
    return f"{said}点{_digits(decimals, pause=False)}" if decimals else said


def _counted(written: str) -> str:
    """A number before a measure word: 2 is 两."""
    return "两" if written == "2" else _number(written)


def _digits(digits: str, *, one: str = "一", pause: bool = True) -> str:
    """Each digit by its name, in groups where there are many."""
    said = "".join(one if digit == "1" else _DIGITS[int(digit)] for digit in digits)
    if not pause or len(said) < 3 * _GROUP:
        return said
    return "，".join(said[at : at + _GROUP] for at in range(0, len(said), _GROUP))


def _telephone(match: re.Match[str]) -> str:
    plus = "加" if match[0].startswith("+") else ""
    groups = re.findall(r"\d+", match[0])
    if len(groups) == 1 and len(groups[0]) == 11:
        number = groups[0]
        groups = [number[:3], number[3:7], number[7:]]
    return plus + "，".join(_digits(group, one="幺") for group in groups)


def _date(match: re.Match[str]) -> str:
    return f"{_digits(match['y'], pause=False)}年{cardinal(int(match['m']))}月{cardinal(int(match['d']))}日"


def _clock(hour: str, minute: str | None, second: str | None = None) -> str:
    said = ("两" if int(hour) == 2 else cardinal(int(hour))) + "点"
    if minute and int(minute):
        said += ("零" if int(minute) < 10 else "") + cardinal(int(minute)) + "分"
    return said + (f"{cardinal(int(second))}秒" if second else "")


def _half_clock(match: re.Match[str]) -> str:
    hour, half = int(match[1]), match[3].lower()
    part = next((name for until, name in _HALVES[half] if hour <= until), "")
    return part + _clock(match[1], match[2])


def _money(match: re.Match[str]) -> str:
    amount = re.sub(r"\.0+$", "", match["n"])
    amount = re.sub(r"(\.\d*[1-9])0+$", r"\1", amount)
    begin = f"{_number(match['from'])}到" if match["from"] else ""
    below = "负" if match["below"] else ""
    return f"{below}{begin}{_counted(amount)}{match['scale'] or ''}{_CURRENCIES[match['sign']]}"


def _percent(match: re.Match[str]) -> str:
    of = "千分之" if match["sign"] == "‰" else "百分之"
    begin = f"{of}{_number(match['from'])}到" if match["from"] else ""
    below = "负" if match["below"] else ""
    return f"{begin}{below}{of}{_number(match['n'])}"


def _measure(match: re.Match[str]) -> str:
    name = _UNITS[match["unit"]]
    begin = f"{_number(match['from'])}到" if match["from"] else ""
    if not match["below"]:
        return f"{begin}{_counted(match['n'])}{name}"
    return f"{'零下' if '氏度' in name else '负'}{_number(match['n'])}{name}"


def _fraction(whole: str | None, top: int, bottom: int) -> str:
    begin = f"{cardinal(int(whole))}又" if whole else ""
    return f"{begin}{cardinal(bottom)}分之{cardinal(top)}"


def _address(match: re.Match[str]) -> str:
    text = re.sub(r"^(?:https?|ftp)://(?:www\.)?|^www\.", "", match[0]).rstrip("/")
    text = re.sub(r"[^A-Za-z0-9]", lambda sign: f" {_ADDRESS.get(sign[0], sign[0])} ", text)
    text = re.sub(r"\d+", lambda found: f" {_digits(found[0])} ", text)
    return " ".join(text.split())


def _version(match: re.Match[str]) -> str:
    return "点".join(_number(part) for part in match[0].split("."))


_BEGIN = rf"(?<!\d)(?:(?P<from>{_NUMBER})%?{_TO})?"
"""Only from the first digit of a number: from every digit, a long one would take the square of its time."""
_SIGN = "|".join(re.escape(sign) for sign in sorted(_CURRENCIES, key=len, reverse=True))
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_BELOW = r"(?P<below>(?<![\dA-Za-z)])[-−–])?"
_POINTS = "(?P<scale>[万亿千百]+)?"
_START = r"(?<![\dA-Za-z.,])"

RULES: tuple[Rule, ...] = (
    # Addresses, telephone numbers, identifiers.
    rule(r"(?<![A-Za-z0-9])(?:https?://|www\.)[A-Za-z0-9][\w./?=&%:#-]*[A-Za-z0-9/]", _address, re.ASCII),
    rule(r"(?<![A-Za-z0-9])[A-Za-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+", _address, re.ASCII),
    rule(r"(?<![A-Za-z0-9])[A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.(?:com|cn|net|org|io|ai|pdf|docx?|xlsx?|mp[34]|zip)"
         r"(?![A-Za-z0-9])(?:/[\w./-]*[A-Za-z0-9])?", _address, re.ASCII),
    rule(r"[@＠](\w+)", lambda m: f"艾特{m[1]}"),
    rule(r"#([^#\s\d][^#\s]*)#?", lambda m: f"话题{re.sub('(?<=[a-z])(?=[A-Z])', ' ', m[1])}"),
    rule(r"#(\d+)", lambda m: f"{_number(m[1])}号"),
    rule(r"(?<!\d)\+\d{1,3}(?:[\s-]?\d{2,11}){1,4}(?!\d)", _telephone),
    rule(r"(?<![\d.,-])1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)", _telephone),
    rule(r"(?<![\d.,-])0\d{2,3}[\s-]\d{7,8}(?!\d)|(?<![\d.,-])[48]00[\s-]?\d{3,4}[\s-]?\d{3,4}(?!\d)",
         _telephone),
    rule(r"(?<=[拨打])\s?(?:1[12]\d|95\d{3}|12\d{3})(?!\d)", _telephone),
    rule(r"((?:邮编|邮政编码|编号|单号|号码|密码|验证码|账号|学号|工号|代码|房间号?)(?:[是为：:]|为是)?\s?)(\d+)(?![.,]\d)",
         lambda m: m[1] + _digits(m[2])),
    # Dates and times.
    rule(rf"{_START}(?P<y>\d{{4}})([-/.])(?P<m>{_MONTH})\2(?P<d>{_DAY})(?![\d/-])", _date),
    rule(rf"{_START}(?P<m>{_MONTH})/(?P<d>{_DAY})/(?P<y>\d{{4}})(?![\d/])", _date),
    rule(rf"{_START}(?P<d>{_DAY})/(?P<m>{_MONTH})/(?P<y>\d{{4}})(?![\d/])", _date),
    rule(rf"{_START}(\d{{4}}){_TO}(\d{{4}})\s?(?=年)", lambda m: f"{_digits(m[1])}到{_digits(m[2])}"),
    rule(rf"{_START}(\d{{4}})\s?年?{_TO}(\d{{4}})\s?(?=年)", lambda m: f"{_digits(m[1])}年到{_digits(m[2])}"),
    rule(rf"{_START}(1\d{{3}}|20\d\d|[3-9]\d{{3}})\s?(?=年(?!前|后|来|以|的历史))", lambda m: _digits(m[1])),
    rule(rf"{_START}((?:1[1-9]|20)\d\d){_TO}((?:1[1-9]|20)\d\d)(?![\d,.])",
         lambda m: f"{_digits(m[1])}到{_digits(m[2])}"),
    rule(rf"{_START}(1[0-2]|0?\d):([0-5]\d)\s?([aApP])\.?[mM]\.?(?![A-Za-z])", _half_clock),
    rule(rf"{_START}(1[0-2]|0?[1-9])()\s?([aApP])\.?[mM]\.?(?![A-Za-z])", _half_clock),
    rule(r"(?<![\d:])(2[0-4]|[01]?\d)[:：]([0-5]\d)[:：]([0-5]\d)(?![\d:])",
         lambda m: _clock(m[1], m[2], m[3])),
    rule(rf"(?<![\d:])(2[0-4]|[01]?\d)[:：]([0-5]\d){_TO}(2[0-4]|[01]?\d)[:：]([0-5]\d)(?![\d:])",
         lambda m: f"{_clock(m[1], m[2])}到{_clock(m[3], m[4])}"),
    rule(r"(?<![\d:])(2[0-4]|[01]?\d)[:：]([0-5]\d)(?![\d:])", lambda m: _clock(m[1], m[2])),
    rule(r"(?<![\d:.])2(?=点(?:钟|半|整|[一二三四五0-5]|多|左右|[，。]|$))", lambda m: "两"),
    rule(r"(?<=[上下中午晨晚夜午早])2(?=点)", lambda m: "两"),
    # Money, shares, measures, fractions.
    rule(r"(?<![\d/])24/7(?![\d/])", lambda m: "全天候"),
    rule(r"(?<=[\u4e00-\u9fff])\s?/\s?(?=公斤|千克|[斤克吨米升秒天日周月年人次个件瓶盒晚]|平方米|公里|小时|分钟)",
         lambda m: "每"),
    rule(rf"{_BELOW}(?P<sign>{_SIGN})\s?{_BEGIN}(?P<n>{_NUMBER}){_POINTS}", _money),
    rule(rf"{_BELOW}{_START}{_BEGIN}(?P<n>{_NUMBER}){_POINTS}\s?(?P<sign>{_SIGN})", _money),
    rule(rf"{_BEGIN}{_BELOW}(?P<n>{_NUMBER})\s?(?P<sign>[%‰])", _percent),
    rule(rf"{_BEGIN}{_BELOW}(?<![\d.,])(?P<n>{_NUMBER})\s?(?P<unit>{_UNIT})(?![A-Za-z0-9²³/])", _measure),
    rule(rf"(?<![\d.,])(?P<whole>\d+)?(?P<sign>[{''.join(_FRACTIONS)}])",
         lambda m: _fraction(m["whole"], *_FRACTIONS[m["sign"]])),
    rule(r"(?<![\d./])(?:(\d+)\s)?([1-9]\d?)/([2-9]|[1-9]\d|100)(?![\d/])",
         lambda m: _fraction(m[1], int(m[2]), int(m[3]))),
    rule(r"(?<=[\dA-Za-z)])([²³])", lambda m: "的平方" if m[1] == "²" else "的立方"),
    rule(r"(?<=[A-Za-z])([₀-₉]+)", lambda m: "".join(_DIGITS["₀₁₂₃₄₅₆₇₈₉".index(sign)] for sign in m[1])),
    rule(rf"{_START}({_NUMBER})\s?[-−–]\s?({_NUMBER})(?=\s?=)",
         lambda m: f"{_number(m[1])}减{_number(m[2])}"),
    rule(rf"{_START}({_NUMBER})\s?[*xX×]\s?(?={_NUMBER})", lambda m: f"{_number(m[1])}乘以"),
    # All other numbers.
    rule(r"(?<![\d.,])\d+(?:\.\d+){2,}(?![\d.])", _version),
    rule(r"(?<![\d:])(\d{1,3})\s?[:：]\s?(\d{1,3})(?![\d:])", lambda m: f"{_number(m[1])}比{_number(m[2])}"),
    rule(r"(?<=比分)((?:[是为]|以)?)(\d{1,3})-(\d{1,3})",
         lambda m: f"{m[1]}{_number(m[2])}比{_number(m[3])}"),
    rule(r"(?<=[以])(\d{1,2})-(\d{1,2})(?=[战击胜负领大获])", lambda m: f"{_number(m[1])}比{_number(m[2])}"),
    rule(rf"{_START}({_NUMBER}){_TO}({_NUMBER})(?![\d-])", lambda m: f"{_number(m[1])}到{_number(m[2])}"),
    rule(r"(?<=[\d年月日号时点分])\s?[~～–—-]\s?(?=\d)", lambda m: "到"),
    rule(r"第\s?(\d+)", lambda m: f"第{_number(m[1])}"),
    rule(rf"{_START}2(?=\s?(?:{_MEASURES}))", lambda m: "两"),
    rule(rf"{_START}(\d0)(?=年代)", lambda m: cardinal(int(m[1]))),
    rule(rf"{_START}(\d[05])(?=后(?!\d))", lambda m: _digits(m[1])),
    rule(rf"(?<![\dA-Za-z)])\+(?={_NUMBER})", lambda m: ""),
    rule(r"(?<=第)[IVX]+(?![A-Za-z])|(?<=[\u4e00-\u9fff])[IVX]{2,}(?![A-Za-z])",
         lambda m: None if (number := roman(m[0])) is None else cardinal(number)),
    rule(rf"(?<![\dA-Za-z)\u4e00-\u9fff])[-−](?={_NUMBER})|(?<=[是为到约])[-−](?={_NUMBER})", lambda m: "负"),
    rule(r"(?<=[A-Za-z])-(?=\d)", lambda m: ""),
    rule(_NUMBER, lambda m: _number(m[0])),
)  # fmt: skip
"""Specific rules before general ones."""
