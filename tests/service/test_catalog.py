"""What can be chosen, and what an empty choice stands for."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from pipeline import engines
from pipeline.engines import Subject
from pipeline.plan import check
from pipeline.service import catalog
from pipeline.spec import split


@pytest.mark.parametrize("kind", get_args(Subject))
def test_every_choice_on_offer_can_be_planned_and_is_described_as_what_runs(
    kind: Subject, tmp_path: Path, own_photo: Path, clip: Path
) -> None:
    subject = {"photo": own_photo, "video": clip}[kind]
    for _, head in catalog.head_choices(kind):
        for _, lips in catalog.lips_choices(kind, head):
            asked = {"subject": subject, "path": tmp_path / "a.mp4", "text": "Hi."}
            chosen = {name: value for name, value in (("head", head), ("lips", lips)) if value}
            plan = check(*split({**asked, **chosen}))
            assert plan.head.card == catalog.head_card(kind, head)
            assert plan.lips_name == catalog.lips_card(kind, head, lips).name


def test_no_two_choices_of_lips_mean_the_same() -> None:
    offered = catalog.lips_choices("photo", "")
    assert offered[0] == (catalog.OWN_MOUTH, "") and "puppet" not in dict(offered).values()
    assert "puppet" in dict(catalog.lips_choices("photo", "liveportrait")).values()
    assert offered[0][0] != catalog.lips_choices("video", "")[0][0]


def test_voices_that_need_no_download_come_first_and_every_one_is_listed() -> None:
    offered = catalog.voice_choices()
    assert offered[0][1] == "joe"
    assert {name for _, name in offered} == {voice.name for voice in engines.voices()}
    assert len({title for title, _ in offered}) == len(offered)
