"""`python -m pipeline …`: the shell."""

from __future__ import annotations

import os
import sys

from pipeline.stopping import leave, signals_raise

_SIGNALLED = 128
"""Exit codes above this one are those of a run that a signal ended."""


def main() -> int:
    """Run the shell; Ctrl-C while it is still starting up ends it quietly too."""
    _open_streams()
    with signals_raise():
        try:
            from pipeline.cli import main as run

            code = run()
        except KeyboardInterrupt as stop:
            sys.stderr.write("Cancelled.\n")
            code = int(getattr(stop, "exit_code", 130))
    if code > _SIGNALLED:
        leave(code)
    return code


def _open_streams() -> None:
    """Put the null device in the place of standard streams that are closed.

    Otherwise the next file that is opened, perhaps the video, would take such a stream's number, and get what
    libraries print.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


if __name__ == "__main__":
    raise SystemExit(main())
