"""What torch's errors of a device mean, in one sentence each."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import MemoryShortageError, StudioError

DEVICE = "STUDIO_DEVICE"
"""Environment variable that overrides the choice of device: "cuda", "cuda:1", "mps" or "cpu"."""

_NO_RAM = ("can't allocate memory", "cannot allocate memory")
"""What torch's allocator for the CPU says; the others have words of their own."""
_NO_MEMORY = ("out of memory", "cublas_status_alloc_failed", "cudnn_status_alloc_failed", *_NO_RAM)
"""CUDA has an exception of its own; its libraries, MPS and the CPU's allocator only say so in the message."""
_UNFIT = ("no kernel image", "provided ptx was compiled", "driver version is insufficient")
"""The card is too old, or too new, for the installed torch, or its driver is."""
_TAKEN = "busy or unavailable"
"""Another program has the card, which is set to serve one at a time."""
_FAILED = re.compile(r"(?:CUDA error|cuDNN error): ([^\n.]+)")
"""Any other error of the card or its driver: it was lost, or its memory is."""


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, the device's or the computer's."""
    return _out_of_ram(error) or (isinstance(error, RuntimeError) and _says(error, *_NO_MEMORY))


def too_little_memory(error: BaseException, *, needed: int | None = None) -> MemoryShortageError:
    """What to say when work does not fit even in its smallest part.

    Args:
        error: of which `out_of_memory` is true.
        needed: bytes that an engine takes, where it could not even be loaded.
    """
    ram = _out_of_ram(error)
    which, elsewhere = ("This computer", "") if ram else ("The device", f", or set {DEVICE}=cpu")
    if needed is None:
        ways = "close other programs or choose" if ram else "close other programs, choose"
        return MemoryShortageError(
            f"{which} has too little memory for this engine; {ways} a smaller size{elsewhere}."
        )
    ways = "wait for other jobs to end or close" if ram else "wait for other jobs to end, close"
    return MemoryShortageError(
        f"This engine takes about {needed / 1e9:.1f} GB of {which[0].lower()}{which[1:]}'s memory, which are "
        f"not free; {ways} other programs{elsewhere}."
    )


@contextmanager
def explained() -> Iterator[None]:
    """Work on the device in this block: an error that is the device's becomes one sentence.

    Raises:
        StudioError: memory ran out, torch cannot use this card, or the card failed.
    """
    try:
        yield
    except StudioError:
        raise
    except (RuntimeError, MemoryError, OSError) as error:
        if out_of_memory(error):
            raise too_little_memory(error) from error
        if isinstance(error, RuntimeError) and (sentence := _meaning(error)):
            raise StudioError(sentence) from error
        raise


def _meaning(error: RuntimeError) -> str | None:
    """What is said of an error that is the card's; None for any other."""
    if _says(error, *_UNFIT):
        return (
            "The installed torch cannot use this graphics card with its driver; update the driver, install a "
            f"torch that is made for the card, or set {DEVICE}=cpu."
        )
    if _says(error, _TAKEN):
        return f"Another program has the graphics card to itself; wait until it ends, or set {DEVICE}=cpu."
    if failure := _FAILED.search(str(error)):
        return (
            f"The graphics card failed ({failure[1].strip()}); start the program again, and if that does not "
            f"help, update the driver or set {DEVICE}=cpu."
        )
    return None


def _out_of_ram(error: BaseException) -> bool:
    """Whether it is the computer's memory that ran out, where no other device would help."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return isinstance(error, RuntimeError) and _says(error, *_NO_RAM)


def _says(error: BaseException, *words: str) -> bool:
    return any(each in str(error).lower() for each in words)
