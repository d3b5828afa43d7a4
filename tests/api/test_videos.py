"""Videos over HTTP: asked for, watched, fetched, cancelled, removed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import av
import pytest

from pipeline.samples import HOPPER
from pipeline.spec import Output, Scene
from pipeline.video.container import alpha_decoder

LONG = "Many words to say, one after the other. " * 60


def test_a_video_is_made_and_its_files_are_where_the_links_say(server: Any, made: dict[str, Any]) -> None:
    assert made["state"] == "done" and made["fraction"] == 1 and made["problem"] is None
    assert made["result"]["head"] == "puppet" and 0.5 < made["result"]["seconds"] < 3
    assert set(made["links"]) == {"self", "events", "video", "captions", "motion", "report", "page"}
    video = server.web.get(made["links"]["video"])
    assert video.headers["content-type"] == "video/mp4"
    assert "ada-good-morning" in video.headers["content-disposition"]
    assert server.web.get(made["links"]["captions"]).text.startswith("WEBVTT")
    assert server.web.get(made["links"]["motion"]).text.count("\n") > 10
    part = server.web.get(made["links"]["video"], headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and len(part.content) == 100
    head = server.web.head(made["links"]["video"])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == video.headers["content-length"]


def test_the_file_plays(server: Any, made: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(server.web.get(made["links"]["video"]).content)
    with av.open(str(path)) as box:
        assert (box.streams.video[0].width, box.streams.video[0].height) == (128, 128)
        assert len(box.streams.audio) == 1


@pytest.mark.parametrize(
    ("kind", "media_type", "plays"), [("webm", "video/webm", True), ("mov", "video/quicktime", False)]
)
def test_a_transparent_video_has_its_own_type_and_page(
    server: Any, tmp_path: Path, kind: str, media_type: str, plays: bool
) -> None:
    chosen = {} if kind == "webm" else {"format": kind}
    job = server.wait(server.ask(background="transparent", consent="fictional", **chosen).json()["id"])
    assert job["state"] == "done", job["problem"]
    video = server.web.get(job["links"]["video"])
    assert video.headers["content-type"] == media_type
    assert f'.{kind}"' in video.headers["content-disposition"]
    path = tmp_path / f"talk.{kind}"
    path.write_bytes(video.content)
    with av.open(str(path)) as box:
        codec = alpha_decoder(box.streams.video[0]) or box.streams.video[0].codec_context
        frame = next(frame for packet in box.demux(video=0) for frame in codec.decode(packet))
    assert frame.to_ndarray(format="rgba")[:8, :8, 3].max() < 8
    address = job["links"]["page"]
    page, player = (server.web.get(address + end).text for end in ("", "/embed"))
    assert ("<video" in page, "<video" in player, "cannot play" in page) == (plays, plays, not plays)
    assert (f'type="{media_type}"' in page) == plays and f"/video.{kind}?download=true" in page
    assert server.web.get(f"{address}/video.{kind}").headers["content-type"] == media_type
    assert server.web.get(f"{address}/video.mp4").status_code == 404
    assert server.web.get(f"{address}/picture.jpg").content[:2] == b"\xff\xd8"


def test_the_answer_is_an_accepted_job(server: Any) -> None:
    answer = server.ask()
    assert answer.status_code == 202
    job = answer.json()
    assert job["state"] in ("queued", "running") and answer.headers["location"] == job["links"]["self"]
    assert server.wait(job["id"])["state"] == "done"


def test_events_tell_the_progress_and_the_end(server: Any) -> None:
    job = server.ask(text="One, two, three.").json()
    with server.web.stream("GET", job["links"]["events"]) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [block.split("\n") for block in "".join(answer.iter_text()).strip().split("\n\n")]
    assert [lines[0] for lines in events[:-1]] == ["event: progress"] * (len(events) - 1)
    assert events[-1][0] == "event: done"
    seen = [json.loads(lines[1].removeprefix("data: ")) for lines in events]
    fractions = [each["fraction"] for each in seen]
    assert fractions == sorted(fractions) and fractions[-1] == 1


def test_a_report_scores_the_video(server: Any, made: dict[str, Any]) -> None:
    report = server.web.get(made["links"]["report"]).json()
    assert report["kind"] == "video" and report["sentence"] and report["findings"]
    assert server.web.get(made["links"]["report"]).json() == report


@pytest.mark.parametrize(
    ("given", "parameter", "said"),
    [
        ({"txet": "Hi."}, "txet", "did you mean 'text'"),
        ({"format": "mov"}, "format", "set background to transparent"),
        ({"background": "transparent", "format": "mp4"}, "format", "webm"),
        ({"pace": 9}, "pace", "from 0.5 to 2"),
        ({"style": "wild"}, "style", "no style called 'wild'"),
        ({"fps": "fast"}, "fps", "choose one of"),
        ({"mark": "perhaps"}, "mark", "choose yes or no"),
        ({"lips": "wav2lip", "lips_options": '{"zise": 1}'}, "lips_options", "no option"),
        ({"voice": "jo"}, "voice", "did you mean 'joe'"),
        ({"head": "pupet"}, "head", "did you mean 'puppet'"),
        ({"text": "", "captions": "srt"}, "text", ""),
        ({"head_options": "[1]"}, "head_options", "is not an object"),
        ({"head_options": "{"}, "head_options", "not valid JSON"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_field(
    server: Any, given: dict[str, Any], parameter: str, said: str
) -> None:
    answer = server.ask(**given)
    problem = answer.json()
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == 422 and problem["parameter"] == parameter, problem
    assert said in problem["detail"]


@pytest.mark.parametrize(
    ("body", "parameter", "said"),
    [
        (b'{"subject": ', None, "not valid JSON at line 1"),
        (b"[]", None, "not an object"),
        (b'{"text": "Hi.", "seed": 1, "text": "Bye."}', "text", "twice"),
        (b"\xff\xfe", None, "not valid JSON"),
        (b"[" * 100_000, None, "not valid JSON"),
        (b'{"text": "Hi."}', "subject", "Give a photo"),
        (b'{"text": "half \\ud800 a character"}', None, "not valid JSON"),
        (b'{"lips_options": "size=512"}', "lips_options", "is not an object"),
        (b'{"subject": 5}', "subject", "not possible"),
        (b'{"pace": true}', "pace", "pace=yes is not possible; give a number"),
        (b'{"subject": "https://example.com/a.jpg", "size": "big"}', "size", "a whole number"),
        (b'{"subject": "file:///etc/passwd", "consent": "me", "text": "Hi."}', "subject", "web addresses"),
        (b'{"subject": "http://127.0.0.1/a.jpg", "consent": "me", "text": "Hi."}', "subject", "not on the"),
    ],
)
def test_malformed_bodies_are_refused_with_their_field(
    server: Any, body: bytes, parameter: str | None, said: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = server.web.post("/api/v1/videos", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json().get("parameter") == parameter and said in answer.json()["detail"]


def test_other_kinds_of_bodies_and_addresses_are_refused(server: Any) -> None:
    assert server.web.post("/api/v1/videos", content=b"x").status_code == 415
    too_large = {"Content-Type": "application/json", "Content-Length": "2000000"}
    assert server.web.post("/api/v1/videos", content=b" " * 2_000_000, headers=too_large).status_code == 413
    for answer in (server.web.get("/api/v1/nothing"), server.web.get("/api/v1/videos/none")):
        assert answer.status_code == answer.json()["status"] == 404
    assert server.web.put("/api/v1/videos").status_code == 405
    files = {"subject": ("a.jpg", b"x"), "portrait": ("b.jpg", b"x")}
    wrong = server.web.post("/api/v1/videos", files=files, data={"text": "Hi."})
    assert wrong.status_code == 422 and wrong.json()["parameter"] == "portrait"
    for name, sent in (("text", (None, b"Hi.")), ("subject", ("a.jpg", b"x"))):
        answer = server.web.post("/api/v1/videos", files=[(name, sent), (name, sent)])
        assert answer.status_code == 422 and answer.json()["parameter"] == name, answer.text
    assert server.web.get("/api/v1/videos/none/movie").status_code == 404
    long = server.web.post("/api/v1/videos", json={"pace": "x" * 100_000}).json()
    assert long["parameter"] == "pace" and len(long["detail"]) < 200
    assert server.web.get("/").text == "the page"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("subject", b"", "The file sent as subject is empty"),
        ("subject", b"hello", "ada.jpg is not an image"),
        ("subject", b"%PDF-1.7", "ada.jpg is a PDF"),
        ("audio", b"", "The file sent as audio is empty"),
        ("audio", b"hello" * 99, "speech.wav"),
        ("motion_in", b"hello", "has no column"),
    ],
)
def test_a_file_of_another_kind_is_refused_at_once(server: Any, name: str, data: bytes, said: str) -> None:
    files = {"subject": ("ada.jpg", HOPPER.path.read_bytes()), "audio": ("speech.wav", data)}
    sent = {"subject": files["subject"], name: ({**files, "motion_in": ("moves.csv", b"")}[name][0], data)}
    text = {"text": "Hi."} if name == "subject" else {}
    answer = server.web.post("/api/v1/videos", data={**text, "consent": "fictional"}, files=sent)
    assert answer.status_code == 422, answer.json()
    assert answer.json()["parameter"] == name and said in answer.json()["detail"]


def test_refused_requests_leave_nothing_behind(server: Any) -> None:
    before = sorted(server.studio.store.home.iterdir())
    assert server.ask(pace=9).status_code == 422
    assert sorted(server.studio.store.home.iterdir()) == before


def test_a_face_needs_consent(server: Any) -> None:
    own = HOPPER.path.read_bytes() + b"\0"
    form = {"text": "Hi.", "size": "128"}
    # Behind a proxy, so that no answers are remembered.
    asked = {"headers": {"X-Forwarded-For": "203.0.113.9"}, "files": {"subject": ("grace.jpg", own)}}
    refused = server.web.post("/api/v1/videos", data=form, **asked)
    assert refused.status_code == 422
    assert refused.json()["parameter"] == "consent" and refused.json()["reason"] == "ConsentError"
    given = server.web.post("/api/v1/videos", data={**form, "consent": "permission"}, **asked)
    assert given.status_code == 202
    assert server.web.post("/api/v1/videos", data=form, **asked).status_code == 422
    assert server.wait(given.json()["id"])["state"] == "done"


def test_a_repeated_request_is_the_same_job(server: Any) -> None:
    photo = HOPPER.path.read_bytes()

    def ask(text: str) -> Any:
        return server.web.post(
            "/api/v1/videos",
            data={"text": text, "size": "128"},
            files={"subject": ("ada.jpg", photo)},
            headers={"Idempotency-Key": "one"},
        )

    first, again, other = ask("Once."), ask("Once."), ask("Twice.")
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 422 and "another request" in other.json()["detail"]
    server.wait(first.json()["id"])


def test_a_running_job_is_cancelled_and_a_finished_one_removed(server: Any) -> None:
    running, waiting = server.ask(text=LONG).json()["id"], server.ask(text=LONG).json()["id"]
    for name in (running, waiting):
        early = server.web.get(f"/api/v1/videos/{name}/video")
        assert early.status_code == 409 and "not finished" in early.json()["detail"]
        assert server.web.delete(f"/api/v1/videos/{name}").status_code == 204
        assert server.wait(name)["state"] == "cancelled"
    short = server.wait(server.ask().json()["id"])  # the line moves on
    assert short["state"] == "done"
    assert not list(server.studio.store.folder(running).glob("made/*"))
    assert server.web.delete(short["links"]["self"]).status_code == 204
    assert server.web.get(short["links"]["self"]).status_code == 404
    assert not server.studio.store.folder(short["id"]).exists()


def test_a_job_that_fails_says_why(server: Any) -> None:
    files = {"subject": ("dark.png", HOPPER.path.read_bytes()[:2000])}
    form = {"text": "Hi.", "consent": "me"}
    job = server.web.post("/api/v1/videos", data=form, files=files).json()
    failed = server.wait(job["id"])
    assert failed["state"] == "failed" and failed["problem"]["parameter"] == "subject"
    assert failed["problem"]["detail"].endswith(".") and str(server.studio.store.home) not in str(failed)


class Photo(BaseHTTPRequestHandler):
    """Serves the sample."""

    def do_GET(self) -> None:
        found = self.path == "/photo.jpg"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(HOPPER.path.read_bytes() if found else b"")

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


def test_files_are_fetched_from_web_addresses(starting: Callable[..., Any]) -> None:
    site = HTTPServer(("127.0.0.1", 0), Photo)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{site.server_address[1]}"
    with starting(fetch_from=("127.0.0.1",)) as server:
        given = {"consent": "fictional", "text": "Hi.", "size": 128}
        asked = server.web.post("/api/v1/videos", json={**given, "subject": f"{address}/photo.jpg"})
        missing = server.web.post("/api/v1/videos", json={**given, "subject": f"{address}/none.jpg"})
        unanswered = server.web.post("/api/v1/videos", json={"subject": f"{address}/a.jpg", "text": "Hi."})
        assert asked.status_code == missing.status_code == 202
        assert unanswered.json()["parameter"] == "consent"
        for wrong in ({"voice": "jo"}, {"head": "pupet"}, {"text": ""}, {"text": "\U0001f642"}):
            early = server.web.post("/api/v1/videos", json={**given, "subject": f"{address}/a.jpg", **wrong})
            assert early.status_code == 422 and early.json()["parameter"] == next(iter(wrong)), early.json()
        assert server.wait(asked.json()["id"])["state"] == "done"
        problem = server.wait(missing.json()["id"])["problem"]
        assert problem["reason"] == "FetchError" and "answered 404" in problem["detail"]
    site.shutdown()
    site.server_close()


def test_the_schema_has_every_field_and_the_page_shows_it(server: Any) -> None:
    described = server.web.get("/api/openapi.json").json()
    content = described["paths"]["/api/v1/videos"]["post"]["requestBody"]["content"]
    wanted = {*Scene.model_fields, *Output.model_fields} - {"path", "motion", "overwrite"} | {"format"}
    for kind in ("application/json", "multipart/form-data"):
        assert wanted <= set(content[kind]["schema"]["properties"])
    assert content["multipart/form-data"]["schema"]["properties"]["subject"]["format"] == "binary"
    assert described["servers"] == [{"url": server.address}]


def test_the_documentation_brings_its_own_files(server: Any) -> None:
    page = server.web.get("/api/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 3 and "openapi.json" in page
    for address in addresses:
        answer = server.web.get(urljoin("/api/docs", address))
        assert answer.status_code == 200 and len(answer.content) > 1_000, address
