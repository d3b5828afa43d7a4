"""Tells visitors at this machine from strangers, as on a Space, whose answers of consent are kept apart."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from pipeline.errors import StudioError
from pipeline.types import ConsentBasis

if TYPE_CHECKING:
    from pipeline.trust import Memory

_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


class Address(Protocol):
    """The sender of a request."""

    @property
    def host(self) -> str:
        """The machine's address."""
        ...


class WebRequest(Protocol):
    """What is read of a request; Starlette's and Gradio's have both."""

    @property
    def headers(self) -> Mapping[str, str]:
        """By name."""
        ...

    @property
    def client(self) -> Address | None:
        """Who sent it."""
        ...


def memory(request: WebRequest | None, visit: Memory) -> Memory | None:
    """Where answers of consent are kept: None for this machine's ledger, or the memory of this one visit.

    Args:
        request: the visitor's; None where a handler is called from code, which runs on this machine.
        visit: what the page remembers for this visit alone.
    """
    return None if request is None or _local(request) else visit


def answered(picture: Path, memory: Memory | None) -> ConsentBasis | Literal["sample"] | None:
    """The earlier answer for exactly this picture; None if the question has to be asked."""
    from pipeline import trust

    try:
        return trust.consent_for(picture, None, memory=memory).basis
    except StudioError:
        return None


def _local(request: WebRequest) -> bool:
    """Whether the visitor is at this machine: not on a Space, behind a tunnel or on another machine."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    if on_space() or host not in _LOCAL_HOSTS or "x-forwarded-for" in request.headers:
        return False
    return request.client is not None and is_loopback(request.client.host)


def on_space() -> bool:
    """Whether this is a Hugging Face Space: shown in a frame of huggingface.co, and open to everybody."""
    return bool(os.environ.get("SPACE_ID"))


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own; a host name is none."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
