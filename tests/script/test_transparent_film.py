"""Films with alpha: what is read back from the written files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import OutputError
from pipeline.script import Film, Store, plan, read_script, render
from pipeline.script.errors import ScriptError
from pipeline.script.shots import shots
from pipeline.video.container import alpha_decoder

SCRIPT = """\
output: {{path: film{suffix}, background: transparent, aspect: "1:1", height: 480, captions: srt,
  overwrite: true}}
presenters:
  host: {{subject: host.jpg, consent: fictional}}
scenes:
  - lines: [Hi., "{second}"]
  - {{title: The end, background: "#804020", seconds: 0.6, layout: voice-over, transition: crossfade}}
"""


@dataclass
class Made:
    """A film of a script that can be edited."""

    file: Path
    store: Store
    film: Film

    def write(self, suffix: str, second: str = "Bye.") -> None:
        self.file.write_text(SCRIPT.format(suffix=suffix, second=second), encoding="utf-8")


@pytest.fixture(scope="module", params=[".webm", ".mov"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Made:
    folder = tmp_path_factory.mktemp("transparent")
    shutil.copy(astronaut, folder / "host.jpg")
    project = Made(folder / "talk.yaml", Store(folder / "store"), Film(Path(), 0, None, 0, 0))
    project.write(request.param)
    project.film = render(project.file, store=project.store)
    return project


@cache
def pictures(path: Path) -> np.ndarray:
    """All frames, RGBA."""
    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        codec = alpha_decoder(stream) or stream.codec_context
        frames = [frame for packet in box.demux(stream) for frame in codec.decode(packet)]
        return np.stack([frame.to_ndarray(format="rgba") for frame in frames])


def sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as box:
        return np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], axis=1).ravel()


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        return [bytes(packet) for packet in box.demux(video=0) if packet.size]


def segments(made: Made) -> list[Path]:
    return [made.store.path(shot.key) for shot in shots(read_script(made.file))]


def test_editing_programs_take_a_mov_for_prores_4444(made: Made) -> None:
    if made.film.video.suffix != ".mov":
        pytest.skip("of MOV only")
    for file in (made.film.video, *segments(made)):
        with av.open(str(file)) as box:
            assert box.streams.video[0].codec_context.codec_tag == "ap4h"


def test_the_presenter_is_opaque_and_nothing_is_behind(made: Made) -> None:
    shown = pictures(made.film.video)
    assert len(shown) == round(made.film.duration * 25)
    first = shown[5].astype(int)
    assert first[8:60, 8:60, 3].max() < 3  # a corner
    assert first[200:260, 220:260, 3].min() > 250  # the face
    assert np.ptp(first[200:260, 220:260, :3]) > 20
    soft = (first[..., 3] > 20) & (first[..., 3] < 235)
    assert 200 < soft.sum() < 0.1 * soft.size  # hair
    outside = np.abs(np.diff(first[..., 3], axis=1)) > 200
    assert outside.sum() < 40  # no dots along the edge
    mark = first[:40, 300:, 3]
    assert mark.max() > 200  # the mark stands on nothing


def test_scenes_with_a_background_are_opaque_and_fade_in(made: Made) -> None:
    shown = pictures(made.film.video)
    last = shown[-1].astype(int)
    assert last[..., 3].min() > 250
    assert np.abs(last[300, 100, :3] - (0x80, 0x40, 0x20)).max() < 8
    corner = shown[:, 300, 8].astype(int)
    fade = (corner[:, 3] > 20) & (corner[:, 3] < 235)
    assert 5 < fade.sum() <= 15
    assert np.abs(corner[fade][:, :3] - (0x80, 0x40, 0x20)).max() < 24  # no dark fringe


def test_the_film_has_sound_chapters_captions_and_metadata(made: Made) -> None:
    heard = sound(made.film.video)
    assert len(heard) / 48_000 == pytest.approx(made.film.duration, abs=0.03)
    assert np.abs(heard).max() > 0.1
    assert made.film.captions is not None
    assert "Bye." in made.film.captions.read_text(encoding="utf-8")
    with av.open(str(made.film.video)) as box:
        assert [chapter["metadata"]["title"] for chapter in box.chapters()] == ["Scene 1", "The end"]
        said = {name.lower(): value for name, value in box.metadata.items()}
        assert said["ai_generated"] == "true"


def test_an_edited_line_is_rendered_alone(made: Made) -> None:
    suffix = made.film.video.suffix
    before = [path.read_bytes() for path in segments(made)]
    copied = [packet for path in segments(made)[:2] for packet in packets(path)]
    assert packets(made.film.video)[: len(copied)] == copied
    made.write(suffix, "Ciao.")
    try:
        assert [shot.place for shot in plan(made.file, store=made.store).waiting] == [
            "scenes.1.lines.2", "scenes.2.transition"
        ]  # fmt: skip
    finally:
        made.write(suffix)
    assert [path.read_bytes() for path in segments(made)] == before


def test_an_mp4_is_refused_in_one_sentence(made: Made, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"call it film\.webm or film\.mov\."):
        render(made.file, tmp_path / "film.mp4", store=made.store)
    text = made.file.read_text(encoding="utf-8")
    made.file.write_text(text.replace(f"film{made.film.video.suffix}", "film.mp4"), encoding="utf-8")
    try:
        with pytest.raises(ScriptError, match=r"line 1: output\.path: A transparent video"):
            plan(made.file, store=made.store)
    finally:
        made.write(made.film.video.suffix)
    assert not (tmp_path / "film.mp4").exists()
