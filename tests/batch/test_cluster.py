"""Rows as tasks of a Ray cluster on this machine."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

import pipeline
from pipeline.batch import cluster
from pipeline.batch.jobs import Job
from pipeline.batch.outcomes import Outcome
from pipeline.errors import OptionError

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


def jobs(folder: Path, subject: Path, *names: str) -> list[Job]:
    """A job for each name; all but the first have no picture that can be read."""
    bad = folder / "bad.jpg"
    bad.write_text("no image", encoding="utf-8")
    subjects = [subject, *[bad] * (len(names) - 1)]
    return [
        Job(row, name, folder, {"subject": str(path), "text": "Go.", "consent": "fictional", "size": 128})
        for row, (name, path) in enumerate(zip(names, subjects, strict=True), 2)
    ]


@needs_ray
@pytest.mark.slow
def test_a_local_cluster_makes_rows_and_outlives_a_poisoned_one(tmp_path: Path, astronaut: Path) -> None:
    made = list(cluster.work_on_ray(jobs(tmp_path, astronaut, "a.mp4", "b.mp4"), "local"))
    outcomes = {outcome.output: outcome for outcome in made}
    assert len(made) == 2 and (tmp_path / "a.mp4").stat().st_size > 1000
    assert outcomes["a.mp4"].status == "done"
    assert outcomes["b.mp4"].status == "failed" and "is not an image" in outcomes["b.mp4"].reason


@needs_ray
@pytest.mark.parametrize(
    ("address", "sentence"),
    [("localhost", "give local, auto or ray://HOST:PORT"), ("auto", "No cluster answers at auto")],
)
def test_addresses_without_a_cluster_are_one_sentence(tmp_path: Path, address: str, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence) as caught:
        list(cluster.work_on_ray([], address))
    assert caught.value.parameter == "ray"


def test_without_ray_a_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(OptionError, match="Ray is not installed; install the studio with its extra"):
        list(cluster.work_on_ray([], "local"))


def test_a_node_of_another_version_refuses(tmp_path: Path, astronaut: Path) -> None:
    (job,) = jobs(tmp_path, astronaut, "a.mp4")
    outcome = Outcome(**json.loads(cluster._made(cluster._packed(job), "0.0.1", None)))
    assert outcome.status == "failed"
    assert (
        f"A node has version {pipeline.__version__} of the studio, and this machine 0.0.1" in outcome.reason
    )
    assert not job.path.exists()
