"""Whose page it is, and whose answers of consent count."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import starlette.requests

from pipeline import trust
from pipeline.samples import HOPPER
from pipeline.service import form, session

if TYPE_CHECKING:
    from gradio import Request


def visitor(client: str, host: str, **more: str) -> Request:
    """A request as Gradio hands it on."""
    from pipeline.ui.page import gr  # without the stubs that `import gradio` alone would write

    headers = [(b"host", host.encode()), *((name.encode(), value.encode()) for name, value in more.items())]
    scope = {"type": "http", "client": (client, 5), "headers": headers}
    return gr.Request(starlette.requests.Request(scope))


def test_only_whoever_sits_at_the_machine_shares_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    visit: dict[str, trust.Consent] = {}
    assert session.memory(None, visit) is None
    assert session.memory(visitor("127.0.0.1", "localhost:7860"), visit) is None
    assert session.memory(visitor("::1", "[::1]:7860"), visit) is None
    for strange in (
        visitor("192.168.1.7", "192.168.1.2:7860"),
        visitor("127.0.0.1", "studio.gradio.live"),
        visitor("127.0.0.1", "localhost", **{"x-forwarded-for": "203.0.113.9"}),
    ):
        assert session.memory(strange, visit) is visit
    monkeypatch.setenv("SPACE_ID", "somebody/studio")
    assert session.memory(visitor("127.0.0.1", "localhost:7860"), visit) is visit


def test_question_is_answered_for_samples_and_for_pictures_answered_before(own_photo: Path) -> None:
    assert session.answered(HOPPER.path, None) == "sample"
    assert session.answered(own_photo, None) is None
    trust.consent_for(own_photo, "me")
    assert session.answered(own_photo, None) == "me"
    assert session.answered(own_photo, {}) is None  # a stranger


def test_a_stranger_is_asked_and_remembered_for_the_visit_only(own_photo: Path) -> None:
    trust.consent_for(own_photo, "permission")  # whoever sits at this machine has answered
    visit: dict[str, trust.Consent] = {}
    memory = session.memory(visitor("203.0.113.9", "studio.example"), visit)
    asked = {"photo": str(own_photo), "text": "Hi.", "consent": "me"}
    job = form.accept(asked, own_photo.parent, memory=memory)
    assert job.consent.basis == "me" and session.answered(own_photo, memory) == "me"
    assert session.answered(own_photo, None) == "permission"  # the machine's own answer is as it was
    assert session.answered(own_photo, {}) is None  # another visit
