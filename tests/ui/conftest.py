"""The page itself, served once for the tests that visit it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ui.serving import Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running page."""
    with serving(tmp_path_factory.mktemp("page")) as page:
        yield page
