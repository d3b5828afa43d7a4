"""The page itself, served once for the tests that visit it, and the browser that visits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ui import axe as axe_core
from ui.serving import Served, serving
from ui.visitor import open_browser


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running page, none of whose handlers may fail whatever the tests do."""
    with serving(tmp_path_factory.mktemp("page")) as page:
        yield page
        log = page.log.read_text(errors="replace")
        assert "Traceback" not in log, log[-4000:]


@pytest.fixture
def served(page: Served) -> Served:
    """The running page; started again where a test has ended it."""
    page.start()
    return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A browser."""
    driver = open_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    return axe_core.source(tmp_path_factory.mktemp("axe"))
