"""A Space as the Hub has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.errors import SpaceError
from pipeline.space.hub_calls import NO_TOKEN, ask
from pipeline.space.spacefile import Spacefile, Volume

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_KEPT = ".gitattributes"
"""A file that the Hub makes itself."""


@dataclass(frozen=True)
class RemoteFile:
    """A file of a Space's repository."""

    size: int
    digest: str
    """SHA-256 of a large file; of others git's SHA-1 of the blob."""
    large: bool
    """Whether it is kept outside git."""


@dataclass(frozen=True)
class Remote:
    """What the Hub knows of a Space."""

    visibility: str
    hardware: str | None
    """What was asked for last; None before the first build."""
    sleep_time: int | None = None
    """Seconds; None where the Hub decides."""
    volumes: tuple[Volume, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    """The description of each secret; the Hub never tells the value."""
    variables: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Value and description of each variable."""
    files: Mapping[str, RemoteFile] = field(default_factory=dict)
    stage: str = ""
    """What it is doing, in the Hub's word: "BUILDING", "RUNNING"."""
    error: str = ""
    """What the Hub says of a Space that does not run."""
    host: str = ""
    """Address of the page alone, without the Hub around it."""


@dataclass(frozen=True)
class Account:
    """A connection to the Hub with a user's token."""

    api: HfApi
    owner: str
    """The token's user."""

    def repo(self, spacefile: Spacefile) -> str:
        """`owner/name` of a Space."""
        return spacefile.name if "/" in spacefile.name else f"{self.owner}/{spacefile.name}"

    def url(self, repo: str) -> str:
        """Address of a Space's page on the Hub."""
        return f"{self.api.endpoint}/spaces/{repo}"


def connect(*, to_write: bool) -> Account:
    """Connect with the token of the environment or of `hf auth login`.

    Args:
        to_write: whether anything is going to be changed.

    Raises:
        SpaceError: there is no token, the Hub does not know it, or it can only read.
    """
    from huggingface_hub import HfApi, get_token

    if not get_token():
        raise SpaceError(NO_TOKEN)
    api = HfApi()
    who: dict[str, Any] = ask("log in to the Hub", api.whoami)
    token = who.get("auth", {}).get("accessToken", {})
    if to_write and token.get("role") == "read":
        raise SpaceError(
            f"The token {token.get('displayName', '')!r} can only read; create one with write access at "
            "https://huggingface.co/settings/tokens and set HF_TOKEN to it."
        )
    return Account(api, str(who["name"]))


def look(account: Account, repo: str) -> Remote | None:
    """A Space as it is now; None where there is none.

    Raises:
        SpaceError: the Hub refuses or cannot be reached.
    """
    from huggingface_hub.errors import RepositoryNotFoundError

    api = account.api
    try:
        info = ask(f"look at {repo}", lambda: api.space_info(repo))
    except SpaceError as error:
        if isinstance(error.__cause__, RepositoryNotFoundError):
            return None
        raise
    runtime = ask(f"look at {repo}", lambda: api.get_space_runtime(repo))
    secrets = ask(f"list the secrets of {repo}", lambda: api.get_space_secrets(repo))
    variables = ask(f"list the variables of {repo}", lambda: api.get_space_variables(repo))
    return Remote(
        visibility="private" if info.private else "public",
        hardware=_text(runtime.requested_hardware or runtime.hardware),
        sleep_time=runtime.sleep_time,
        volumes=tuple(_volume(each) for each in runtime.volumes or ()),
        secrets={key: secret.description or "" for key, secret in secrets.items()},
        variables={key: (each.value, each.description or "") for key, each in variables.items()},
        files=_files(api, repo),
        stage=str(_text(runtime.stage)),
        error=str(runtime.raw.get("errorMessage") or ""),
        host=_host(runtime.raw),
    )


def _files(api: HfApi, repo: str) -> dict[str, RemoteFile]:
    from huggingface_hub.hf_api import RepoFile

    tree = ask(
        f"list the files of {repo}",
        lambda: list(api.list_repo_tree(repo, recursive=True, repo_type="space")),
    )
    return {
        each.path: RemoteFile(each.size, each.lfs.sha256 if each.lfs else each.blob_id, bool(each.lfs))
        for each in tree
        if isinstance(each, RepoFile) and each.path != _KEPT
    }


def _volume(mounted: Any) -> Volume:
    return Volume(
        type=mounted.type,
        source=mounted.source,
        mount=mounted.mount_path,
        revision=mounted.revision,
        path=mounted.path,
        read_only=bool(mounted.read_only) and mounted.type == "bucket",
    )


def _text(value: Any) -> str | None:
    """A word of the Hub: an enumeration's value, or the word itself where the installed version lacks it."""
    return None if value is None else str(getattr(value, "value", value))


def _host(raw: Mapping[str, Any]) -> str:
    domains = raw.get("domains") or [{}]
    name = domains[0].get("domain", "")
    return f"https://{name}" if name else ""
