"""Films of real scripts: what is rendered, what is kept, how the pieces join."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import ConsentError, OutputError, StudioError
from pipeline.script import Film, FilmProgress, ScriptError, Store, clean, plan, read_script, render, stream
from pipeline.script.planning import Costs
from pipeline.script.segments import Segment, read_segment
from pipeline.script.shots import shots
from pipeline.types import RATE

SCRIPT = """\
title: A short film
output: {{path: film.mp4, aspect: "1:1", height: 480, captions: srt, overwrite: true}}
presenters:
  host: {{subject: host.jpg, consent: fictional}}
scenes:
  - background: "#204060"
    layout: full
    title: Beginning
    lines:
      - Good day.
      - {{text: "{second}", pause: 0.2, emotion: warm}}
  - {{background: "#804020", seconds: 0.6, chapter: Silence}}
"""


class Project:
    """A script in a folder of its own, with its store."""

    def __init__(self, folder: Path, photo: Path) -> None:
        self.folder = folder
        self.file = folder / "talk.yaml"
        self.store = Store(folder / "store")
        shutil.copy(photo, folder / "host.jpg")
        self.write("Bye.")

    def write(self, second: str, text: str = SCRIPT) -> None:
        self.file.write_text(text.format(second=second), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> tuple[Project, Film, list]:
    project = Project(tmp_path_factory.mktemp("project"), astronaut)
    events = list(stream(project.file, store=project.store))
    return project, events[-1], events[:-1]


@pytest.fixture
def project(made: tuple[Project, Film, list]) -> Project:
    made[0].write("Bye.")
    return made[0]


def pictures(path: Path) -> np.ndarray:
    with av.open(str(path)) as box:
        return np.stack([frame.to_ndarray(format="rgb24").astype(np.int16) for frame in box.decode(video=0)])


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        return [bytes(packet) for packet in box.demux(video=0) if packet.size]


def segment_paths(project: Project) -> list[Path]:
    return [project.store.path(shot.key) for shot in shots(read_script(project.file))]


def test_a_film_has_every_part(made: tuple[Project, Film, list]) -> None:
    project, film, events = made
    assert (film.made, film.kept) == (3, 0)
    assert film.video == project.folder / "film.mp4"
    with av.open(str(film.video)) as box:
        assert (box.streams.video[0].width, box.streams.video[0].height) == (480, 480)
        assert [chapter["metadata"]["title"] for chapter in box.chapters()] == ["Beginning", "Silence"]
        assert box.streams.audio[0].metadata["language"] == "eng"
        said = box.metadata
        assert (said["title"], said["consent"], said["ai_generated"]) == ("A short film", "fictional", "true")
        assert (said["head_engine"], said["voice"]) == ("puppet", "hibari:heart")
        for stream_ in box.streams:
            if stream_.type in ("video", "audio"):
                assert float(stream_.duration * stream_.time_base) == pytest.approx(film.duration, abs=0.03)
    assert film.captions is not None
    assert "Good day." in film.captions.read_text(encoding="utf-8")
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert [event.place for event in events if isinstance(event, FilmProgress)][-1] == ""


def test_pictures_are_those_of_the_segments(made: tuple[Project, Film, list], project: Project) -> None:
    _, film, _ = made
    paths = segment_paths(project)
    assert packets(film.video) == [packet for path in paths for packet in packets(path)]


def test_lines_join_without_a_jump(project: Project) -> None:
    first, second, _ = (pictures(path) for path in segment_paths(project))
    steps = [np.abs(np.diff(part, axis=0)).mean((1, 2, 3)) for part in (first, second)]
    cut = np.abs(second[0] - first[-1]).mean()
    assert steps[0][-3:].max() < 0.5 * steps[0].max()  # at rest before the cut
    assert cut <= np.concatenate(steps).max()


def test_a_repeated_line_is_made_once_and_the_plan_says_so(project: Project) -> None:
    text = SCRIPT.replace("    title: Beginning\n", "").replace("Good day.", "{second}")
    project.write("Once more.", text.replace(", pause: 0.2, emotion: warm", ""))
    first, second, _ = plan(project.file, store=project.store).shots
    assert not first.ready and first.same_as is None
    assert not second.ready and second.same_as == first.place and second.work == 0
    assert plan(project.file, store=project.store).waiting == (first,)


def test_a_picture_without_a_face_is_said_by_the_plan(project: Project) -> None:
    from PIL import Image

    Image.new("RGB", (320, 320), "grey").save(project.folder / "wall.png")
    project.write("Nobody says this.", SCRIPT.replace("host.jpg", "wall.png"))
    for act in (plan, render):
        with pytest.raises(ScriptError, match=r"talk\.yaml, line \d+: presenters\.\w+: No face was found"):
            act(project.file, store=project.store)


def test_a_picture_of_teeth_that_is_none_is_said_by_the_plan(project: Project) -> None:
    (project.folder / "teeth.jpg").write_text("no picture")
    project.write("Bye.", SCRIPT.replace("consent: fictional", "consent: fictional, teeth_from: teeth.jpg"))
    with pytest.raises(ScriptError, match=r"line 4: presenters\.host\.teeth_from: teeth\.jpg is not"):
        plan(project.file, store=project.store)


def test_editing_a_line_renders_that_line(project: Project) -> None:
    before = segment_paths(project)
    states = [path.read_bytes() for path in before]
    project.write("Hello.")
    planned = plan(project.file, store=project.store)
    assert [shot.ready for shot in planned.shots] == [True, False, True]
    assert planned.work > 0
    film = render(project.file, store=project.store)
    assert (film.made, film.kept) == (1, 2)
    after = segment_paths(project)
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]
    assert [path.read_bytes() for path in before] == states


def test_reading_presenters_is_no_part_of_what_a_second_costs(project: Project, tmp_path: Path) -> None:
    costs = Costs(Store(tmp_path))
    shot = shots(read_script(project.file))[0]
    segment = Segment(tmp_path / "a.mp4", 2 * shot.script.output.fps, seconds=20.0, preparing=17.0)
    costs.learn(shot, segment, first=True)
    costs.learn(shot, segment, first=False)
    assert (Costs(Store(tmp_path)).of(shot), Costs(Store(tmp_path)).start(shot)) == (1.5, 17.0)


def test_what_is_not_drawn_costs_nothing(project: Project) -> None:
    text = SCRIPT.replace("captions: srt", "captions: vtt").replace("title: A short", "title: Another")
    project.write("Bye.", text)
    film = render(project.file, project.folder / "other.mp4", store=project.store)
    assert (film.made, film.captions) == (0, project.folder / "other.vtt")


def test_cancelling_keeps_finished_segments_and_leaves_nothing_else(project: Project) -> None:
    project.write("This one is new.", SCRIPT.replace("Good day.", "Good evening."))
    film = project.folder / "cancelled.mp4"
    with closing(stream(project.file, film, store=project.store)) as events:
        for event in events:
            if isinstance(event, FilmProgress) and event.shot == 2:
                break
    planned = plan(project.file, store=project.store)
    assert [shot.ready for shot in planned.shots] == [True, False, True]
    assert not film.exists()
    assert not list(project.store.folder.rglob("*.part"))


def test_two_renders_of_one_script_share_the_work(project: Project, tmp_path: Path) -> None:
    text = SCRIPT.replace("layout: full", "layout: voice-over").replace("Good day.", "Both of us say this.")
    project.write("Together.", text)
    with ThreadPoolExecutor(2) as pool:
        files = [tmp_path / "one.mp4", tmp_path / "two.mp4"]
        stores = [Store(project.store.folder) for _ in files]
        films = list(pool.map(lambda file, store: render(project.file, file, store=store), files, stores))
    assert packets(films[0].video) == packets(films[1].video)
    assert len(packets(films[0].video)) == round(films[0].duration * 25)
    assert not list(project.store.folder.rglob("*.part"))


def test_a_killed_render_goes_on_where_it_was(project: Project, tmp_path: Path) -> None:
    text = SCRIPT.replace("layout: full", "layout: voice-over").replace("Good day.", "It is killed now.")
    project.write("And goes on with this, which is a good deal longer.", text)
    code = (
        "import os, sys; from pathlib import Path; from pipeline import script\n"
        "for event in script.stream(sys.argv[1], sys.argv[2], store=script.Store(Path(sys.argv[3]))):\n"
        "    if event.shot == 2: os.kill(os.getpid(), 9)"
    )
    film = tmp_path / "film.mp4"
    arguments = [sys.executable, "-c", code, str(project.file), str(film), str(project.store.folder)]
    killed = subprocess.run(arguments, cwd=Path(__file__).parents[2], capture_output=True)
    assert killed.returncode == -9
    assert [shot.ready for shot in plan(project.file, store=project.store).shots] == [True, False, True]
    assert render(project.file, film, store=project.store).made == 1


def test_sound_is_lossless_and_as_long_as_its_picture(project: Project) -> None:
    for path in segment_paths(project):
        segment = read_segment(path)
        with av.open(str(path)) as box:
            assert box.streams.audio[0].codec_context.name == "flac"
            count = sum(frame.samples for frame in box.decode(audio=0))
        assert count == segment.frames * RATE // 25
        assert sum(part.frames(25) for part in segment.speech) == segment.frames


def test_a_damaged_segment_is_made_again(project: Project) -> None:
    path = segment_paths(project)[2]
    path.with_suffix(".json").write_text("{", encoding="utf-8")
    film = render(project.file, project.folder / "mended.mp4", store=project.store)
    assert film.video.exists()
    assert json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["frames"] == 15


def test_cleaning_removes_the_segments_of_the_script(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "talk.yaml"
    shutil.copy(project.folder / "host.jpg", tmp_path)
    other.write_text(SCRIPT.format(second="Bye.").replace("Good day.", "Nobody says this."), encoding="utf-8")
    count = len(list(project.store.folder.glob("*/*.mp4")))
    assert clean(other, store=project.store) > 0  # the silent scene is the same
    assert len(list(project.store.folder.glob("*/*.mp4"))) < count


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("subject: host.jpg", "subject: none.jpg", 4, "none.jpg"),
        ('background: "#204060"', "background: none.pdf#2", 6, "scenes.1.background"),
        ("- Good day.", "- {{text: Hi, voice: nobody}}", 10, "no voice called 'nobody'"),
        (
            "subject: host.jpg",
            "voice: nobody, subject: host.jpg",
            4,
            "presenters.host.voice: There is no voice",
        ),
        ("presenters:", "brand: {{font: none.ttf}}\npresenters:", 3, "brand.font: "),
        ("- Good day.", "- {{audio: none.wav}}", 10, "none.wav"),
        ("- Good day.", "- {{text: Hi, language: tlh}}", 10, "tlh"),
        ("layout: full", "layout: side-by-side", 6, "two presenters"),
        ("- Good day.", "- {{audio: talk.yaml}}", 10, "talk.yaml is not a recording"),
        (
            'background: "#204060"',
            "background: talk.yaml",
            6,
            "scenes.1.background: talk.yaml is not an image",
        ),
        ('background: "#204060"', 'background: "#20406"', 6, "#20406 is no colour"),
        ("layout: full", "layout: centre", 7, "choose one of full, left, right"),
        ("path: film.mp4", "path: film.avi", None, "film.mp4"),
    ],
)
def test_refusals_name_the_place(project: Project, old: str, new: str, line: int | None, said: str) -> None:
    project.write("Bye.", SCRIPT.replace(old, new))
    with pytest.raises(StudioError, match=said) as caught:
        stream(project.file, store=project.store)
    if line is not None:
        assert isinstance(caught.value, ScriptError)
        assert str(caught.value).startswith(f"{project.file}, line {line}: ")


def test_consent_and_existing_files_are_asked_for(project: Project, tmp_path: Path) -> None:
    photo = tmp_path / "host.jpg"
    photo.write_bytes((project.folder / "host.jpg").read_bytes() + b"\0")
    file = tmp_path / "talk.yaml"
    file.write_text(SCRIPT.format(second="Bye.").replace(", consent: fictional", ""), encoding="utf-8")
    with pytest.raises((ConsentError, ScriptError), match=r"line 4: presenters.host.consent: Please confirm"):
        stream(file, store=project.store)
    project.write("Bye.", SCRIPT.replace(", overwrite: true", ""))
    with pytest.raises(OutputError, match="already exists"):
        stream(project.file, store=project.store)
