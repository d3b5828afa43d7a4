"""A voice's files from the Hugging Face Hub, or one sentence that says how to get them by hand."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import CheckpointError


def fetch(repo: str, filename: str, voice: str) -> Path:
    """The local copy of a file of a Hub repository, fetched where it is not here yet.

    `HF_HOME`, `HF_TOKEN` and `HF_HUB_OFFLINE` count as everywhere on the Hub.

    Raises:
        CheckpointError: the file is not here and cannot be fetched.
    """
    from huggingface_hub import constants, hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(repo, filename))
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
