"""The label: words in the header and a sign on the picture."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.trust import Consent, Mark, metadata

CONSENT = Consent("permission", "2026-01-02", "0" * 64)


def test_the_header_says_in_plain_words_what_it_is() -> None:
    told = metadata(CONSENT, head="puppet", lips="wav2lip", voice="joe")
    assert "AI-generated" in told["title"]
    assert "AI-generated" in told["comment"]
    assert "gave permission" in told["comment"]
    assert told["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert (told["head_engine"], told["lips_engine"], told["voice"]) == ("puppet", "wav2lip", "joe")
    assert told["software"].startswith("Talking-head studio ")


def test_the_header_does_not_change_from_day_to_day() -> None:
    later = Consent("permission", "2027-08-09", "0" * 64)
    assert metadata(CONSENT, head="a", lips="b", voice="c") == metadata(later, head="a", lips="b", voice="c")


@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_sign_is_legible_on_any_ground(level: int) -> None:
    image = np.full((512, 512, 3), level, np.uint8)
    drawn = Mark(image.shape[1::-1]).draw(image).astype(int)
    rows, columns = np.nonzero((drawn != level).any(2))
    sign = drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert np.percentile(sign, 97) - np.percentile(sign, 25) > 90


@pytest.mark.parametrize("size", [(512, 512), (1080, 1920), (1920, 1080), (120, 160), (32, 32)])
def test_the_sign_is_small_and_in_the_corner(size: tuple[int, int]) -> None:
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    changed = (Mark(size).draw(image) != 90).any(2)
    assert (image == 90).all()
    assert changed.any()
    if min(size) > 200:
        assert changed.mean() < 0.02
        assert not changed[size[1] // 8 :].any()
        assert not changed[:, : size[0] // 2].any()
