"""What the stand-in of the Hub keeps: accounts, told apart by token, and their Spaces.

A Space is "built" while its runtime is asked for: it fails when requirements.txt asks for `no-such-package`,
and its program fails to start when app.py holds `raise SystemExit`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class RefusalError(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, message: str, code: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers or {}


@dataclass
class Account:
    """Whom a token belongs to."""

    name: str
    role: str = "write"
    pro: bool = True
    pays: bool = False


@dataclass
class Stored:
    """A file of a repository."""

    data: bytes
    large: bool

    def entry(self, path: str) -> Json:
        blob = hashlib.sha1(b"blob %d\0%b" % (len(self.data), self.data)).hexdigest()
        listed: Json = {"type": "file", "path": path, "size": len(self.data), "oid": blob}
        if self.large:
            sha = hashlib.sha256(self.data).hexdigest()
            listed["lfs"] = {"oid": sha, "size": len(self.data), "pointerSize": 130}
        return listed


@dataclass
class Space:
    """A Space, with what a build needs."""

    private: bool
    hardware: str
    files: dict[str, Stored] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    variables: dict[str, Json] = field(default_factory=dict)
    volumes: list[Json] = field(default_factory=list)
    sleep: int | None = None
    stages: list[str] = field(default_factory=lambda: ["NO_APP_FILE"])
    commits: int = 0

    @property
    def sha(self) -> str:
        return f"{self.commits:040x}"

    def build(self) -> None:
        """Start over: the stages that the next looks will see, the last of which stays."""
        if "app.py" not in self.files:
            self.stages = ["NO_APP_FILE"]
            return
        last = "RUNNING"
        if b"no-such-package" in self.files["requirements.txt"].data:
            last = "BUILD_ERROR"
        elif b"raise SystemExit" in self.files["app.py"].data:
            last = "RUNTIME_ERROR"
        started = [] if last == "BUILD_ERROR" else ["APP_STARTING"]
        self.stages = ["BUILDING", "BUILDING", *started, last]

    def runtime(self) -> Json:
        stage = self.stages.pop(0) if len(self.stages) > 1 else self.stages[0]
        return {
            "stage": stage, "hardware": {"current": self.hardware, "requested": self.hardware},
            "gcTimeout": self.sleep, "volumes": self.volumes, "sha": self.sha, "storage": None,
            "domains": [{"domain": "ada-studio.hf.space", "stage": "READY"}],
        }  # fmt: skip


class Hub:
    """The state of the Hub, and what it was asked."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.spaces: dict[str, Space] = {}
        self.large: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.refusals: list[tuple[str, int, RefusalError]] = []
        self.url = ""

    def refuse(self, request: str, times: int, refusal: RefusalError) -> None:
        """Refuse the next `times` requests that match, such as `POST .*/secrets`."""
        self.refusals += [(request, times, refusal)]

    def changes(self) -> list[str]:
        """What was asked that changes something."""
        harmless = ("GET ", "POST /api/validate-yaml")
        return [request for request in self.asked if not request.startswith(harmless)]

    def space(self, account: Account, repo: str, *, write: bool) -> Space:
        """A Space that an account may see, or change."""
        space = self.spaces.get(repo)
        own = repo.partition("/")[0] == account.name
        if space is None or (space.private and not own):
            raise RefusalError(404, "Repository not found", "RepoNotFound")
        if write and (not own or account.role == "read"):
            raise RefusalError(403, "You don't have the required permissions to perform this action")
        return space

    def check(self, request: str) -> None:
        """Refuse a request that is to be refused."""
        for index, (pattern, times, refusal) in enumerate(self.refusals):
            if times and re.fullmatch(pattern, request):
                self.refusals[index] = (pattern, times - 1, refusal)
                raise refusal
