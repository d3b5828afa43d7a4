"""`python -m benchmarks NAME …` runs `benchmarks.NAME`."""

import importlib
import pkgutil
import sys
from pathlib import Path

PARTS = ("__main__", "drawn", "filled", "gpu_measures", "sentences", "usage")
"""Modules that benchmarks share."""


def main() -> None:
    """Hand the rest of the command line to the benchmark that was named."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    names = [name for name in names if name not in PARTS]
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit(f"python -m benchmarks NAME …, where NAME is one of: {', '.join(names)}")
    importlib.import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
