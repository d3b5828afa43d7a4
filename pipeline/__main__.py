"""`python -m pipeline …`: the shell."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the shell; Ctrl-C while it is still starting up ends it quietly too."""
    try:
        from pipeline.cli import main as run

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("Cancelled.\n")
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
