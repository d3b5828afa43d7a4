"""What has to be done so that a Space becomes what its Spacefile says, in the order in which it is done."""

from __future__ import annotations

import glob
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from pipeline.errors import SpaceError
from pipeline.space.bundle import digest
from pipeline.space.remote import Remote
from pipeline.space.settings import Step, Target, hub_call, settings

_LISTED = 12
"""Files that the diff lists one by one; more are put together by folder."""
_FRESH = {"README.md"}
"""What the Hub itself puts into a Space that somebody has made by hand."""
_STOPPED = {"PAUSED", "STOPPED"}
_FAILED = {"BUILD_ERROR", "RUNTIME_ERROR"}


def steps(target: Target, remote: Remote | None) -> list[Step]:
    """What is to be done; nothing where the Space is as it should be.

    Args:
        remote: the Space as it is; None where there is none.

    Raises:
        SpaceError: the Space of that name holds something else.
    """
    if remote is None:
        created = Remote(target.spacefile.visibility, target.spacefile.hardware)
        return [_creation(target), *settings(target, created), *_files(target, created)]
    if remote.files.keys() - _FRESH and "Spacefile" not in remote.files:
        raise SpaceError(
            f"{target.repo} exists and was not made from a Spacefile; choose another name, or delete that "
            "Space first.",
            parameter="name",
        )
    done = [*settings(target, remote), *_files(target, remote)]
    return [*done, *_restart(target, remote, rebuilt=bool(done))]


def _creation(target: Target) -> Step:
    spacefile, repo = target.spacefile, target.repo
    create = partial(
        target.account.api.create_repo,
        repo,
        repo_type="space",
        space_sdk=spacefile.sdk,
        space_hardware=spacefile.hardware,  # type: ignore[arg-type]
        private=spacefile.visibility == "private",
    )
    line = f"+ Space {repo} ({spacefile.visibility}, {spacefile.sdk}, {spacefile.hardware})"
    return Step(
        f"Creating {repo}", (line,), hub_call(f"create {repo} on {spacefile.hardware}", create, "name")
    )


def _files(target: Target, remote: Remote) -> Iterator[Step]:
    sizes = {
        path.relative_to(target.folder).as_posix(): path.stat().st_size
        for path in sorted(target.folder.rglob("*"))
        if path.is_file()
    }
    added = [name for name in sizes if name not in remote.files]
    changed = [name for name in sizes if name in remote.files and _differs(target, remote, name)]
    gone = [name for name in remote.files if name not in sizes]
    if not (added or changed or gone):
        return
    known_sizes = {name: file.size for name, file in remote.files.items()}
    lines = (
        *_listing("+", added, sizes), *_listing("~", changed, sizes), *_listing("-", gone, known_sizes)
    )  # fmt: skip
    upload = partial(
        target.account.api.upload_folder,
        repo_id=target.repo,
        repo_type="space",
        folder_path=target.folder,
        allow_patterns=[glob.escape(name) for name in (*added, *changed)],
        delete_patterns=[glob.escape(name) for name in gone] or None,
        commit_message="Deploy",
    )
    count = len(added) + len(changed)
    title = f"Uploading {count} files" if count else f"Removing {len(gone)} files"
    yield Step(title, lines, hub_call(f"upload the files to {target.repo}", upload))


def _differs(target: Target, remote: Remote, name: str) -> bool:
    known, path = remote.files[name], target.folder / name
    return known.size != path.stat().st_size or known.digest != digest(path, large=known.large)


def _restart(target: Target, remote: Remote, *, rebuilt: bool) -> Iterator[Step]:
    """Start a Space that does not run; one that has failed is built anew, unless a change does so."""
    failed = remote.stage in _FAILED
    if remote.stage in _STOPPED or (failed and not rebuilt):
        state = remote.stage.lower().replace("_", " ")
        restart = partial(target.account.api.restart_space, target.repo, factory_reboot=failed)
        act = hub_call(f"restart {target.repo}", restart)
        yield Step(f"Restarting {target.repo}", (f"~ state: {state} → running",), act)


def _listing(mark: str, names: list[str], sizes: dict[str, int]) -> Iterator[str]:
    """Lines for files, put together by their outermost folder where there are many."""
    if len(names) <= _LISTED:
        yield from (f"{mark} {name} ({_size(sizes[name])})" for name in names)
        return
    folders: dict[str, list[str]] = defaultdict(list)
    for name in names:
        folders[name.partition("/")[0]].append(name)
    for folder, inside in folders.items():
        total = _size(sum(sizes[name] for name in inside))
        alone = inside == [folder]
        yield f"{mark} {folder} ({total})" if alone else f"{mark} {folder}/ ({len(inside)} files, {total})"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 10**6 else f"{max(round(count / 1e3), 1)} kB"
