"""`python -m pipeline …`: the shell."""

from pipeline.cli import main

raise SystemExit(main())
