"""Who may ask, how often, and what an operator's tools hear."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.api.limits import Limits
from pipeline.service import warmup


def test_keys_are_needed_where_they_are_set_and_jobs_belong_to_them(starting: Callable[..., Any]) -> None:
    with starting(keys=("ada", "grace")) as server:
        web = server.web
        refused = web.get("/api/v1/voices")
        assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
        assert server.ask().status_code == 401
        assert web.get("/api/v1/voices", headers={"Authorization": "Bearer adaa"}).status_code == 401
        assert (
            web.get("/api/v1/voices", headers={"Authorization": "Bearer ÿ".encode("latin-1")}).status_code
            == 401
        )
        web.headers["Authorization"] = "Bearer ada"
        job = server.ask(text="Many words. " * 300).json()
        assert web.get(job["links"]["self"]).status_code == 200
        other = {"Authorization": "bearer grace"}
        for method in ("GET", "DELETE"):
            assert web.request(method, job["links"]["self"], headers=other).status_code == 404
        assert web.get(job["links"]["events"], headers=other).status_code == 404
        assert web.delete(job["links"]["self"]).status_code == 204
        assert web.get("/healthz", headers={"Authorization": ""}).status_code == 200


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(starting: Callable[..., Any]) -> None:
    with starting(rate=2) as server:
        answers = [server.ask(pace=9) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422, 422, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 31
        assert "try again in" in answers[-1].json()["detail"]
        assert server.web.get("/api/v1/engines").status_code == 200  # reading is free


def test_tokens_come_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    # Not the clock itself, which the running server goes by.
    monkeypatch.setattr("pipeline.api.limits.time", SimpleNamespace(monotonic=lambda: now[0]))
    limits = Limits(60)
    assert [limits.wait("ada") for _ in range(61)] == [0] * 60 + [1]
    assert limits.wait("grace") == 0
    now[0] += 2.5
    assert [limits.wait("ada") for _ in range(3)] == [0, 0, 1]


def test_an_operator_sees_health_readiness_and_figures(server: Any, made: dict[str, Any]) -> None:
    assert server.web.get("/healthz").json() == {"status": "ok"}
    warmup._ended.set()
    assert server.web.get("/readyz").json() == {"status": "ready", "waiting": 0}
    figures = server.web.get("/metrics")
    assert figures.headers["content-type"].startswith("text/plain")
    values = dict(line.rsplit(" ", 1) for line in figures.text.splitlines() if not line.startswith("#"))
    done = float(values['studio_jobs_total{outcome="done"}'])
    assert done >= 1 and float(values["studio_render_seconds_count"]) == done
    assert float(values["studio_video_seconds_total"]) > 0.5


def test_failures_are_counted_by_their_reason(server: Any) -> None:
    files = {"subject": ("dark.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 500)}
    form = {"text": "Hi.", "consent": "me"}
    job = server.web.post("/api/v1/videos", data=form, files=files).json()
    assert server.wait(job["id"])["problem"]["reason"] == "PhotoError"
    assert 'studio_failures_total{reason="PhotoError"}' in server.web.get("/metrics").text


def test_links_are_those_that_a_proxy_publishes(starting: Callable[..., Any]) -> None:
    with starting(root="/studio") as server:
        forwarded = {"X-Forwarded-Host": "films.example", "X-Forwarded-Proto": "https"}
        described = server.web.get("/api/openapi.json", headers=forwarded).json()
        assert described["servers"] == [{"url": "https://films.example/studio"}]
    with starting(root="https://films.example/s") as server:
        assert server.web.get("/api/openapi.json").json()["servers"] == [{"url": "https://films.example/s"}]
