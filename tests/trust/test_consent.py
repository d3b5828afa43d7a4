"""Consent: asked once for a picture, remembered by its checksum, and nothing else kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConsentError, PhotoError, UnknownNameError
from pipeline.trust import Memory, consent_for, ledger_path


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "aunt-mary.jpg"
    path.write_bytes(b"a picture")
    return path


def test_no_face_is_used_without_an_answer(photo: Path) -> None:
    with pytest.raises(ConsentError, match=r"the face in aunt-mary\.jpg") as refused:
        consent_for(photo, None)
    assert refused.value.parameter == "consent"


def test_an_answer_is_remembered_for_this_picture_only(photo: Path, tmp_path: Path) -> None:
    given = consent_for(photo, "permission")
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(photo.read_bytes())
    assert consent_for(photo, None) == consent_for(copy, None) == given
    photo.write_bytes(b"another picture")
    with pytest.raises(ConsentError):
        consent_for(photo, None)


def test_a_visitors_answers_and_the_machines_are_kept_apart(photo: Path) -> None:
    consent_for(photo, "me")
    visit: Memory = {}
    with pytest.raises(ConsentError):
        consent_for(photo, None, memory=visit)
    given = consent_for(photo, "fictional", memory=visit)
    assert consent_for(photo, None, memory=visit) == given
    assert consent_for(photo, None).basis == "me"


def test_the_last_answer_counts(photo: Path) -> None:
    consent_for(photo, "me")
    consent_for(photo, "fictional")
    assert consent_for(photo, None).basis == "fictional"


def test_bad_answers_and_pictures_get_a_sentence(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="permission") as refused:
        consent_for(photo, "permision")  # type: ignore[arg-type]
    assert refused.value.parameter == "consent"
    with pytest.raises(PhotoError, match="cannot be read") as unread:
        consent_for(tmp_path / "no.jpg", "me")
    assert unread.value.parameter == "subject"


def test_sample_portraits_need_no_answer(astronaut: Path) -> None:
    assert consent_for(astronaut, None).basis == "sample"
    consent_for(astronaut, "me")
    assert consent_for(astronaut, None).basis == "me"


def test_the_machines_ledger_is_in_the_tests_own_state_folder(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = ledger_path()
    assert path is not None and path.is_relative_to(tmp_path_factory.getbasetemp())
