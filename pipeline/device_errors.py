"""What torch's errors of a device mean, in one sentence each."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import MemoryShortageError, StudioError

DEVICE = "STUDIO_DEVICE"
"""Environment variable that overrides the choice of device: "cuda", "cuda:1", "mps" or "cpu"."""

_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")
"""CUDA has an exception of its own; MPS and the CPU's allocator only say so in the message."""
_UNFIT = ("no kernel image", "provided ptx was compiled", "driver version is insufficient")
"""The card is too old, or too new, for the installed torch, or its driver is."""


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, the device's or the computer's."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _NO_MEMORY)


def too_little_memory() -> MemoryShortageError:
    """The error for work that does not fit even in its smallest part."""
    return MemoryShortageError(
        "The device has too little memory for this engine; close other programs, choose a smaller size, or "
        f"set {DEVICE}=cpu."
    )


@contextmanager
def explained() -> Iterator[None]:
    """Work on the device in this block: an error that is the device's becomes one sentence.

    Raises:
        StudioError: memory ran out, or torch cannot use this card.
    """
    try:
        yield
    except StudioError:
        raise
    except (RuntimeError, MemoryError, OSError) as error:
        if out_of_memory(error):
            raise too_little_memory() from error
        if isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _UNFIT):
            raise StudioError(
                "The installed torch cannot use this graphics card with its driver; update the driver, "
                f"install a torch that is made for the card, or set {DEVICE}=cpu."
            ) from error
        raise
