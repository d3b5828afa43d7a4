"""Consent: asked once for a picture, remembered by its sum, and nothing else kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import ConsentError, PhotoError, UnknownNameError
from pipeline.trust import consent_for, ledger


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "aunt-mary.jpg"
    path.write_bytes(b"a picture")
    return path


def test_nobody_speaks_without_an_answer(photo: Path) -> None:
    with pytest.raises(ConsentError, match="--consent"):
        consent_for(photo, None)


def test_an_answer_is_remembered_for_this_picture_only(photo: Path, tmp_path: Path) -> None:
    given = consent_for(photo, "permission")
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(photo.read_bytes())
    assert consent_for(photo, None) == consent_for(copy, None) == given
    photo.write_bytes(b"another picture")
    with pytest.raises(ConsentError):
        consent_for(photo, None)


def test_a_visitors_memory_knows_nothing_of_the_machines_and_leaves_it_alone(photo: Path) -> None:
    consent_for(photo, "me")
    before, visit = ledger().read_text(), {}
    with pytest.raises(ConsentError):
        consent_for(photo, None, memory=visit)
    given = consent_for(photo, "fictional", memory=visit)
    assert consent_for(photo, None, memory=visit) == consent_for(photo, given) == given
    assert ledger().read_text() == before


def test_the_last_answer_counts(photo: Path) -> None:
    consent_for(photo, "me")
    consent_for(photo, "fictional")
    assert consent_for(photo, None).right == "fictional"


def test_only_right_day_and_sum_are_kept(photo: Path, state: Path) -> None:
    consent = consent_for(photo, "me")
    assert ledger().is_relative_to(state)
    assert json.loads(ledger().read_text()) == {consent.picture: {"right": "me", "given": consent.given}}
    assert "mary" not in ledger().read_text()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": {"right": "king", "given": "x"}}'])
def test_a_damaged_ledger_counts_as_empty(photo: Path, content: str) -> None:
    ledger().parent.mkdir(parents=True)
    ledger().write_text(content)
    with pytest.raises(ConsentError):
        consent_for(photo, None)
    assert consent_for(photo, "me").right == "me"
    assert consent_for(photo, None).right == "me"


def test_a_folder_that_cannot_be_written_only_forgets(photo: Path, state: Path) -> None:
    state.write_text("a file where the folder should be")
    assert consent_for(photo, "me").right == "me"


def test_bad_answers_and_pictures_are_told(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="permission"):
        consent_for(photo, "permision")
    with pytest.raises(PhotoError, match="cannot be read"):
        consent_for(tmp_path / "no.jpg", "me")


def test_sample_portraits_need_no_answer_and_say_so(astronaut: Path) -> None:
    assert consent_for(astronaut, None).right == "sample"
    assert not ledger().exists()
