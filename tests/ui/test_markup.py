"""The page's own HTML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline import engines
from pipeline.cards import Layer
from pipeline.findings import Finding
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


def test_report_shows_gauges_only_where_something_is_wrong() -> None:
    good, weak = Finding("head", "good", "Fine."), Finding("lips", "fair", "The lips lag.")
    wrong = markup.report(60, 90, "The lips follow roughly.", [weak, good], b"png")
    assert "60 of 100" in wrong and "90 of 100" in wrong and "data:image/png;base64,cG5n" in wrong
    assert wrong.index("The lips follow roughly.") < wrong.index("<details")
    right = markup.report(100, 100, "", [good], b"png")
    assert "Looks natural." in right and "of 100" not in right and "could" not in right


def test_waiting_says_a_true_place_and_a_round_time() -> None:
    assert "1 video is ahead of yours" in markup.waiting(1, 12.3)
    assert "about 10 s" in markup.waiting(1, 12.3)
    many = markup.waiting(3, 100.0)
    assert "3 videos are ahead" in many and "about 1 min 30 s" in many


def test_address_of_a_file_is_relative_and_quoted() -> None:
    assert markup.address(Path("/tmp/a b/ü&.mp4")) == "gradio_api/file=/tmp/a%20b/%C3%BC%26.mp4"


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
    assert "Preparing your preview" in waiting
    assert "aria-current" not in downloading + waiting


def test_gauge_keeps_scores_in_range() -> None:
    assert "100 of 100" in markup.gauge("Lips", 130)
    assert "poor" in markup.gauge("Lips", -4) and "0 of 100" in markup.gauge("Lips", -4)


@pytest.mark.parametrize("layer", ["head", "lips"])
def test_every_engine_shows_what_to_know_before_choosing_it(layer: Layer) -> None:
    for card in engines.cards(layer):
        made = markup.engine_card(card, 1_500_000_000)
        assert markup.escape(card.speed) in made
        assert "downloads 1.5 GB" in made
        assert ("not for commercial use" in made) is not card.commercial
        assert "downloads" not in markup.engine_card(card, 0)
