"""The token that Ray's clusters ask for: whether one does, and which one this machine has.

Since Ray 2.59, a cluster that is started where a token exists answers only who sends the same one. Where it
does not fit, Ray itself tries for half a minute, fills the terminal with its log, and says that no cluster is
there; asked beforehand, the cluster says at once what is wrong.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipeline.environment import restoring
from pipeline.errors import OptionError

_MODE, _TOKEN, _TOKEN_FILE = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
_ANSWER_WITHIN = 3.0
"""Seconds that a cluster has to answer."""


@contextmanager
def admitted(address: str) -> Iterator[None]:
    """Within the block, Ray finds in the environment what the cluster at this address asks for.

    Ray reads whether to use tokens as it is imported: what was imported before the block keeps to that.

    A cluster that is started in the block (local) gets this machine's token, or one that nobody else knows,
    whatever else the environment says of tokens.

    Args:
        address: local, auto or ray://HOST:PORT.

    Raises:
        OptionError: the cluster asks for a token, and this machine has none, or another one.
    """
    settings = _for_local() if address == "local" else _for_cluster(address)
    if "ray" in sys.modules:
        settings.pop(_MODE, None)
    with restoring((_MODE, _TOKEN)):
        os.environ.update(settings)
        yield


def _for_local() -> dict[str, str]:
    return {_TOKEN: _own()[0] or _fresh()}


@cache
def _fresh() -> str:
    """A new token, the same for the whole process, as Ray reads it only once."""
    return secrets.token_hex(32)


def _for_cluster(address: str) -> dict[str, str]:
    target, method = _asked_at(address)
    if not target or os.environ.get("RAY_ENABLE_K8S_TOKEN_AUTH"):
        return {}
    code = _answer(target, method)
    if code in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
        return {}
    if code != "UNAUTHENTICATED":
        return {_MODE: "disabled"}
    token, source = _own()
    copying = "copy ~/.ray/auth_token from the cluster's first machine"
    if not token:
        sentence = f"The cluster at {address} asks for Ray's token, and this machine has none; "
        raise OptionError(f"{sentence}{copying}, or set {_TOKEN}.", parameter="ray")
    if _answer(target, method, token) == "UNAUTHENTICATED":
        sentence = f"The cluster at {address} has another token than this machine's {source}; "
        raise OptionError(f"{sentence}{copying}.", parameter="ray")
    return {_MODE: "token", _TOKEN: token}


def _own() -> tuple[str, str]:
    """This machine's token, "" where it has none, and where it is from, in the order in which Ray looks."""
    if token := os.environ.get(_TOKEN, "").strip():
        return token, _TOKEN
    path = os.environ.get(_TOKEN_FILE) or "~/.ray/auth_token"
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip(), path
    except (OSError, UnicodeDecodeError, RuntimeError):  # unreadable, or no home
        return "", path


def _asked_at(address: str) -> tuple[str, str]:
    """HOST:PORT of a cluster, "" where Ray is left to find it, and a call that is answered there.

    Every call is refused without the token, so what this one does matters little: both ask for nothing that
    costs the cluster anything.
    """
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS") or _last_started()
    if address.startswith("ray://"):
        return address.removeprefix("ray://"), "/ray.rpc.RayletDriver/ClusterInfo"
    return address if ":" in address else "", "/ray.rpc.NodeInfoGcsService/GetClusterId"


def _last_started() -> str:
    """The cluster that `ray start` joined last on this machine, as Ray notes it."""
    own = os.environ.get("RAY_TMPDIR") or (sys.platform == "linux" and os.environ.get("TMPDIR"))
    folder = own or ("/tmp" if os.name == "posix" else tempfile.gettempdir())
    try:
        return (Path(folder) / "ray" / "ray_current_cluster").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _answer(target: str, method: str, token: str = "") -> str:
    """The name of the status with which a cluster answers a call; "OK" where it does what it is asked."""
    import grpc

    sent = [("authorization", f"Bearer {token}")] if token else []
    with grpc.insecure_channel(target, [("grpc.enable_http_proxy", 0)]) as channel:
        try:
            channel.unary_unary(method)(b"", metadata=sent, timeout=_ANSWER_WITHIN)
        except grpc.RpcError as error:
            return str(error.code().name)
    return "OK"
