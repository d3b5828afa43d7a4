"""The hub: what is found, downloaded, resumed and refused, with a real cache folder and a local server."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hubrepo
import pytest
from hubserver import DATA, Server
from huggingface_hub.utils import close_session

from pipeline import Progress, engines, hub, render
from pipeline.errors import CheckpointError, UnknownNameError
from pipeline.hub import pins
from pipeline.hub.checkpoints import Checkpoint

FILE = Checkpoint("somebody/weights", "sub/net.pth", len(DATA), "MIT", True, "test", hubrepo.COMMIT)

LATER = hubrepo.COMMIT[::-1]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hubrepo.point_at(monkeypatch, tmp_path / "cache", offline=False, endpoint=server.address)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 100_000)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    hubrepo.point_at(monkeypatch, tmp_path / "cache", offline=True)
    return tmp_path / "cache"


def test_a_file_is_downloaded_once_with_progress(server: Server) -> None:
    seen: list[tuple[int, int]] = []
    path = hub.fetch(FILE, progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert hub.fetch(FILE) == hub.find(FILE) == path
    assert len(server.ranges) == 1


def test_a_render_reports_the_progress_of_a_download(
    server: Server, monkeypatch: pytest.MonkeyPatch, astronaut: Path, tmp_path: Path
) -> None:
    table = {key: replace(FILE, file=f"{key}.bin") for key in engines.card("lips", "wav2lip").checkpoints}
    monkeypatch.setattr(hub, "CHECKPOINTS", table)
    seen: list[Progress] = []
    with pytest.raises(CheckpointError, match="wav2lip"):
        render(
            astronaut, tmp_path / "clip.mp4", text="Hi.", lips="wav2lip", consent="me", progress=seen.append
        )
    shares = [event.fraction for event in seen if event.stage == "download"]
    assert shares and shares == sorted(shares) and shares[-1] <= 1
    assert all(hub.find(checkpoint) for checkpoint in table.values())


def test_an_interrupted_download_is_resumed(server: Server) -> None:
    server.cut = 1_000_000
    assert hub.fetch(FILE).read_bytes() == DATA
    assert server.ranges[0] is None
    assert server.ranges[1].startswith("bytes=")


def test_a_download_that_breaks_off_again_and_again_is_said(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.cut, server.always_cut = 1_000, True
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(CheckpointError, match="the connection to the Hub broke off; try again"):
        hub.fetch(FILE)
    assert hub.find(FILE) is None, "half a file is none"
    server.cut = 0
    assert hub.fetch(FILE).read_bytes() == DATA


def test_a_commit_that_is_gone_is_said(server: Server) -> None:
    server.status, server.reason = 404, "RevisionNotFound"
    with pytest.raises(CheckpointError, match="no longer has it; update this program, or download") as caught:
        hub.fetch(FILE)
    assert "sub/net.pth" in str(caught.value)


def test_a_file_that_arrives_damaged_is_not_kept(server: Server) -> None:
    with pytest.raises(CheckpointError, match=r"sub/net\.pth from somebody/weights arrived damaged"):
        hub.fetch(replace(FILE, sha256="f" * 64))
    server.data = bytes(len(DATA))
    with pytest.raises(CheckpointError, match="arrived damaged"):
        hub.fetch(FILE)


def test_a_damaged_file_in_the_cache_is_downloaded_again(server: Server) -> None:
    path = hub.fetch(FILE)
    path.resolve().write_bytes(DATA[:-5])
    assert hub.fetch(FILE).read_bytes() == DATA
    assert len(server.ranges) == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no longer has it"), (401, "HF_TOKEN"), (500, "the Hub answered with an error")],
)
def test_refusals_say_why_and_what_to_do(
    server: Server, monkeypatch: pytest.MonkeyPatch, status: int, words: str
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.status = status
    with pytest.raises(CheckpointError, match=words) as caught:
        hub.fetch(FILE)
    for part in ("sub/net.pth", "https://huggingface.co/somebody/weights", hub.FOLDER):
        assert part in str(caught.value)


def test_an_unreachable_hub_is_reported(server: Server) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(
        CheckpointError, match="test needs a 3 MB download, but there is no internet connection"
    ):
        hub.fetch(FILE)


def test_a_proxy_that_refuses_is_soon_reported(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    close_session()
    started = time.monotonic()
    with pytest.raises(CheckpointError, match="there is no internet connection"):
        hub.fetch(FILE)
    close_session()
    assert time.monotonic() - started < 15


def test_without_network_the_sentence_says_what_to_do(offline: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        hub.fetch("musetalk_unet")
    sentence = str(caught.value)
    assert sentence.startswith(
        "The lips engine musetalk needs a 3.4 GB download, but downloads are turned off"
    )
    assert sentence.count(". ") == 0 and "HF_HUB_OFFLINE" in sentence
    for part in ("musetalkV15/unet.pth", "https://huggingface.co/TMElyralab/MuseTalk", "place it at"):
        assert part in sentence


def test_a_file_placed_by_hand_is_found_and_checked(
    offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(hub.FOLDER, str(tmp_path / "models"))
    place = tmp_path / "models" / FILE.repo / FILE.file
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA)
    right = replace(FILE, sha256=hashlib.sha256(DATA).hexdigest())
    assert hub.fetch(replace(FILE, sha256=None)) == hub.fetch(right) == place
    with pytest.raises(CheckpointError, match="damaged or another file"):
        hub.fetch(replace(FILE, sha256="0" * 64))
    place.write_bytes(DATA[:-1])
    with pytest.raises(CheckpointError, match="damaged"):
        hub.fetch(right)


def test_a_damaged_cached_file_is_reported_offline(offline: Path) -> None:
    checkpoint = hubrepo.place(offline, FILE, DATA)
    hub.fetch(checkpoint).resolve().write_bytes(DATA[: len(DATA) // 2])
    with pytest.raises(CheckpointError, match=r"sub/net\.pth in the cache is damaged"):
        hub.fetch(checkpoint)


def test_without_a_known_checksum_the_caches_own_is_checked(offline: Path) -> None:
    checkpoint = replace(hubrepo.place(offline, FILE, DATA), sha256=None, size=0)
    path = hub.fetch(checkpoint)
    path.resolve().write_bytes(bytes(len(DATA)))
    with pytest.raises(CheckpointError, match="damaged and needs a new download, but"):
        hub.fetch(checkpoint)


def test_download_sizes_leave_out_what_is_here(offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hubrepo.use(monkeypatch, offline, {"vae_config": b"{}"})
    keys = ("vae", "vae_config")
    assert hub.download_bytes(keys) == hub.CHECKPOINTS["vae"].size + 2
    assert hub.download_bytes(keys, missing=True) == hub.CHECKPOINTS["vae"].size


def test_unknown_keys_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="wav2lip_gan"):
        hub.fetch("wav2lip_gann")


def test_the_table_is_well_formed() -> None:
    for key, checkpoint in hub.CHECKPOINTS.items():
        assert key == key.lower()
        assert checkpoint.repo.count("/") == 1
        assert checkpoint.size > 0
        assert checkpoint.sha256 is None or len(bytes.fromhex(checkpoint.sha256)) == 32
        assert checkpoint.revision is None or len(bytes.fromhex(checkpoint.revision)) == 20


def test_a_file_under_the_repositorys_former_name_is_found(
    offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = hubrepo.place(offline, replace(FILE, repo="somebody/old-name"), DATA)
    renamed = replace(cached, repo=FILE.repo, former_repos=("somebody/old-name",))
    assert hub.fetch(renamed).read_bytes() == DATA
    monkeypatch.setenv(hub.FOLDER, str(tmp_path / "models"))
    place = tmp_path / "models" / "somebody/old-name" / FILE.file
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA)
    assert hub.fetch(renamed) == place


def test_a_file_without_a_known_checksum_is_noted_when_it_first_arrives(server: Server) -> None:
    server.etag = "no-checksum"
    path = hub.fetch(FILE)
    assert pins.pinned(FILE).sha256 == hashlib.sha256(DATA).hexdigest()
    path.resolve().unlink()
    server.data = DATA[:-1] + bytes([DATA[-1] ^ 1])
    with pytest.raises(CheckpointError, match="arrived damaged"):
        hub.fetch(FILE)
    assert pins.pinned(FILE).size == len(DATA)


def test_a_file_that_follows_a_branch_is_not_noted(server: Server) -> None:
    server.etag = "no-checksum"
    following = replace(FILE, revision=None)
    hub.fetch(following)
    assert pins.pinned(following) == following


def test_the_commit_of_a_file_whose_checksum_is_known_is_noted(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(FILE, revision=None, sha256=hashlib.sha256(DATA).hexdigest(), size=7)
    hub.fetch(known)
    assert pins.pinned(known) == replace(known, revision=hubrepo.COMMIT)
    server.commit = LATER
    hubrepo.point_at(monkeypatch, tmp_path / "emptied", offline=False, endpoint=server.address)
    assert hubrepo.COMMIT in hub.fetch(known).parts, "later commits are not asked for"


def test_a_commit_that_is_gone_is_replaced_by_the_latest_with_the_same_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known = replace(FILE, sha256=hashlib.sha256(DATA).hexdigest())
    noted = replace(known, file="sub/other.pth", revision=None)
    hub.fetch(noted)
    server.gone, server.commit = hubrepo.COMMIT, LATER
    hubrepo.point_at(monkeypatch, tmp_path / "emptied", offline=False, endpoint=server.address)
    for file in (known, noted):
        path = hub.fetch(file)
        assert path.read_bytes() == DATA and LATER in path.parts
        assert "is gone; taking the file of the latest" in caplog.text
    assert pins.pinned(noted).revision == LATER
    hubrepo.point_at(monkeypatch, tmp_path / "emptied", offline=True)
    assert hub.fetch(known) == hub.find(known)


@pytest.mark.parametrize(("large", "words"), [(True, "no longer has it; update"), (False, "arrived damaged")])
def test_the_latest_commit_does_not_stand_in_with_another_file(
    server: Server, large: bool, words: str
) -> None:
    server.gone, server.commit = hubrepo.COMMIT, LATER
    server.etag = "1" * 64 if large else "2" * 40
    with pytest.raises(CheckpointError, match=words):
        hub.fetch(replace(FILE, sha256="f" * 64))
    assert len(server.ranges) == (0 if large else 1), "3.4 GB of another file are not downloaded"
    assert hub.find(replace(FILE, sha256="f" * 64)) is None


def test_damaged_notes_are_no_notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pins, "where", lambda: tmp_path / "pins.json")
    (tmp_path / "pins.json").write_text("[")
    assert pins.pinned(FILE) == FILE
