"""The page's own HTML."""

from __future__ import annotations

import re

import pytest

from pipeline import engines
from pipeline.types import Finding
from pipeline.ui import markup


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (8.4, "8 s"), (59.7, "1 min"), (80, "1 min 20 s"), (600, "10 min")]
)
def test_duration_as_a_person_says_it(seconds: float, said: str) -> None:
    assert markup.duration(seconds) == said


def test_whatever_was_written_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    finding = Finding(evil, "poor", evil)
    for made in (markup.notice(evil), markup.verdicts([finding]), markup.report(1, 2, evil, [finding], b"")):
        assert "<script" not in made
        assert "&lt;script" in made


def test_verdicts_name_every_topic_and_put_the_worst_advice_first() -> None:
    made = markup.verdicts(
        [
            Finding("light", "good", "Fine."),
            Finding("blur", "fair", "Soft."),
            Finding("turn", "poor", "Turned."),
        ]
    )
    assert made.count('class="chip ') == 3
    assert made.index("Turned.") < made.index("Soft.")
    assert "Fine." not in made
    assert markup.verdicts([]) == ""


def test_praise_is_said_only_where_there_is_no_advice() -> None:
    good, fair = Finding("light", "good", "Fine."), Finding("blur", "fair", "Soft.")
    assert "Great!" in markup.verdicts([good], praise="Great!")
    assert "Great!" not in markup.verdicts([good, fair], praise="Great!")


def test_report_does_not_say_a_thing_twice() -> None:
    weak = Finding("lips", "fair", "The lips lag.")
    made = markup.report(60, 90, "The lips are the weaker layer. The lips lag.", [weak], b"png")
    assert made.count("The lips lag.") == 1
    assert "60 of 100" in made and "90 of 100" in made and "data:image/png;base64,cG5n" in made


def test_stepper_marks_one_stage_and_never_leaves_the_bar() -> None:
    for stage, fraction in (("subject", -0.5), ("animation", 0.421), ("saving", 1.7)):
        made = markup.stepper(stage, fraction, 12.0)
        assert made.count("aria-current=step") == 1
        assert markup.STAGES[stage] in made[made.index("aria-current") :].split("</li>")[0]
        percent = int(re.search(r"width:(\d+)%", made).group(1))
        assert percent == {"subject": 0, "animation": 42, "saving": 100}[stage]
    assert "About 12 s left" in markup.stepper("animation", 0.5, 12.0)


def test_stepper_marks_no_stage_before_the_first() -> None:
    downloading, waiting = markup.stepper("download", 0.3), markup.stepper(None, 0.0)
    assert "Downloading" in downloading and "width:30%" in downloading
    assert "Waiting" in waiting
    assert "aria-current" not in downloading + waiting


def test_gauge_keeps_scores_in_range() -> None:
    assert "100 of 100" in markup.gauge("Lips", 130)
    assert "poor" in markup.gauge("Lips", -4) and "0 of 100" in markup.gauge("Lips", -4)


@pytest.mark.parametrize("layer", ["head", "lips"])
def test_every_engine_shows_what_to_know_before_choosing_it(layer: engines.Layer) -> None:
    for card in engines.cards(layer):
        made = markup.engine_card(card, 1_500_000_000)
        assert markup.escape(card.speed) in made
        assert "downloads 1.5 GB" in made
        assert ("not for commercial use" in made) is not card.commercial
        assert "downloads" not in markup.engine_card(card, 0)
