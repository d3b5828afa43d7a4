"""Abbreviations, initialisms that are spelled, and words in capitals."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.addresses import spell
from pipeline.speech.text.locales.figures import SENTENCE_END
from pipeline.speech.text.locales.locale import Locale
from pipeline.speech.text.locales.tables import words
from pipeline.speech.text.rules import Rule, rule

_SPELLED = words(
    "ADN AI API ATM BBC BMW CCTV CD CDN CEO CFO CIA CLI CMS CPU CRM CSS CSV CTO CV DC DJ DNA DNS DVD EKG "
    "ERP FAQ FBI FM FTP GPS GPT GPU HD HDMI HIV HR HTML HTTP HTTPS IBM IDE IMF IP IPA IT KPI LCD LED LLM MBA "
    "MIT ML MP MRI MVP NBA NFL NGO OCR PC PCR PDF PH PHP PR QA QR RGB ROI RSS SDK SEO SMS SQL SSD SSL SUV "
    "TCP TV UFO UI UK UN URL US USA USB UV UX VAT VIP VPN VR WC WWW XML YTD"
)
"""Initialisms that are spelled in every language."""
_WORDS = words("NASA NATO UNESCO UNICEF FIFA UEFA OPEC COVID LASER RADAR SIM PIN RAM GIF JPEG WIFI LAN SAP")
_VOWELS = frozenset("AEIOUYÀÁÂÃÄÅÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜ")
_NEAR = 40
"""Characters around a word in which its neighbour is looked for."""
_CLOSING = " \n\"'”’»)]"
_CAPITALS = "A-ZÀ-ÖØ-Þ"


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for abbreviations."""
    table = {_plain(short): name for short, name in locale.abbreviations.items()}
    titles = {_plain(short): name for short, name in locale.titles.items()}

    def expanded(match: re.Match[str]) -> str | None:
        if match["short"] in locale.units and re.search(r"\d\s?$", match.string[: match.start()][-2:]):
            return None
        short = _plain(match["short"])
        ends = match["end"] is not None and (
            not locale.enders or short in locale.enders or not match.string[match.end() :].strip(_CLOSING)
        )
        return table[short] + ("." if ends else "")

    def initials(match: re.Match[str]) -> str:
        return spell(match["letters"].replace(".", "").replace(" ", ""), locale) + (
            "." if match["end"] is not None else ""
        )

    named = rf"(?:[{_CAPITALS}\d]|(?:y|e|et|und|ed)\s)"
    dotted = [short for short in table if not short.endswith("!")]
    bare = [short[:-1] for short in table if short.endswith("!")]
    return (
        rule(rf"(?<![\w.])(?P<short>{_spaced(titles)})(?:\.(?=\s?{named})|(?<=\w\w)(?=\s{named}))",
             lambda m: titles[_plain(m["short"])]),
        rule(rf"(?<![\w.])(?P<short>{_spaced(dotted)})\.(?P<end>{SENTENCE_END})?", expanded),
        rule(rf"(?<![\w.])(?P<short>{_spaced(bare)})(?!\w|\.\w)", lambda m: table[f"{_plain(m['short'])}!"]),
        rule(rf"(?<!\w)(?P<letters>(?:[{_CAPITALS}]\.){{2,}})(?P<end>{SENTENCE_END})?", initials),
        rule(rf"(?<=[{_CAPITALS}])\s?&\s?(?=[{_CAPITALS}]\b)", lambda m: f" {locale.conjunction} "),
    )  # fmt: skip


def initialisms(locale: Locale) -> tuple[Rule, ...]:
    """The rules for words in capitals; they come last, since units and codes are in capitals too."""

    def said(match: re.Match[str]) -> str | None:
        word = match["word"]
        if word in _WORDS | locale.acronyms:
            return None
        if word.lower() in locale.function_words and word not in locale.spelled:
            return word.lower()
        shouts = _beside_capitals(match, locale)
        short = len(word) <= max(locale.longest_initialism, 2) and not shouts
        if short or _is_spelled(word, locale):
            return spell(word, locale) + ("s" if match["s"] and locale.code != "de" else "")
        return word.lower() + (match["s"] or "") if shouts else None

    word = rf"(?<![^\W_])(?P<word>[{_CAPITALS}]{{2,}})(?P<s>s)?(?![^\W\d_]|['’]\w)"
    elided = rf"(?<![^\W_])[{_CAPITALS}]{{2,}}['’][{_CAPITALS}]{{2,}}(?![^\W_])"
    return (rule(elided, lambda m: m[0].lower()), rule(word, said, spells=True))


def _is_spelled(word: str, locale: Locale) -> bool:
    return word in _SPELLED | locale.spelled or (len(word) <= 6 and not _VOWELS & set(word))


def _beside_capitals(match: re.Match[str], locale: Locale) -> bool:
    """Whether there are capitals nearby that are no initialism: the text shouts."""
    left = match.string[max(0, match.start() - _NEAR) : match.start()]
    right = match.string[match.end() : match.end() + _NEAR]
    before = re.search(rf"([{_CAPITALS}]{{2,}})[^\w.!?]+$", left)
    after = re.match(rf"[^\w.!?]+([{_CAPITALS}]{{2,}})(?![^\W\d_])", right)
    if any(found and (len(found[1]) > 3 or len(match["word"]) > 3) for found in (before, after)):
        return True
    longer = re.findall(rf"(?<![^\W_])[{_CAPITALS}]{{4,}}(?![^\W_])", f"{left} {right}")
    known = _WORDS | _SPELLED | locale.acronyms | locale.spelled
    return any(_VOWELS & set(word) and word not in known for word in longer)


def _plain(short: str) -> str:
    return re.sub(r"\s", "", short)


def _spaced(names: object) -> str:
    """A pattern of abbreviations; behind the full stops inside them there may be spaces."""
    longest_first = sorted(names, key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(re.escape(name).replace(r"\.", r"\.\s?") for name in longest_first) or "(?!)"
