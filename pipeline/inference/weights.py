"""Loading weights from checkpoint files into networks, strictly and without running code from the files.

safetensors files contain nothing but tensors. Pickles go through torch's weights-only unpickler, which builds
tensors and plain containers and refuses everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pipeline.errors import CheckpointError, StudioError
from pipeline.inference.device_errors import out_of_memory

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

Network = TypeVar("Network", bound="Module")

OTHER = "replace it by the published file"
"""What to do about a file that is not the one that is needed."""


def damaged(path: Path) -> CheckpointError:
    """The error for a published file that cannot be read.

    In the Hub's cache its name is a link: if that alone is deleted, a download only makes it anew.
    """
    return CheckpointError(f"{path.name} is damaged or incomplete; delete {path.resolve()} and try again.")


@contextmanager
def loading(path: Path) -> Iterator[None]:
    """Load an embedded model's file in this block: whatever fails becomes one sentence.

    Raises:
        CheckpointError: the file is missing, damaged, or of another kind than the block expects.
    """
    advice = "restore it from where the program was installed from"
    if not path.is_file():
        raise CheckpointError(f"The model {path.name} is missing from {path.parent}; {advice}.")
    try:
        yield
    except StudioError:
        raise
    except Exception as error:  # what a damaged file raises depends on the library and on the damage
        raise CheckpointError(f"The model {path} is damaged; {advice}.") from error


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The named arrays in an embedded `.npz` file; its own checksums are verified.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    with loading(path), np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def load_state(path: Path, *, part: str | None = None, prefix: str = "") -> dict[str, Tensor]:
    """The tensors in a checkpoint file, on the CPU.

    Args:
        path: a safetensors file, or a pickle written by torch (.pth, .pt, .bin, .tar, .model).
        part: key of this state dict in the file, where it has other things beside.
        prefix: keep only the names with this prefix, and strip it.

    Raises:
        CheckpointError: the file is damaged or contains something else.
    """
    state: dict[str, Any] = _read_safetensors(path) if path.suffix == ".safetensors" else read_pickle(path)
    if part is not None:
        if part not in state:
            raise CheckpointError(
                f"{path.name} is not the expected checkpoint: it has no part {part!r}; {OTHER}."
            )
        state = state[part]
    state = {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}
    if not state or not all(hasattr(value, "dtype") for value in state.values()):
        raise CheckpointError(f"{path.name} is not the expected checkpoint: it has no such weights; {OTHER}.")
    return state


def empty_weights(build: Callable[[], Network]) -> Network:
    """The network that `build` makes, without any memory for its weights, for a checkpoint that has all of
    them, buffers included: `load_into` then takes the file's own tensors.
    """
    import torch

    with torch.device("meta"):
        return build()


def load_into(
    network: Module, state: Mapping[str, Tensor], *, name: str, may_lack: tuple[str, ...] = ()
) -> None:
    """Load weights into `network`, all of them and nothing else, and set it to evaluation mode.

    The tensors of `state` become the network's own: those of a file stay in the file, mapped into memory, and
    are read where they are first needed, which is when they are moved to a device.

    Args:
        name: what the checkpoint should be, for the error message.
        may_lack: endings of names that older files of this kind do not have; these keep their values, or
            are zero in a network from `empty_weights`.

    Raises:
        CheckpointError: names or shapes differ; the network is left as it was.
    """
    own = network.state_dict()
    lacking = [key for key in own if key not in state and not key.endswith(may_lack)]
    extra = [key for key in state if key not in own]
    other = [key for key in own if key in state and own[key].shape != state[key].shape]
    if lacking or extra or other:
        difference = _difference(lacking, extra, other)
        raise CheckpointError(f"This is not a {name} checkpoint: {difference}; {OTHER}.")
    fitting = {key: value.to(own[key].dtype) for key, value in state.items()}
    for key in own:
        if key not in state and own[key].is_meta:
            fitting[key] = own[key].new_zeros(own[key].shape, device="cpu")
    network.load_state_dict(fitting, strict=not may_lack, assign=True)
    network.eval()


def read_pickle(path: Path, *, allow: Iterable[type | tuple[type, str]] = ()) -> dict[str, Any]:
    """The dictionary in a pickle written by torch, read without running code from it.

    Args:
        allow: harmless classes that this file is known to contain beside tensors; with a name, the class is
            read in place of the one of that name.

    Raises:
        CheckpointError: the file is damaged, or contains more than weights.
    """
    import pickle
    import zipfile

    import torch

    try:
        with torch.serialization.safe_globals(list(allow)):
            mapped = zipfile.is_zipfile(path)
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} is damaged or contains more than weights, so it was not loaded; download it again "
            "from where it was published."
        ) from error
    except Exception as error:  # what a damaged pickle raises depends on the damage
        if out_of_memory(error):
            raise
        raise damaged(path) from error
    if not isinstance(content, dict):
        raise CheckpointError(
            f"{path.name} is not the expected checkpoint: it has no named weights; {OTHER}."
        )
    return content


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        if out_of_memory(error):
            raise
        raise damaged(path) from error


def _difference(lacking: list[str], extra: list[str], other: list[str]) -> str:
    kinds = (("missing", lacking), ("unexpected", extra), ("of another shape", other))
    return "; ".join(
        f"{len(names)} {kind} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
        for kind, names in kinds
        if names
    )
