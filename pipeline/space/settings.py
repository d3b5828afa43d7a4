"""Settings of a Space that differ from its Spacefile: for each a line of the diff and the call to make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.space import environment
from pipeline.space.hub_calls import ask
from pipeline.space.remote import Account, Remote
from pipeline.space.spacefile import Spacefile, Volume

NEVER = -1
"""Sleep time of a Space that never sleeps."""


@dataclass(frozen=True)
class Step:
    """One thing to do."""

    title: str
    """What is happening meanwhile: "Uploading 3 files"."""
    lines: tuple[str, ...]
    """What the diff says: `+` is added, `-` removed, `~` changed."""
    act: Callable[[], object]


@dataclass(frozen=True)
class Target:
    """What a Space should become."""

    account: Account
    spacefile: Spacefile
    folder: Path
    """Its files, as `bundle.stage` has put them there."""
    secrets: dict[str, str]
    variables: dict[str, str]

    @property
    def repo(self) -> str:
        """`owner/name`."""
        return self.account.repo(self.spacefile)


def hub_call(what: str, call: Callable[[], object], key: str | None = None) -> Callable[[], object]:
    """A call to the Hub as `Step.act`; `what` and `key` are those of `ask`."""
    return partial(ask, what, call, parameter=key)


def settings(target: Target, remote: Remote) -> Iterator[Step]:
    """What has to be done apart from files, in this order."""
    api, spacefile, repo = target.account.api, target.spacefile, target.repo
    if spacefile.visibility != remote.visibility:
        private = spacefile.visibility == "private"
        call = partial(api.update_repo_settings, repo, repo_type="space", private=private)
        yield _changed(target, "visibility", remote.visibility, spacefile.visibility, call)
    if spacefile.hardware != remote.hardware:
        request = partial(api.request_space_hardware, repo, spacefile.hardware)  # type: ignore[arg-type]
        yield _changed(target, "hardware", remote.hardware or "none", spacefile.hardware, request)
    present = NEVER if remote.sleep_time is None else remote.sleep_time
    seconds = spacefile.sleep_time
    if seconds is not None and seconds != present:
        sleep = partial(api.set_space_sleep_time, repo, seconds)
        yield _changed(target, "sleep_time", _duration(present), _duration(seconds), sleep)
    yield from _volumes(target, remote)
    yield from _variables(target, remote)
    yield from _secrets(target, remote)


def _volumes(target: Target, remote: Remote) -> Iterator[Step]:
    from huggingface_hub import Volume as Mounted

    api, repo = target.account.api, target.repo
    wanted, present = target.spacefile.volumes, remote.volumes
    added = [f"+ volume {_mount(each)}" for each in wanted if each not in present]
    gone = [f"- volume {_mount(each)}" for each in present if each not in wanted]
    if not (added or gone):
        return
    mounted = [Mounted(**each.model_dump(exclude={"mount"}), mount_path=each.mount) for each in wanted]
    call: Callable[[], object] = partial(api.set_space_volumes, repo, mounted)
    if not wanted:
        call = partial(api.delete_space_volumes, repo)
    yield Step("Mounting volumes", (*added, *gone), hub_call(f"mount the volumes of {repo}", call, "volumes"))


def _variables(target: Target, remote: Remote) -> Iterator[Step]:
    api, repo = target.account.api, target.repo
    for name, value in target.variables.items():
        present = remote.variables.get(name)
        if present is None or present[0] != value:
            add = partial(api.add_space_variable, repo, name, value, description=environment.OWN)
            change = f"+ variable {name} = {value}"
            if present is not None:
                change = f"~ variable {name}: {present[0]} → {value}"
            yield _set("variables", name, change, add)
    for name, (_, description) in remote.variables.items():
        if name not in target.variables and environment.is_own(description):
            remove = partial(api.delete_space_variable, repo, name)
            yield _set("variables", name, f"- variable {name}", remove)


def _secrets(target: Target, remote: Remote) -> Iterator[Step]:
    api, repo = target.account.api, target.repo
    for name, value in target.secrets.items():
        description = environment.described(repo, name, value)
        present = remote.secrets.get(name)
        if present != description:
            add = partial(api.add_space_secret, repo, name, value, description=description)
            change = f"+ secret {name}" if present is None else f"~ secret {name} (another value)"
            yield _set("secrets", name, change, add)
    for name, description in remote.secrets.items():
        if name not in target.secrets and environment.is_own(description):
            remove = partial(api.delete_space_secret, repo, name)
            yield _set("secrets", name, f"- secret {name}", remove)


def _set(key: str, name: str, change: str, call: Callable[[], object]) -> Step:
    """A step for one secret or variable, `change` being its line of the diff."""
    doing, what = ("Removing", "remove") if change.startswith("-") else ("Setting", "set")
    return Step(
        f"{doing} {name}", (change,), hub_call(f"{what} the {key.removesuffix('s')} {name}", call, key)
    )


def _changed(target: Target, key: str, before: str, after: str, call: Callable[[], object]) -> Step:
    words = key.replace("_", " ")
    act = hub_call(f"set the {words} of {target.repo} to {after}", call, key)
    return Step(f"Setting the {words}", (f"~ {words}: {before} → {after}",), act)


def _mount(volume: Volume) -> str:
    parts = (
        volume.type,
        volume.source,
        volume.path,
        volume.revision,
        "(read-only)" if volume.read_only else "",
    )
    return f"{volume.mount}: {' '.join(part for part in parts if part)}"


def _duration(seconds: int) -> str:
    if seconds == NEVER:
        return "never"
    return f"{seconds // 3600} h" if seconds % 3600 == 0 and seconds else f"{seconds} s"
