"""Rows as tasks of a Ray cluster whose nodes are processes of this machine: some die, one has a full disk."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pipeline
from pipeline.batch import Batch, BatchProgress, Outcome, cluster, stream
from pipeline.batch.cluster_nodes import Nodes, gpu_share
from pipeline.batch.cluster_token import admitted
from pipeline.batch.jobs import Job
from pipeline.batch.outcomes import read_outcomes
from pipeline.errors import OptionError

ROOT = Path(__file__).parents[2]
PORTRAIT = ROOT / "assets" / "portraits" / "astronaut.jpg"
ROWS = 7

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")

LIMITED = """import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
"""
"""Makes every file of a process end at 9 kB, as on a full disk."""


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster of a head that makes no rows and a node that does."""
    utils = pytest.importorskip("ray.cluster_utils")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        about = {"num_cpus": 0, "include_dashboard": False}
        made = utils.Cluster(initialize_head=True, head_node_args=about)
        made.add_node(num_cpus=1)
        patch.setenv("RAY_ADDRESS", made.address)
        yield made
        made.shutdown()


@needs_ray
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found under /proc")
def test_deaths_a_full_disk_and_a_poisoned_row_lose_nothing(
    nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(LIMITED, encoding="utf-8")
    full = nodes.add_node(num_cpus=1, env_vars={"PYTHONPATH": f"{tmp_path}:{ROOT}"})
    doomed = nodes.add_node(num_cpus=1)
    avoided: list[str] = []
    monkeypatch.setattr(Nodes, "avoid", lambda self, node: avoided.append(node) or avoid(self, node))
    outcomes: list[Outcome] = []
    listed = ""
    with ThreadPoolExecutor(1) as beside:
        # A row of each node is begun at once; later ones may all be made before this process has its turn.
        killed = beside.submit(kill_a_task, doomed)
        for event in stream(table(tmp_path), tmp_path / "out", ray="auto"):
            if isinstance(event, Batch):
                batch = event
            if isinstance(event, Outcome):
                outcomes.append(event)
                # at the latest when the row of which the worker died is made
                if killed.done() and not listed:
                    killed.result()
                    listed = listed_tasks()
                    nodes.remove_node(doomed, allow_graceful=False)
    nodes.remove_node(full)
    assert sorted(outcome.row for outcome in outcomes) == list(range(2, ROWS + 2)), "each once"
    (failed,) = batch.failed
    assert failed.row == 3 and "is not an image" in failed.reason
    assert batch.made == ROWS - 1
    assert all((tmp_path / "out" / f"{row}.mp4").stat().st_size > 1000 for row in range(ROWS) if row != 1)
    assert set(avoided) == {full.node_id}
    assert listed and "task::Board" not in listed, "what Ray lists are the rows"


avoid = Nodes.avoid


def table(folder: Path) -> Path:
    """Rows of which the second has no picture that can be read."""
    (folder / "bad.jpg").write_text("no image", encoding="utf-8")
    subjects = ["bad.jpg" if row == 1 else PORTRAIT for row in range(ROWS)]
    lines = [f"{subject},Go.,fictional,{row}.mp4,128\n" for row, subject in enumerate(subjects)]
    (folder / "jobs.csv").write_text("subject,text,consent,output,size\n" + "".join(lines), encoding="utf-8")
    return folder / "jobs.csv"


def listed_tasks() -> str:
    """What Ray lists of tasks, once there are some: the nodes tell them with a delay."""
    ray = importlib.import_module("ray")
    deadline = time.monotonic() + 60
    while "task::row" not in (listed := str(ray.timeline())):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return listed


def kill_a_task(node: Any) -> None:
    """Kill the worker of a node that makes a row."""
    raylet = node.all_processes["raylet"][0].process.pid
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == raylet and command.startswith(b"ray::row"):
                os.kill(int(entry.name), signal.SIGKILL)
                return
        time.sleep(0.05)
    pytest.fail("no worker makes a row")


def test_a_cluster_on_this_machine_finds_the_packages_that_the_batch_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ray, environment = ModuleType("ray"), dict[str, str]()
    monkeypatch.setattr(ray, "init", lambda address, **about: environment.update(os.environ), raising=False)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setenv("PYTHONPATH", "/mine")
    cluster._begun("local", 1)
    assert environment["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "/mine"]


@needs_ray
def test_a_cancelled_batch_reaches_its_tasks_and_keeps_what_is_finished(
    nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 120.0)  # so that only a task that hears of it ends sooner
    flying: list[int] = []
    begin = cluster._Cluster._begin
    monkeypatch.setattr(
        cluster._Cluster, "_begin", lambda self, job: begin(self, job) or flying.append(len(self._flying))
    )
    long = "This goes on. " * 600  # takes minutes
    lines = [f"{PORTRAIT},{text},fictional,{row}.mp4,128\n" for row, text in enumerate(["Go.", long, "Go."])]
    (tmp_path / "jobs.csv").write_text(
        "subject,text,consent,output,size\n" + "".join(lines), encoding="utf-8"
    )
    events = stream(tmp_path / "jobs.csv", tmp_path / "out", ray="auto", workers=1)
    next(event for event in events if isinstance(event, BatchProgress) and 3 in event.making)
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 40, "a task was waited for until it was ended"
    assert set(flying) == {1}, "no more rows at the same time than `workers` says"
    known = read_outcomes(tmp_path / "out")
    assert [known[f"{row}.mp4"].status for row in range(3)] == ["done", "waiting", "waiting"]
    assert not list((tmp_path / "out").rglob("*.part"))


@needs_ray
def test_a_cluster_that_goes_away_is_one_sentence(
    nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ray.exceptions import GetTimeoutError

    def silent(self: Nodes) -> None:
        raise GetTimeoutError("no answer")

    monkeypatch.setattr(Nodes, "require_version", silent)
    with pytest.raises(OptionError, match="The cluster at auto does not answer any more") as caught:
        list(cluster.work_on_ray([Job(2, "a.mp4", tmp_path, {})], "auto"))
    assert caught.value.parameter == "ray"


@needs_ray
def test_a_node_with_another_studio_is_refused(nodes: Any, tmp_path: Path) -> None:
    patched = 'import pipeline\npipeline.__version__ = "0.0.1"\n'
    (tmp_path / "sitecustomize.py").write_text(patched, encoding="utf-8")
    other = nodes.add_node(num_cpus=1, env_vars={"PYTHONPATH": f"{tmp_path}:{ROOT}"})
    try:
        sentence = f"has version 0.0.1 of the studio, and this machine {pipeline.__version__}"
        with pytest.raises(OptionError, match=sentence) as caught:
            list(cluster.work_on_ray([Job(2, "a.mp4", tmp_path, {})], "auto"))
        assert caught.value.parameter == "ray"
    finally:
        nodes.remove_node(other)


@needs_ray
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("localhost", "give local, auto or ray://HOST:PORT"),
        ("ray://127.0.0.1:1", "No cluster answers at ray://127.0.0.1:1"),
        ("ray://nowhere.invalid:10001", "No cluster answers at"),
    ],
)
def test_addresses_without_a_cluster_are_one_sentence_at_once(address: str, sentence: str) -> None:
    began = time.monotonic()
    with pytest.raises(OptionError, match=sentence) as caught:
        list(cluster.work_on_ray([], address))
    assert caught.value.parameter == "ray" and time.monotonic() - began < 20


@needs_ray
@pytest.mark.parametrize("set_to", [None, "7"])
def test_workers_of_a_cluster_on_this_machine_stand_back_no_more_than_processes_without_it(
    set_to: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    def init(*_: Any, **__: Any) -> None:
        seen.update(os.environ)
        raise Exception("The current node timed out during startup.")  # as Ray does

    monkeypatch.setattr("ray.init", init)
    monkeypatch.delenv("RAY_worker_niceness", raising=False)
    if set_to is not None:
        monkeypatch.setenv("RAY_worker_niceness", set_to)
    with pytest.raises(OptionError, match="Ray does not start on this machine"):
        list(cluster.work_on_ray([], "local"))
    assert seen["RAY_worker_niceness"] == (set_to or "0")
    assert int(seen["RAY_raylet_start_wait_time_s"]) > 200, "Ray itself gives up after 30 s"


@needs_ray
@pytest.mark.parametrize(
    ("address", "error", "sentence"),
    [
        ("local", RuntimeError("\nFull.\n Last lines"), "not start on this machine: Full. Last lines$"),
        ("local", PermissionError(13, "Permission denied", "/tmp/ray"), "machine: .*denied: '/tmp/ray'$"),
        ("local", ValueError("x" * 2000), "machine: x{300}$"),
        ("auto", ConnectionError("Could not find any"), "No cluster answers at auto"),
        ("auto", RuntimeError("No room."), "Ray cannot use the cluster at auto: No room.$"),
        (
            "auto",
            RuntimeError("With:\n Ray: 2.59.0\n Python: 3.12.1\nThis:\n Ray: 2.60.0\n Python: 3.11.7\n"),
            "has Ray 2.59.0 on Python 3.12.1, and this machine Ray 2.60.0 on Python 3.11.7; install the same",
        ),
    ],
)
def test_rays_own_errors_keep_their_meaning(
    address: str, error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def init(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("ray.init", init)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(OptionError, match=sentence) as caught:
        list(cluster.work_on_ray([], address))
    assert caught.value.__cause__ is error and "\n" not in str(caught.value)


def test_without_ray_a_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(OptionError, match="Ray is not installed; install the studio with its extra"):
        list(cluster.work_on_ray([], "local"))


@pytest.mark.parametrize(
    ("size", "whole", "share"), [(2, 24, 1 / 4), (6, 24, 1 / 3), (20, 24, 1), (40, 24, 1)]
)
def test_small_engines_share_a_gpu(size: int, whole: int, share: float) -> None:
    assert gpu_share(size, whole) == share


@needs_ray
@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ("", "asks for Ray's token, and this machine has none"),
        ("another", "has another token than this machine's RAY_AUTH_TOKEN"),
    ],
)
def test_a_token_that_is_missing_or_wrong_is_one_sentence_at_once(
    own: str, sentence: str, guarded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RAY_AUTH_TOKEN", own)
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH", raising=False)
    monkeypatch.setenv("RAY_ADDRESS", guarded)
    for address in ("auto", f"ray://{guarded}"):
        with pytest.raises(OptionError, match=sentence) as caught:
            list(cluster.work_on_ray([], address))
        assert caught.value.parameter == "ray"


@needs_ray
def test_ray_gets_the_token_that_the_cluster_wants(
    guarded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("the right one\n", encoding="utf-8")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    with admitted(f"ray://{guarded}"):
        assert (os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN"]) == ("token", "the right one")
    assert os.environ["RAY_AUTH_MODE"] == "disabled"
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "nowhere"))
    with admitted("local"):
        assert len(os.environ["RAY_AUTH_TOKEN"]) > 30, "a file that is missing would end Ray"


@pytest.fixture
def guarded() -> Iterator[str]:
    """HOST:PORT of a server that refuses every call without its token, as Ray's do."""
    grpc = pytest.importorskip("grpc")

    class Guard(grpc.ServerInterceptor):  # type: ignore[misc]
        def intercept_service(self, continuation: Any, details: Any) -> Any:
            right = ("authorization", "Bearer the right one") in details.invocation_metadata
            status = (grpc.StatusCode.NOT_FOUND, "") if right else (grpc.StatusCode.UNAUTHENTICATED, "")
            return grpc.unary_unary_rpc_method_handler(lambda _, context: context.abort(*status))

    server = grpc.server(ThreadPoolExecutor(1), interceptors=[Guard()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)
