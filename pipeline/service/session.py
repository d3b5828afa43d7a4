"""Whose page this is: that of the person at this machine, or one that strangers visit, as on a Space."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import gradio as gr

if TYPE_CHECKING:
    from pipeline.trust import Memory

_HOME = {"localhost", "127.0.0.1", "::1"}


def memory(request: gr.Request | None, visit: Memory) -> Memory | None:
    """Where answers of consent are kept: None, this machine's ledger, for whoever sits at it; else `visit`.

    Args:
        request: the visitor's; None where a handler is called from code, which sits at this machine.
        visit: what the page remembers for this visit alone.
    """
    return None if request is None or _at_home(request) else visit


def _at_home(request: gr.Request) -> bool:
    """Not on a Space, and neither through a tunnel nor from another machine."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    if os.environ.get("SPACE_ID") or host not in _HOME or "x-forwarded-for" in request.headers:
        return False
    return request.client is not None and _loopback(request.client.host)


def _loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
