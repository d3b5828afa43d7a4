"""A Space is made, brought up to date and left alone, by the real client against a stand-in of the Hub."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from space.conftest import TOKEN, git, write
from space.hubroutes import FREE_CPU, NO_PAYMENT
from space.hubstate import Account, Hub, RefusalError

from pipeline.cli import main
from pipeline.errors import SpaceError
from pipeline.space.deployment import Plan, planned, watch

ROOT = Path(__file__).parents[2]
NAME = "ada/studio"


def deploy(checkout: Path) -> tuple[list[str], list[str]]:
    """Take the steps of a plan and wait; returns the diff and the stages."""
    with planned(checkout / "Spacefile", to_write=True) as plan:
        for step in plan.steps:
            step.act()
        return plan.lines, stages(plan)


def stages(plan: Plan) -> list[str]:
    return list(watch(plan.account, plan.repo, pause=0.01))


def refused(checkout: Path) -> str:
    with pytest.raises(SpaceError) as caught:
        deploy(checkout)
    return str(caught.value)


def test_a_space_gets_exactly_the_tracked_and_included_files(hub: Hub, checkout: Path) -> None:
    lines, seen = deploy(checkout)
    space = hub.spaces[NAME]
    wanted = {
        "README.md",
        "Spacefile",
        "app.py",
        "requirements.txt",
        "assets/[photo] 1.bin",
        "assets/words.txt",
    }
    assert set(space.files) - {".gitattributes"} == wanted
    for name in wanted - {"README.md"}:
        assert space.files[name].data == (checkout / name).read_bytes()
    assert space.files["assets/[photo] 1.bin"].large
    assert b"sdk_version: 6.31.0\n" in space.files["README.md"].data
    assert space.files["README.md"].data.endswith(b"---\n\n# Studio\n")
    assert lines[0] == "+ Space ada/studio (public, gradio, cpu-basic)"
    assert seen == ["BUILDING", "BUILDING", "APP_STARTING", "RUNNING"]


def test_deploying_twice_changes_nothing_and_takes_little_time(hub: Hub, checkout: Path) -> None:
    write(checkout, "include", 'secrets = ["HF_TOKEN"]\nvariables = ["A=1"]\ninclude')
    deploy(checkout)
    hub.asked.clear()
    start = time.monotonic()
    lines, seen = deploy(checkout)
    assert (lines, seen) == ([], ["RUNNING"])
    assert hub.changes() == []
    assert time.monotonic() - start < 5


def test_the_plan_changes_nothing(hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["space", "plan", "--file", str(checkout / "Spacefile")]) == 0
    assert capsys.readouterr().out.startswith("+ Space ada/studio")
    assert hub.changes() == []


def test_only_what_is_different_is_changed(hub: Hub, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.accounts[TOKEN].pays = True
    deploy(checkout)
    hub.asked.clear()
    monkeypatch.setenv("KEY", "first")
    (checkout / "app.py").write_text("print('good morning')\n")
    (checkout / "assets" / "words.txt").unlink()
    (checkout / "assets" / "more.txt").write_text("More.\n")
    git(checkout, "add", "assets/more.txt")
    write(
        checkout, 'hardware = "cpu-basic"', 'hardware = "t4-small"\nsleep_time = 3600\nvisibility = "private"'
    )
    write(
        checkout,
        'exclude = ["*.tmp"]',
        'exclude = ["*.tmp"]\nsecrets = ["KEY"]\nvariables = ["MODE=demo", "KEY"]\n'
        '[[volumes]]\ntype = "bucket"\nsource = "ada/clips"\nmount = "/data"\n',
    )
    lines, _ = deploy(checkout)
    assert {
        "~ visibility: public → private",
        "~ hardware: cpu-basic → t4-small",
        "~ sleep time: never → 1 h",
        "+ volume /data: bucket ada/clips",
        "+ variable MODE = demo",
        "+ secret KEY",
        "+ assets/more.txt (1 kB)",
        "~ app.py (1 kB)",
        "- assets/words.txt (1 kB)",
    } <= set(lines)
    assert not any("photo" in line for line in lines)
    space = hub.spaces[NAME]
    assert (space.private, space.hardware, space.sleep) == (True, "t4-small", 3600)
    assert space.secrets["KEY"]["value"] == "first" and "first" not in space.secrets["KEY"]["description"]
    assert {name: each["value"] for name, each in space.variables.items()} == {"MODE": "demo", "KEY": "first"}
    assert space.volumes == [
        {"type": "bucket", "source": "ada/clips", "mountPath": "/data", "readOnly": False}
    ]
    assert "assets/words.txt" not in space.files
    assert deploy(checkout)[0] == []


def test_another_value_of_a_secret_is_noticed_and_what_left_the_spacefile_is_removed(
    hub: Hub, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "first")
    write(checkout, "include", 'secrets = ["KEY"]\nvariables = ["A=1"]\ninclude')
    deploy(checkout)
    hub.spaces[NAME].secrets["BY_HAND"] = {"description": None, "value": "x"}
    monkeypatch.setenv("KEY", "second")
    assert deploy(checkout)[0] == ["~ secret KEY (another value)"]
    assert hub.spaces[NAME].secrets["KEY"]["value"] == "second"
    write(checkout, 'secrets = ["KEY"]\nvariables = ["A=1"]\n', "")
    assert set(deploy(checkout)[0]) == {
        "- secret KEY",
        "- variable A",
        "~ Spacefile (1 kB)",
    }
    assert set(hub.spaces[NAME].secrets) == {"BY_HAND"}


def test_a_space_that_does_not_build_says_why(hub: Hub, checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("no-such-package\n")
    assert refused(checkout) == (
        "ada/studio did not build: ERROR: No matching distribution found for no-such-package. "
        "The rest is in its build log."
    )
    (checkout / "requirements.txt").write_text("gradio\n")
    assert deploy(checkout)[1][-1] == "RUNNING"


def test_a_program_that_does_not_start_says_why(hub: Hub, checkout: Path) -> None:
    (checkout / "app.py").write_text("raise SystemExit\n")
    assert "does not start: RuntimeError: no display. " in refused(checkout)
    assert deploy_again(checkout) == ["~ state: runtime error → running"]


def deploy_again(checkout: Path) -> list[str]:
    with planned(checkout / "Spacefile", to_write=False) as plan:
        return plan.lines


def test_a_paused_space_is_started_again(hub: Hub, checkout: Path) -> None:
    deploy(checkout)
    assert main(["space", "pause", "--file", str(checkout / "Spacefile")]) == 0
    assert hub.spaces[NAME].stages == ["PAUSED"]
    lines, seen = deploy(checkout)
    assert (lines, seen[-1]) == (["~ state: paused → running"], "RUNNING")


def test_the_hub_is_asked_again_after_the_time_that_it_names(hub: Hub, checkout: Path) -> None:
    too_often = RefusalError(429, "Too many requests", headers={"ratelimit": '"api";r=0;t=1'})
    hub.refuse("GET /api/whoami-v2", 1, too_often)
    hub.refuse("POST /api/repos/create", 1, too_often)
    start = time.monotonic()
    assert deploy(checkout)[1][-1] == "RUNNING"
    assert time.monotonic() - start > 2


TAKEN = RefusalError(409, "You already created this space repo")
BUSY = RefusalError(429, "Slow down", headers={"retry-after": "300"})


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (
            lambda hub: hub.accounts.clear(),
            "does not know this token; set HF_TOKEN to one with write",
        ),
        (lambda hub: be(hub, Account("ada", "read")), "The token 'laptop' can only read; create one with"),
        (lambda hub: be(hub, Account("ada", pro=False)), 'A free account can set hardware = "zero-a10g"'),
        (lambda hub: hub.refuse(".*/create", 1, TAKEN), "Choose another name."),
        (lambda hub: hub.refuse(".*", 1, RefusalError(503, "Down")), "an error (503); try again later."),
        (lambda hub: hub.refuse(".*", 1, BUSY), "asked too often; try again in a few minutes."),
    ],
    ids=["unknown token", "token that reads", "free account", "name taken", "hub down", "asked too often"],
)
def test_what_the_hub_refuses_is_one_sentence_and_leaves_nothing(
    hub: Hub, checkout: Path, prepare: Callable[[Hub], None], sentence: str
) -> None:
    prepare(hub)
    said = refused(checkout)
    assert sentence in said and "\n" not in said
    assert hub.spaces == {}


def be(hub: Hub, account: Account) -> None:
    hub.accounts[TOKEN] = account


def test_hardware_that_is_not_granted(hub: Hub, checkout: Path) -> None:
    write(checkout, "cpu-basic", "a10g-small")
    assert refused(checkout).startswith(f"Could not create ada/studio on a10g-small: {NO_PAYMENT}")
    write(checkout, "a10g-small", "cpu-basic")
    deploy(checkout)
    write(checkout, "cpu-basic", "a10g-small")
    said = refused(checkout)
    assert said.startswith(f"Could not set the hardware of ada/studio to a10g-small: {NO_PAYMENT}")
    assert "token" not in said  # another one would not pay either
    assert hub.spaces[NAME].hardware == "cpu-basic"


def test_somebody_elses_name(hub: Hub, checkout: Path) -> None:
    write(checkout, 'name = "studio"', 'name = "grace/studio"')
    assert "You don't have the rights to create a space under the namespace 'grace'" in refused(checkout)


def test_a_space_with_something_else_in_it_is_not_overwritten(hub: Hub, checkout: Path) -> None:
    deploy(checkout)
    del hub.spaces[NAME].files["Spacefile"]
    before = dict(hub.spaces[NAME].files)
    assert "was not made from a Spacefile; choose another name" in refused(checkout)
    assert hub.spaces[NAME].files == before


def test_without_a_token(hub: Hub, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert refused(checkout).startswith("There is no Hugging Face token; set HF_TOKEN")
    assert hub.asked == []


def test_a_secret_that_is_missing_in_the_environment(hub: Hub, checkout: Path) -> None:
    write(checkout, "include", 'secrets = ["NOT_SET_HERE"]\ninclude')
    assert "set NOT_SET_HERE and try again" in refused(checkout)
    assert hub.asked == []


def test_a_hub_that_is_not_there(hub: Hub, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert refused(checkout).endswith(
        "the Hub cannot be reached; check the internet connection and try again."
    )


def test_logs_status_and_deletion(hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--file", str(checkout / "Spacefile")]
    assert main(["space", "status", *flags]) == 2
    assert "There is no Space ada/studio yet" in capsys.readouterr().err
    deploy(checkout)
    assert main(["space", "status", *flags]) == 0
    assert "State:      running\n" in capsys.readouterr().out
    assert main(["space", "logs", "--build", *flags]) == 0
    assert "no-such-package" in capsys.readouterr().out
    assert main(["space", "delete", "--name", "ada/other", *flags]) == 2
    assert NAME in hub.spaces
    assert main(["space", "delete", "--name", NAME, *flags]) == 0
    assert hub.spaces == {}


def test_the_shell_as_it_is_typed(hub: Hub, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own, which reads the Hub's address from the environment."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    command = [sys.executable, "-m", "pipeline", "space", "deploy", "--file", str(checkout / "Spacefile")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"{hub.url}/spaces/{NAME}\n"), done.stderr
    assert "Traceback" not in done.stderr and FREE_CPU not in done.stderr
    assert "+ app.py (1 kB)" in done.stderr.splitlines()
