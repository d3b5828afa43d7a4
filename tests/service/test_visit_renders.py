"""The renders of visits, which go on while nobody follows them."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pipeline.progress import Chunk, Progress, Result
from pipeline.samples import HOPPER
from pipeline.service import form, jobs, rendering, running_jobs, takes, visit_renders
from pipeline.service.jobs import Job
from pipeline.service.messages import Message
from pipeline.service.rendering import Cancelled, Render
from pipeline.service.visit_renders import BusyError, Renders


@pytest.fixture(autouse=True)
def loose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where segments of previews lie."""
    folder = tmp_path / "loose"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def renders() -> Iterator[Renders]:
    """All of whose renders have ended after the test."""
    yield Renders()
    end()


def end() -> None:
    """Wait until every render has ended."""
    for thread in threading.enumerate():
        if thread.name == "render":
            thread.join(120)


def job(cache: Path, words: str = "Hello there. ") -> Job:
    return form.accept({"photo": str(HOPPER.path), "text": words, "size": 128}, cache)


def left(render: Render, until: type[Any] = Progress) -> None:
    """Somebody follows it for a moment, and leaves."""
    steps = render.follow()
    next(step for step in steps if isinstance(step, until))
    steps.close()


def test_a_render_that_everybody_left_ends_among_the_videos_of_its_visit(
    tmp_path: Path, loose: Path, renders: Renders
) -> None:
    render = renders.begin(job(tmp_path), "me", {"text": "Hello."})
    left(render)
    assert renders.last("me") is render is renders.find(render.name, "me")
    assert renders.last("you") is None is renders.find(render.name, "you")
    one, two = list(render.follow()), list(render.follow())  # as two tabs do
    assert one[-1] == two[-1] and isinstance(one[-1], Result)
    (take,) = takes.all_of("me", tmp_path)
    assert take.result.video == one[-1].video and take.settings == {"text": "Hello."}
    assert renders.last("me") is None, "its end is known"
    assert list(loose.iterdir()) == []


def test_whoever_comes_back_sees_the_preview_from_its_start(
    tmp_path: Path, loose: Path, renders: Renders
) -> None:
    render = renders.begin(job(tmp_path, "Hello there. " * 20), "me", {})
    seen: list[list[bytes]] = []
    for most in (1, 2, None):
        steps = render.follow()
        chunks = (step.path.read_bytes() for step in steps if isinstance(step, Chunk))
        seen.append(list(islice(chunks, most)))
        steps.close()
    first, second, whole = seen
    assert whole[0][0] == 0x47  # an MPEG-TS packet
    assert first == whole[:1] and second == whole[:2] and len(set(whole)) == len(whole) > 2
    assert render.is_over and list(loose.iterdir()) == []
    assert not any(isinstance(step, Chunk) for step in render.follow())


def test_a_cancelled_render_leaves_nothing_behind(tmp_path: Path, loose: Path, renders: Renders) -> None:
    work = job(tmp_path, "Hello there. " * 20)
    render = renders.begin(work, "me", {})
    left(render, Chunk)
    render.cancel()
    assert list(render.follow())[-1] == Cancelled()
    assert not work.folder.exists() and list(loose.iterdir()) == []
    assert takes.all_of("me", tmp_path) == []


@pytest.mark.parametrize(("visit", "allowed"), [("me", "ABSENCE_SECONDS"), ("", "_NOBODY_SECONDS")])
def test_a_render_ends_when_nobody_came_back_in_time(
    tmp_path: Path, renders: Renders, monkeypatch: pytest.MonkeyPatch, visit: str, allowed: str
) -> None:
    monkeypatch.setattr(rendering, allowed, 0.0)
    work = job(tmp_path, "Hello there. " * 20)
    render = renders.begin(work, visit, {})
    left(render)
    end()
    (said,) = render.follow()
    assert isinstance(said, Message) and "closed for too long" in said.sentence
    assert not work.folder.exists()


def test_whoever_waits_gives_up_the_place_soon(
    tmp_path: Path, renders: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_LOOK_SECONDS", 0.01)
    with jobs.RENDER_QUEUE.joined("visits") as place:
        assert place.wait(60)
        render = renders.begin(job(tmp_path), "me", {})
        steps = render.follow()
        assert next(step for step in steps if isinstance(step, Progress)).ahead == 1
        monkeypatch.setattr(rendering, "_WAITING_SECONDS", 0.0)
        steps.close()
        end()
        assert isinstance(next(render.follow()), Message)
        assert len(jobs.RENDER_QUEUE) == 1


def test_a_render_belongs_to_its_tab_while_that_follows_it(
    tmp_path: Path, renders: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_LOOK_SECONDS", 0.01)
    with jobs.RENDER_QUEUE.joined("visits"):
        render = renders.begin(job(tmp_path), "me", {}, "first")
        steps = render.follow()
        next(steps)
        assert renders.last("me", "first") is render, "its tab was reloaded"
        assert renders.last("me", "second") is None and renders.goes_on_elsewhere("me", "second")
        assert not renders.goes_on_elsewhere("me", "first")
        own = renders.begin(job(tmp_path), "me", {}, "second")
        assert renders.last("me", "second") is own
        assert (renders.own_ahead(render), renders.own_ahead(own)) == (0, 1)
        strangers = renders.begin(job(tmp_path), "you", {})
        assert renders.own_ahead(strangers) == 0
        strangers.cancel()
        own.cancel()
        assert list(own.follow())[-1] == Cancelled()
        steps.close()  # the first tab was closed
        assert renders.last("me", "second") is render is renders.last("me", "second")
        assert not renders.goes_on_elsewhere("me", "second")
        render.cancel()
        end()


def test_a_visitors_cancelled_render_is_not_ahead_of_the_next_one(
    tmp_path: Path, renders: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_LOOK_SECONDS", 0.01)
    work = job(tmp_path)
    ending = work.run("visits", preview=False)  # which nobody asks for its next step
    next(ending)
    work.given_up.set()
    render = renders.begin(job(tmp_path), "me", {})
    assert next(step for step in render.follow() if step) == Progress("waiting", 0.0, seconds_left=0.0)
    ending.close()
    render.cancel()
    end()


def test_a_render_whose_turn_comes_while_its_page_is_closed_is_made(
    tmp_path: Path, renders: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_LOOK_SECONDS", 0.01)
    with jobs.RENDER_QUEUE.joined("visits"):
        render = renders.begin(job(tmp_path), "me", {})
        left(render)
        assert renders.last("me") is render
    end()
    assert len(takes.all_of("me", tmp_path)) == 1


def test_a_finished_dub_is_shown_again_and_no_other_kind_of_render_is_in_its_place(
    tmp_path: Path, renders: Renders
) -> None:
    dub = renders.begin_dub(job(tmp_path), "me", "first", ["Hola."])
    assert renders.last("me", "first") is None, "that is of Quick"
    assert isinstance(list(dub.follow())[-1], Result)
    again = renders.last("me", "second", "dub")
    assert again is dub and again.shown == ["Hola."] and takes.all_of("me", tmp_path) == []
    assert isinstance(next(again.follow()), Result)


def test_only_so_many_wait(tmp_path: Path, renders: Renders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit_renders, "MOST_RENDERS", 1)
    monkeypatch.setattr(jobs, "_LOOK_SECONDS", 0.01)
    with jobs.RENDER_QUEUE.joined("visits"):
        render = renders.begin(job(tmp_path), "me", {})
        with pytest.raises(BusyError, match="Too many videos are waiting"):
            renders.begin(job(tmp_path), "you", {})
        render.cancel()
        end()
    renders.begin(job(tmp_path), "you", {})


def test_the_end_of_the_server_ends_renders_that_nobody_follows(
    tmp_path: Path, renders: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_jobs, "_stopping", threading.Event())
    work = job(tmp_path, "Hello there. " * 40)
    render = renders.begin(work, "me", {})
    left(render)
    assert running_jobs.stop_all(patience=60)
    said = list(render.follow())[-1]
    assert isinstance(said, Message) and "server is stopping" in said.sentence
    assert not work.folder.exists()
