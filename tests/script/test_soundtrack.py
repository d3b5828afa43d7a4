"""What a brand adds to a film: clips, crossfades, music that gives way, one loudness over the whole."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import av
import numpy as np
import pytest
from media import write_film
from sounds import write_wav

from pipeline.script import Film, Store, plan, read_script, render, soundtrack
from pipeline.script.pieces import pieces
from pipeline.script.segments import read_segment, read_segment_sound
from pipeline.types import RATE

SCRIPT = """\
output: {path: film.mp4, height: 480, captions: vtt, overwrite: true}
brand:
  intro: intro.mp4
  outro: silent.mp4
  music: music.wav
  pronunciation: {SQL: sequel, Dr Who: doctor who}
presenters:
  host: {subject: host.jpg, consent: fictional}
scenes:
  - {background: "#ffffff", layout: voice-over, lines: [{text: "We use SQL today, with Dr Who.", pause: 2.5}]}
  - {background: "#000000", seconds: 1.5, transition: crossfade}
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> tuple[Film, Store]:
    folder = tmp_path_factory.mktemp("brand")
    (folder / "host.jpg").write_bytes(astronaut.read_bytes())
    (folder / "talk.yaml").write_text(SCRIPT, encoding="utf-8")
    times = np.arange(RATE) / RATE
    red = [np.full((60, 80, 3), (200, 0, 0), np.uint8)] * 25
    write_film(folder / "intro.mp4", red, sound=(0.9 * np.sin(2 * np.pi * 500 * times)).astype(np.float32))
    write_film(folder / "silent.mp4", red[:10])
    write_wav(folder / "music.wav", 0.5 * np.sin(2 * np.pi * 150 * times), RATE)
    store = Store(folder / "store")
    return render(folder / "talk.yaml", store=store), store


def sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as box:
        return np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], 1).T


def level(samples: np.ndarray, hertz: float) -> float:
    """Decibels of a tone in some samples."""
    at = np.arange(len(samples)) / RATE
    return float(20 * np.log10(2 * np.abs(np.mean(samples * np.exp(-2j * np.pi * hertz * at))) + 1e-9))


def colours(path: Path) -> np.ndarray:
    with av.open(str(path)) as box:
        return np.array([frame.to_ndarray(format="rgb24")[100, 100] for frame in box.decode(video=0)], int)


def test_clips_and_crossfades_stand_where_they_belong(film: tuple[Film, Store]) -> None:
    made, store = film
    places = [shot.place for shot in plan(made.video.with_name("talk.yaml"), store=store).shots]
    assert places == ["brand.intro", "scenes.1.lines.1", "scenes.2.transition", "scenes.2", "brand.outro"]
    shown = colours(made.video)
    assert shown[5, 0] > 150 > shown[5, 1] and shown[-5, 0] > 150 > shown[-5, 1]
    grey = shown[25:-10, 1]
    fall = np.flatnonzero(grey < 250)[0]
    assert grey[fall - 1] > 250 and grey[-1] < 5
    assert (np.diff(grey[fall - 1 : fall + 16]) <= 0).all() and 100 < grey[fall + 7] < 160


def test_the_whole_is_as_loud_as_it_should_be(film: tuple[Film, Store]) -> None:
    from pyloudnorm import Meter
    from scipy.signal import resample_poly

    heard = sound(film[0].video)
    assert heard.shape[1] == 2
    assert Meter(RATE).integrated_loudness(heard) == pytest.approx(-16, abs=0.7)
    assert 20 * np.log10(np.abs(resample_poly(heard, 4, 1, axis=0)).max()) < -1.0


def test_music_is_quieter_while_somebody_speaks(film: tuple[Film, Store]) -> None:
    heard = sound(film[0].video)[:, 0]
    speaking, after = level(heard[RATE + RATE // 2 : 2 * RATE], 150), level(heard[-3 * RATE : -2 * RATE], 150)
    assert after - speaking > 5


def test_respelled_words_stay_in_captions_as_written(film: tuple[Film, Store]) -> None:
    captions = film[0].video.with_suffix(".vtt").read_text(encoding="utf-8")
    said = " ".join(captions.split("\n")[3:])
    assert "We use SQL today, with Dr Who." in said
    assert captions.split("\n")[2].startswith("00:00:01")  # after the intro


def test_levels_are_kept_beside_segments_and_are_those_of_the_whole(film: tuple[Film, Store]) -> None:
    made, store = film
    kept = sorted(store.folder.glob("??/*.levels"))
    assert len(kept) == 5
    script = read_script(made.video.with_name("talk.yaml"))
    segments = [read_segment(store.path(piece.key)) for piece in pieces(script)]
    steps = sum(segment.frames for segment in segments) * 4  # 25 frames of four steps
    found = soundtrack._kept(segments, 25, 2)
    whole = soundtrack._measured(
        lambda: soundtrack._even(chain.from_iterable(read_segment_sound(each, 25) for each in segments), 2)
    )
    assert len(found.peaks) == len(whole.peaks) == steps
    assert found.loudness() == pytest.approx(whole.loudness(), abs=0.02)
    np.testing.assert_allclose(found.peaks, whole.peaks, atol=0.02)
    kept[0].write_bytes(b"damaged")
    again = soundtrack._kept(segments, 25, 2)
    np.testing.assert_array_equal(again.peaks, found.peaks)
    assert soundtrack._kept(segments, 24, 2) is None
