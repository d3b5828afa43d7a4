"""What a process uses: CPU time and peak memory, on any system."""

from __future__ import annotations

import sys
import time


def cpu_seconds() -> float:
    """CPU time of this process so far, of all its threads."""
    return time.process_time()


def peak_megabytes() -> float:
    """The most memory that this process has had so far.

    Raises:
        SystemExit: the system does not count it.
    """
    try:
        import resource
    except ImportError:
        raise SystemExit("Peak memory is not counted on this system; measure it on Linux or macOS.") from None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, kilobytes elsewhere.
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
