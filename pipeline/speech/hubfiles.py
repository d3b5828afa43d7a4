"""A voice's files from the Hugging Face Hub, or one sentence that says how to get them by hand."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from pipeline.errors import CheckpointError


def fetch(repo: str, filename: str, voice: str) -> Path:
    """The local copy of a file of a Hub repository, fetched where it is not here yet.

    `HF_HOME`, `HF_TOKEN`, `HF_ENDPOINT` and `HF_HUB_OFFLINE` count as everywhere on the Hub.

    Raises:
        CheckpointError: the file is not here and cannot be fetched.
    """
    from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    here = try_to_load_from_cache(repo, filename)
    if isinstance(here, str):
        return Path(here)
    try:
        return Path(hf_hub_download(repo, filename, local_files_only=not _online(constants.ENDPOINT)))
    except LocalEntryNotFoundError as error:
        raise CheckpointError(
            f"The voice {voice!r} needs {filename} of huggingface.co/{repo}, which is not here and cannot be "
            f"fetched; go online once, or run `hf download {repo} {filename}` elsewhere and copy its cache "
            f"into {constants.HF_HUB_CACHE}."
        ) from error
    except EntryNotFoundError as error:
        raise CheckpointError(
            f"The Hub has no voice {voice!r}: {filename} is missing in huggingface.co/{repo}; check the name."
        ) from error
    except (HfHubHTTPError, OSError) as error:
        raise CheckpointError(
            f"The Hub did not hand out {filename} of {repo} for the voice {voice!r}; check the network, "
            f"HF_TOKEN and the space in {constants.HF_HUB_CACHE}."
        ) from error


def fetch_all(repo: str, filenames: Sequence[str], voice: str) -> Path:
    """The folder that holds local copies of several files of a Hub repository; see `fetch`."""
    paths = [fetch(repo, filename, voice) for filename in filenames]
    return paths[0].parent


def _online(endpoint: str) -> bool:
    """Whether the Hub's name is known here: without it the client would try for half a minute."""
    if getproxies():
        return True
    try:
        socket.getaddrinfo(urlsplit(endpoint).hostname, None)
    except OSError:
        return False
    return True
