"""`hub lock`: what an engine needs is fetched or found, and from then on nothing else is taken for it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hubrepo
import pytest
from hubserver import DATA, Server

from pipeline import hub, locking
from pipeline.cli import main
from pipeline.errors import CheckpointError, OutputError, UnknownNameError
from pipeline.hub import pins
from pipeline.hub.checkpoints import Checkpoint

SUM = hashlib.sha256(DATA).hexdigest()
KEYS = ("wav2lip_gan", "wav2lip")


def following(name: str) -> Checkpoint:
    """A file whose size, checksum and commit the table does not know."""
    return Checkpoint("somebody/weights", f"{name}.pth", 1, "MIT", True, "lips engine wav2lip")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hubrepo.point_at(monkeypatch, tmp_path / "cache", offline=False, endpoint=server.address)
    for key in KEYS:
        monkeypatch.setitem(hub.CHECKPOINTS, key, following(key))
    yield server
    server.shutdown()
    server.server_close()


def test_an_engine_needs_the_files_of_all_its_options() -> None:
    assert locking.needed(["wav2lip"]) == list(KEYS)
    assert {"sadtalker_256", "sadtalker_512"} <= set(locking.needed(["sadtalker"]))
    assert "wav2vec2" in locking.needed(["flashhead_lite"])
    assert "vae" in locking.needed(["musetalk"]), "shared with another engine"
    for name in ("puppet", "wav2lap"):
        with pytest.raises(UnknownNameError, match="engine with published files"):
            locking.needed([name])


def test_the_shell_downloads_and_pins(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.etag = "no-checksum"
    assert main(["hub", "lock", "wav2lip"]) == 0
    printed = capsys.readouterr()
    assert SUM in printed.out and hubrepo.COMMIT in printed.out and str(len(DATA)) in printed.out
    assert str(pins.where()) in printed.err
    for key in KEYS:
        known = pins.pinned(hub.CHECKPOINTS[key])
        assert (known.size, known.sha256, known.revision) == (len(DATA), SUM, hubrepo.COMMIT)
    assert len(json.loads(pins.where().read_text())) == 2


def test_what_is_pinned_is_not_replaced(server: Server) -> None:
    server.etag = "no-checksum"
    (locked,) = locking.lock(["wav2lip"])
    path = hub.fetch("wav2lip")
    path.resolve().unlink()
    server.data = bytes(len(DATA))
    with pytest.raises(CheckpointError, match="arrived damaged"):
        hub.fetch("wav2lip")
    server.data = DATA
    assert hub.fetch("wav2lip").read_bytes() == DATA
    assert list(locking.lock(["wav2lip"])) == [locked]


def test_only_the_commit_is_pinned_where_the_checksum_is_known(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hub.CHECKPOINTS, "wav2lip", replace(following("wav2lip"), size=7, sha256=SUM))
    (locked,) = locking.lock(["wav2lip"])
    assert (locked.checkpoint.size, locked.checkpoint.revision) == (7, hubrepo.COMMIT)


def test_only_what_is_here(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    hub.fetch("wav2lip")
    asked = len(server.ranges)
    assert main(["hub", "lock", "wav2lip", "--cached"]) == 0
    assert "wav2lip.pth" in (printed := capsys.readouterr().out) and "wav2lip_gan.pth" not in printed
    assert len(server.ranges) == asked


def test_a_file_placed_by_hand_has_no_commit(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(hub.FOLDER, str(tmp_path / "models"))
    place = tmp_path / "models" / "somebody/weights" / "wav2lip.pth"
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA)
    (locked,) = locking.lock(["wav2lip"])
    assert (locked.checkpoint.sha256, locked.checkpoint.revision) == (SUM, None)
    place.write_bytes(DATA[:-1])
    with pytest.raises(CheckpointError, match="place it again"):
        hub.fetch("wav2lip")


def test_pins_that_cannot_be_written_are_said(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(pins, "where", lambda: tmp_path / "file" / "pins.json")
    with pytest.raises(OutputError, match=r"pins\.json cannot be written"):
        list(locking.lock(["wav2lip"]))
