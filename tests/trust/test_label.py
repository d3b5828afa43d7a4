"""The label: metadata in the file and a mark on the picture."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.trust import Consent, Mark, metadata
from pipeline.trust.label import mark_text
from pipeline.ui import words
from pipeline.video.fonts import runs_for

CONSENT = Consent("permission", "2026-01-02", "0" * 64)


def test_the_metadata_says_in_plain_words_what_it_is() -> None:
    said = metadata(CONSENT, head="puppet", lips="wav2lip", voice="joe", seed=7)
    assert "AI-generated" in said["title"]
    assert "AI-generated" in said["comment"]
    assert "gave permission" in said["comment"]
    assert said["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert (said["head_engine"], said["lips_engine"], said["voice"]) == ("puppet", "wav2lip", "joe")
    assert said["software"].startswith("Talking-head studio ")


def test_the_metadata_does_not_change_from_day_to_day() -> None:
    later = Consent("permission", "2027-08-09", "0" * 64)
    made = {"head": "puppet", "lips": "wav2lip", "voice": "joe", "seed": 7}
    assert metadata(CONSENT, **made) == metadata(later, **made)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_mark_is_legible_on_any_background(level: int) -> None:
    image = np.full((512, 512, 3), level, np.uint8)
    drawn = Mark(image.shape[1::-1]).draw(image).astype(int)
    rows, columns = np.nonzero((drawn != level).any(2))
    mark = drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert np.percentile(mark, 97) - np.percentile(mark, 25) > 90


def test_the_mark_is_in_the_language_of_the_video_in_all_that_the_page_speaks() -> None:
    table = words.translations()
    said = {language: mark_text(language) for language in ("en", *table)}
    assert len(set(said.values())) == len(said)
    assert mark_text("pt-BR") == said["pt"] and mark_text("en-GB") == mark_text(None) == said["en"]
    assert mark_text("und") == mark_text("sw") == said["en"]
    for text in said.values():
        runs = runs_for(text, 12)
        assert "".join(run.text for run in runs).replace(" ", "") == text.replace(" ", "")
    (japanese,) = (run for run in runs_for(said["ja"], 12) if "で" in run.text)
    assert "生成" in japanese.text and "japanese" in japanese.font.path


@pytest.mark.parametrize("size", [(512, 512), (1080, 1920), (1920, 1080), (120, 160), (32, 32)])
def test_the_mark_is_small_and_in_the_corner(size: tuple[int, int]) -> None:
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    changed = (Mark(size).draw(image) != 90).any(2)
    assert (image == 90).all()
    assert changed.any()
    if min(size) > 200:
        assert changed.mean() < 0.02
        assert not changed[size[1] // 8 :].any()
        assert not changed[:, : size[0] // 2].any()


def test_the_metadata_says_what_ran() -> None:
    played = metadata(CONSENT, head="puppet", lips="puppet", voice=None, seed=7, motion=True)
    assert "from a motion file" in played["comment"] and "without sound" in played["comment"]
    assert (played["voice"], played["motion"]) == ("none", "file")
    heard = metadata(CONSENT, head="puppet", lips="puppet", voice="recording", seed=7)
    assert "to a recording" in heard["comment"] and heard["motion"] == "generated"
    filmed = metadata(CONSENT, head="footage", lips="wav2lip", voice="joe", seed=7)
    assert "the movements of its lips were made by software" in filmed["comment"]
    assert filmed["motion"] == "filmed"


@pytest.mark.parametrize("motion", ["generated", "filmed", "file"])
def test_new_words_for_a_video_of_the_studio_keep_what_it_says_of_its_movements(
    motion: str, tmp_path: Path
) -> None:
    head, played = "footage" if motion == "filmed" else "puppet", motion == "file"
    first = metadata(CONSENT, head=head, lips="puppet", voice="joe", seed=7, motion=played)
    path = tmp_path / "talk.mp4"
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as box:
        box.metadata.update(first)
        stream = box.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        box.mux([*stream.encode(av.VideoFrame(64, 64, "yuv420p")), *stream.encode()])
    again = metadata(CONSENT, head="footage", lips="puppet", voice="joe", seed=7, subject=path)
    assert again["motion"] == motion and again["comment"] == first["comment"]
