"""The web server's own rules: headers, names that it answers under, and what another site may send."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pipeline.service import guard

FRAMES = "content-security-policy"


async def answer(request: object) -> PlainTextResponse:
    return PlainTextResponse("secret")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Asks a guarded server on the loopback device; the "server" of a request is its base address."""
    for name in ("SPACE_ID", guard.HOSTS):
        monkeypatch.delenv(name, raising=False)
    routes = [Route("/", answer, methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[guard.middleware()]), "http://127.0.0.1:7860")


def test_every_answer_carries_the_headers(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/", "/absent"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] and headers["x-frame-options"] == "SAMEORIGIN"
        assert headers[FRAMES] == "frame-ancestors 'self'"
    monkeypatch.setenv("SPACE_ID", "somebody/studio")
    headers = client.get("/").headers
    assert "https://huggingface.co" in headers[FRAMES] and "x-frame-options" not in headers


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost:7860", "LOCALHOST", "[::1]:7860", "studio.localhost"]
)
def test_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).text == "secret"


@pytest.mark.parametrize(
    "host", ["evil.test", "127.0.0.1.evil.test:7860", "localhost.evil.test", "192.0.2.7"]
)
def test_a_name_that_somebody_points_here_gets_nothing(client: TestClient, host: str) -> None:
    answered = client.get("/", headers={"host": host})
    assert answered.status_code == 421 and "secret" not in answered.text


def test_programs_are_refused_in_their_own_form(client: TestClient) -> None:
    for answered in (
        client.get("/api/v1/voices", headers={"host": "evil.test"}),
        client.post("/mcp", headers={"origin": "https://evil.test"}),
    ):
        told = answered.json()
        assert answered.headers["content-type"] == "application/problem+json"
        assert told["status"] == answered.status_code in (403, 421) and told["detail"].endswith(".")


def test_further_names_can_be_allowed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(guard.HOSTS, "studio.example.org, other.example.org")
    assert client.get("/", headers={"host": "other.example.org"}).status_code == 200
    assert client.get("/", headers={"host": "evil.test"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:7860"},
    ],
)
def test_another_site_cannot_send(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/", headers=headers).status_code == 403
    assert client.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:7860"},
        {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:7860"},
        {"origin": "https://studio.example.org", "x-forwarded-host": "studio.example.org"},
    ],
)
def test_the_page_itself_and_programs_can_send(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/", headers=headers).status_code == 200
