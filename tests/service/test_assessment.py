"""What is said about photos, videos and recordings."""

from __future__ import annotations

import re
from pathlib import Path

import PIL.Image
import pillow_heif
import pytest

from pipeline.errors import PhotoError
from pipeline.samples import HOPPER
from pipeline.service import assessment


def test_photo_is_reviewed_and_a_sample_known() -> None:
    found = assessment.assess_photo(HOPPER.path)
    assert len(found.findings) >= 3 and found.sample is HOPPER
    assert [cut.shape for cut in found.thumbnails] == [(160, 160, 3)]


def test_each_face_of_a_photo_can_be_chosen(two_faces: Path) -> None:
    assert len(assessment.assess_photo(two_faces).thumbnails) == 2
    small = next(one for one in assessment.assess_photo(two_faces, face=2).findings if one.verdict != "good")
    assert re.search(r"only 7\d pixels", small.sentence)


def test_video_shows_its_length_and_its_faces(clip: Path) -> None:
    found = assessment.assess_video(clip)
    assert found.size == (860, 600) and found.seconds == pytest.approx(0.2, abs=0.05)
    assert len(found.thumbnails) == 2


def test_recording_is_reviewed(tone: Path) -> None:
    found = {finding.topic: finding.verdict for finding in assessment.assess_recording(tone)}
    assert found["level"] == "good" and found["voice"] == "poor"  # loud enough, but nobody speaks


def test_a_photo_that_browsers_do_not_show_is_shown_all_the_same(tmp_path: Path) -> None:
    for kind, encode in ((".HEIC", pillow_heif.from_pillow), (".tif", lambda image: image)):
        photo = tmp_path / f"IMG_2041{kind}"
        encode(PIL.Image.open(HOPPER.path)).save(photo)
        shown = assessment.displayable(photo)
        assert shown.name == "IMG_2041.jpg" and PIL.Image.open(shown).size == (512, 600)
    assert assessment.displayable(HOPPER.path) == HOPPER.path


def test_what_is_no_photo_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.heic"
    broken.write_bytes(b"no photo")
    for judge in (assessment.assess_photo, assessment.displayable):
        with pytest.raises(PhotoError, match=r"broken\.heic"):
            judge(broken)


def test_segment_is_handed_over_with_its_length(clip: Path) -> None:
    data, seconds = assessment.read_segment(clip)
    assert data == clip.read_bytes() and seconds == pytest.approx(0.2, abs=0.05)
