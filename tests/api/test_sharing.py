"""The public page of a video, and what link previews and other sites make of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import pytest

from pipeline.service import takes


def test_the_page_shows_the_video_and_says_how_it_was_made(server: Any, made: dict[str, Any]) -> None:
    address = made["links"]["page"]
    page = server.web.get(address)
    text = unescape(page.text)
    assert page.headers["x-robots-tag"] == "noindex"
    assert "<h1>Good morning.</h1>" in text and "Made with AI" in text
    assert "AI-generated" in text and "puppet, voice hibari:heart" in text
    tags = dict(re.findall(r'<meta property="(og:[\w:]+)" content="([^"]*)"', page.text))
    assert tags["og:title"] == "Good morning." and tags["og:url"] == address
    picture = server.web.get(tags["og:image"])
    assert picture.headers["content-type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8"
    played = server.web.get(tags["og:video"], headers={"Range": "bytes=0-9"})
    assert played.status_code == 206 and played.headers["content-disposition"].startswith("inline")
    saved = server.web.get(f"{tags['og:video']}?download=true")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert server.web.get(f"{address}/captions.vtt").text.startswith("WEBVTT")


def test_other_sites_show_the_player(server: Any, made: dict[str, Any]) -> None:
    address = made["links"]["page"]
    asked = f"/oembed?url={quote(address, safe='')}&maxwidth=64&format=json"
    described = server.web.get(asked).json()
    assert described["type"] == "video" and described["width"] <= 128
    assert f'src="{address}/embed"' in described["html"]
    player = server.web.get(f"{address}/embed")
    assert f'<a href="{address}" target="_blank" rel="noopener">Made with AI</a>' in player.text
    assert "frame-ancestors *" in player.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in server.web.get(address).headers["content-security-policy"]
    assert quote(address, safe="/") in server.web.get(address).text


@pytest.mark.parametrize("name", ["none", "%2e%2e", "x%2F..%2Fy", ".hidden", "%00"])
def test_there_is_nothing_under_other_names(server: Any, name: str) -> None:
    for path in (f"/v/{name}", f"/v/{name}/video.mp4", f"/oembed?url=https://x/v/{name}"):
        assert server.web.get(path).status_code == 404, path
    assert server.web.get("/oembed?url=http://[").status_code == 404
    assert "<p>This video is no longer here" in server.web.get("/v/none").text  # for people


def test_videos_of_the_page_have_pages_too_and_words_are_escaped(server: Any, made: dict[str, Any]) -> None:
    take = takes.lying_in(server.studio.store.folder(made["id"]) / "made")
    assert take is not None
    folder = server.studio.page_files / "jobs" / "abcdefgh"
    folder.mkdir(parents=True)
    video = Path(shutil.copy(take.result.video, folder))
    result = replace(take.result, video=video, captions=None, motion=None)
    declared = "The voice 'own' imitates a recording. Declared by its maker: the voice is the maker's own."
    says_of_itself(video, {"comment": "AI-generated.", "voice_statement": declared})
    notes = ("“Ω” was left out.",)
    takes.keep(replace(result, notes=notes), "visit", {"text": "<script>alert(1)</script> " + "word " * 40})
    page = server.web.get("/v/abcdefgh")
    assert page.status_code == 200 and f"AI-generated. {declared}" in unescape(page.text)
    assert "left out" not in page.text
    assert "<script>" not in page.text and "&lt;script&gt;" in page.text and "…" in page.text


def says_of_itself(video: Path, tags: dict[str, str]) -> None:
    """Write a file's metadata anew."""
    tagged = video.with_suffix(".tagged.mp4")
    options = {"movflags": "use_metadata_tags"}
    with av.open(str(video)) as old, av.open(str(tagged), "w", container_options=options) as new:
        new.metadata.update(tags)
        streams = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
    tagged.replace(video)


def test_there_are_no_pages_unless_the_deployment_allows_them(
    starting: Callable[..., Any], made: dict[str, Any]
) -> None:
    with starting() as server:
        answer = server.web.get(f"/v/{made['id']}")
        assert answer.status_code == 404 and "no public pages" in answer.text
