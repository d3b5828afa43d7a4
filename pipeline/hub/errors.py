"""What errors of a download from the Hugging Face Hub mean, and what to do about them."""

from __future__ import annotations

import errno

_UNREACHED = {"ConnectError", "ConnectTimeout", "ProxyError"}
"""Names of the errors of a connection that did not come about: their library is httpx, or its successor."""


def failure_reason(error: Exception) -> tuple[str, str]:
    """Why the Hub did not send a file, and what to do first."""
    from huggingface_hub import constants
    from huggingface_hub.errors import (
        EntryNotFoundError,
        HfHubHTTPError,
        HTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # Where the file could not even be asked for, huggingface_hub says that it is not in the cache.
    cause = error if isinstance(error, HTTPError) else error.__cause__
    if constants.HF_HUB_OFFLINE:
        return "downloads are turned off by HF_HUB_OFFLINE", "unset it and try again"
    if getattr(error, "errno", None) == errno.ENOSPC:
        return "there is not enough disk space", "free some and try again"
    if not isinstance(cause, HTTPError) or type(cause).__name__ in _UNREACHED:
        return "there is no internet connection", "connect and try again"
    if not isinstance(cause, HfHubHTTPError):
        return "the connection to the Hub broke off", "try again"
    if isinstance(cause, RepositoryNotFoundError):
        return (
            "its repository on the Hub is gone or requires an account",
            "set HF_TOKEN to an access token of yours and try again",
        )
    if isinstance(cause, EntryNotFoundError | RevisionNotFoundError):
        return "its repository on the Hub no longer has it", "update this program"
    return "the Hub answered with an error", "try again later"
