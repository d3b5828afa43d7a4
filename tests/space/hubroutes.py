"""The Hub's API as far as huggingface_hub uses it for Spaces: what is answered, and what is refused.

Repositories, commits with small and large files, secrets, variables, hardware, volumes, stages and logs.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from space.hubstate import Account, Hub, Json, RefusalError, Space, Stored

FREE_CPU = "Hosting Gradio and Docker Spaces on free cpu-basic requires a PRO subscription."
NO_PAYMENT = "You must add a payment method to your account to upgrade your space's hardware."
BUILD_LOG = [
    "===== Build Queued at 2026-11-26 18:00:00 / Commit SHA: abcdef0 =====\n",
    "--> RUN pip install --no-cache-dir -r /tmp/requirements.txt\n",
    "\x1b[31mERROR: Could not find a version that satisfies the requirement no-such-package\x1b[0m\n",
    "\x1b[31mERROR: No matching distribution found for no-such-package\x1b[0m\n",
    '--> ERROR: process "/bin/sh -c pip install" did not complete successfully: exit code: 1\n',
]
RUN_LOG = [
    "===== Application Startup at 2026-11-26 18:01:00 =====\n",
    "Traceback (most recent call last):\n",
    '  File "/home/user/app/app.py", line 1, in <module>\n',
    "    raise SystemExit\n",
    "RuntimeError: no display\n",
]


def answer(hub: Hub, method: str, path: str, token: str, body: bytes) -> Any:
    """The answer to a request."""
    hub.asked.append(f"{method} {path}")
    hub.check(f"{method} {path}")
    if path.startswith("/large/"):
        hub.large[path.rpartition("/")[2]] = body
        return {}
    account = hub.accounts.get(token)
    if account is None:
        raise RefusalError(401, "Invalid credentials in Authorization header")
    for pattern, action in _ROUTES:
        verb, _, place = pattern.partition(" ")
        found = re.fullmatch(place, path)
        if verb == method and found:
            return action(hub, account, found.groupdict().get("repo", ""), _parsed(body), path)
    raise RefusalError(404, "Not Found")


def whoami(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    token = {"displayName": "laptop", "role": account.role}
    return {
        "type": "user",
        "name": account.name,
        "orgs": [],
        "auth": {"type": "access_token", "accessToken": token},
    }


def create(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    owner = given.get("organization") or account.name
    repo = f"{owner}/{given['name']}"
    if account.role == "read" or owner != account.name:
        raise RefusalError(403, f"You don't have the rights to create a space under the namespace {owner!r}")
    hardware = given.get("hardware", "cpu-basic")
    if hardware == "cpu-basic" and not account.pro:
        raise RefusalError(402, FREE_CPU)
    _granted(account, hardware)
    if repo in hub.spaces:
        raise RefusalError(409, "You already created this space repo")
    private = given.get("visibility") == "private"
    hub.spaces[repo] = Space(private, hardware, {".gitattributes": Stored(b"", False)})
    return {"url": f"{hub.url}/spaces/{repo}", "name": repo, "id": repo}


def delete(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    repo = f"{given['organization']}/{given['name']}"
    hub.space(account, repo, write=True)
    del hub.spaces[repo]
    return {}


def info(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    space = hub.space(account, repo, write=False)
    return {
        "_id": repo,
        "id": repo,
        "private": space.private,
        "sha": space.sha,
        "sdk": "gradio",
        "tags": [],
        "siblings": [],
    }


def settings(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    hub.space(account, repo, write=True).private = given["visibility"] == "private"
    return {}


def runtime(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    return hub.space(account, repo, write=False).runtime()


def hardware(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    space = hub.space(account, repo, write=True)
    _granted(account, given["flavor"])
    space.hardware = given["flavor"]
    space.build()
    return space.runtime()


def sleep(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    space = hub.space(account, repo, write=True)
    space.sleep = given["seconds"]
    return space.runtime()


def pause(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    space = hub.space(account, repo, write=True)
    space.stages = ["PAUSED"]
    return space.runtime()


def restart(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    space = hub.space(account, repo, write=True)
    space.build()
    return space.runtime()


def volumes(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    hub.space(account, repo, write=True).volumes = given.get("volumes", [])
    return {}


def tree(hub: Hub, account: Account, repo: str, given: Json, path: str) -> list[Json]:
    space = hub.space(account, repo, write=False)
    folders = {path.rpartition("/")[0] for path in space.files if "/" in path}
    return [
        *({"type": "directory", "path": folder, "oid": "0" * 40, "size": 0} for folder in sorted(folders)),
        *(stored.entry(path) for path, stored in space.files.items()),
    ]


def preupload(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    space = hub.space(account, repo, write=True)

    def mode(file: Json) -> Json:
        binary = b"\0" in base64.b64decode(file["sample"]) or file["size"] > 10_000_000
        known = space.files.get(file["path"])
        oid = None if known is None else known.entry("").get("lfs", known.entry(""))["oid"]
        return {
            "path": file["path"],
            "uploadMode": "lfs" if binary else "regular",
            "shouldIgnore": False,
            "oid": oid,
        }

    return {"files": [mode(file) for file in given["files"]]}


def batch(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    def action(wanted: Json) -> Json:
        known = {} if wanted["oid"] in hub.large else {"upload": {"href": f"{hub.url}/large/{wanted['oid']}"}}
        return {"oid": wanted["oid"], "size": wanted["size"], **({"actions": known} if known else {})}

    return {"transfer": "basic", "objects": [action(wanted) for wanted in given["objects"]]}


def commit(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    space = hub.space(account, repo, write=True)
    for line in given["lines"]:
        value = line["value"]
        if line["key"] == "file":
            space.files[value["path"]] = Stored(base64.b64decode(value["content"]), False)
        elif line["key"] == "lfsFile":
            space.files[value["path"]] = Stored(hub.large[value["oid"]], True)
        elif line["key"] == "deletedFile":
            del space.files[value["path"]]
    space.commits += 1
    space.build()
    return {"commitUrl": f"{hub.url}/spaces/{repo}/commit/{space.sha}", "commitOid": space.sha}


def keep(kind: str, method: str) -> Callable[..., Json]:
    def act(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
        space = hub.space(account, repo, write=method != "GET")
        kept: dict[str, Json] = getattr(space, kind)
        if method == "POST":
            kept[given["key"]] = {**given, "updatedAt": "2026-11-26T18:00:00.000Z"}
        elif method == "DELETE":
            del kept[given["key"]]
        if method != "GET" and space.commits:
            space.build()
        shown = ("description", "updatedAt") if kind == "secrets" else ("value", "description", "updatedAt")
        return {key: {name: each.get(name) for name in shown} for key, each in kept.items()}

    return act


def log(hub: Hub, account: Account, repo: str, given: Json, path: str) -> list[str]:
    hub.space(account, repo, write=False)
    return BUILD_LOG if path.endswith("/build") else RUN_LOG


def valid(hub: Hub, account: Account, repo: str, given: Json, path: str) -> Json:
    if "sdk_version" not in given["content"]:
        raise RefusalError(400, "Missing configuration in README")
    return {"errors": [], "warnings": []}


def _granted(account: Account, hardware: str) -> None:
    if hardware not in ("cpu-basic", "zero-a10g") and not account.pays:
        raise RefusalError(403, NO_PAYMENT)


_AT = r"/api/spaces/(?P<repo>[^/]+/[^/]+)"
_ROUTES: list[tuple[str, Callable[..., Any]]] = [
    ("GET /api/whoami-v2", whoami),
    ("POST /api/repos/create", create),
    ("DELETE /api/repos/delete", delete),
    ("POST /api/validate-yaml", valid),
    (f"GET {_AT}", info),
    (f"PUT {_AT}/settings", settings),
    (f"GET {_AT}/runtime", runtime),
    (f"POST {_AT}/hardware", hardware),
    (f"POST {_AT}/sleeptime", sleep),
    (f"POST {_AT}/pause", pause),
    (f"POST {_AT}/restart", restart),
    (f"PUT {_AT}/volumes", volumes),
    (f"DELETE {_AT}/volumes", volumes),
    (f"GET {_AT}/tree/main", tree),
    (f"POST {_AT}/preupload/main", preupload),
    (f"POST {_AT}/commit/main", commit),
    (f"GET {_AT}/logs/(?:build|run)", log),
    (r"POST /spaces/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch", batch),
    *(
        (f"{method} {_AT}/{kind}", keep(kind, method))
        for kind in ("secrets", "variables")
        for method in ("GET", "POST", "DELETE")
    ),
]


def _parsed(body: bytes) -> Json:
    """The JSON of a request; of a commit, whose lines are JSON each, under `lines`."""
    if not body:
        return {}
    try:
        parsed: Json = json.loads(body)
        return parsed
    except json.JSONDecodeError:
        return {"lines": [json.loads(line) for line in body.splitlines()]}
