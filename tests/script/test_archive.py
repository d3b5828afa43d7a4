"""Projects as one ZIP: everything comes back, films are made of it, and only plain files are unpacked."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import OutputError
from pipeline.script import ScriptError, Store, pack, plan, read_script, render, unpack

SCRIPT = """\
output: {{path: film.mp4, height: 480, aspect: "1:1"}}
scenes:
- {{background: pictures/sea.png, seconds: 0.5}}
- {{background: "{elsewhere}", seconds: 0.5}}
- {{background: "#204060", seconds: 0.5}}
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    folder, other = tmp_path / "project", tmp_path / "other"
    (folder / "pictures").mkdir(parents=True)
    other.mkdir()
    Image.new("RGB", (64, 64), "navy").save(folder / "pictures" / "sea.png")
    Image.new("RGB", (64, 64), "red").save(other / "sea.png")
    (folder / "talk.yaml").write_text(SCRIPT.format(elsewhere=other / "sea.png"), encoding="utf-8")
    return folder / "talk.yaml"


def project(folder: Path, entries: dict[str, bytes | str], **about: object) -> Path:
    """A ZIP with these files."""
    path = folder / "some.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_a_project_comes_back_with_files_from_everywhere(script: Path, tmp_path: Path) -> None:
    packed = pack(script, tmp_path / "talk.zip")
    taken = unpack(packed, tmp_path / "taken")
    assert taken == tmp_path / "taken" / "talk.yaml"
    backgrounds = [scene.background for scene in read_script(taken).scenes]
    assert backgrounds == ["pictures/sea.png", "files/sea.png", "#204060"]
    assert (taken.parent / "files" / "sea.png").read_bytes() == (tmp_path / "other/sea.png").read_bytes()
    with pytest.raises(OutputError, match="not an empty folder"):
        unpack(packed, tmp_path / "taken")
    with pytest.raises(OutputError, match="already exists"):
        pack(script, packed)


def test_what_only_this_system_can_store_is_renamed(tmp_path: Path) -> None:
    """Such as on a Mac: what is packed here is unpacked everywhere."""
    folder = tmp_path / "project"
    folder.mkdir()
    names = ["Why?.png", "why-.png", "Sea.png", "sea.png"]
    for number, name in enumerate(names):
        Image.new("RGB", (8, 8 + number)).save(folder / name)
    lines = "".join(f'- {{background: "{name}"}}\n' for name in names)
    (folder / "talk.yaml").write_text(f"scenes:\n{lines}", encoding="utf-8")
    (tmp_path / "taken").mkdir(mode=0o700)
    taken = unpack(pack(folder / "talk.yaml", tmp_path / "talk.zip"), tmp_path / "taken")
    backgrounds = [str(scene.background) for scene in read_script(taken).scenes]
    assert backgrounds == ["files/Why-.png", "why-.png", "Sea.png", "files/sea-2.png"]
    heights = [Image.open(taken.parent / name).height for name in backgrounds]
    assert heights == [8, 9, 10, 11]
    assert stat.S_IMODE(taken.parent.stat().st_mode) == 0o700


def test_a_film_is_made_of_the_zip_and_shares_segments_with_the_folder(script: Path, tmp_path: Path) -> None:
    packed, store = pack(script, tmp_path / "talk.zip"), Store(tmp_path / "store")
    assert len(plan(packed, store=store).waiting) == 3
    film = render(packed, store=store)
    assert film.video == tmp_path / "film.mp4" and film.made == 3
    assert plan(script, store=store).waiting == ()
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "film.mp4", "other", "project", "store", "talk.zip"
    ]  # fmt: skip


def test_a_zip_made_of_a_folder_by_hand_is_opened(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        {"Talk/notes.txt": "x", "Talk/talk.yml": "scenes: [{title: A}]", "__MACOSX/Talk/._talk.yml": "x"},
    )
    assert unpack(made, tmp_path / "taken").name == "talk.yml"


def linked(name: str, kind: int = stat.S_IFLNK) -> bytes:
    """A ZIP with a link, or another special file."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return written([(entry, b"/etc/passwd")])


def written(entries: list[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("talk.yaml", "scenes: [{title: A}]")
        for entry, content in entries:
            archive.writestr(entry, content)
    return file.getvalue()


def encrypted() -> bytes:
    content = bytearray(written([]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        content[at : at + 2] = struct.pack("<H", 1)
    return bytes(content)


def broken() -> bytes:
    content = bytearray(written([("photo.jpg", bytes(range(256)) * 40)]))
    at = content.index(b"photo.jpg") + 30
    content[at : at + 20] = b"\xff" * 20
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda: written([("../key", b"")]), "leads out of its folder"),
        (lambda: written([("/etc/key", b"")]), "leads out of its folder"),
        (lambda: written([("a/../../key", b"")]), "leads out of its folder"),
        (lambda: written([("C:\\key", b"")]), "leads out of its folder"),
        (lambda: written([(".. /key", b"")]), "some systems cannot store"),
        (lambda: written([("a/NUL.jpg", b"")]), "some systems cannot store"),
        (lambda: linked("link.jpg"), "is a link or no plain file"),
        (lambda: linked("pipe", stat.S_IFIFO), "is a link or no plain file"),
        (lambda: written([("A.jpg", b""), ("a.jpg", b"")]), "holds a.jpg twice"),
        (lambda: written([("a", b""), ("a/b", b"")]), "a file and a folder of the same name"),
        (lambda: written([(f"{'a' * 250}.jpg", b"")]), "name is too long"),
        (lambda: written([(f"{number}.jpg", b"") for number in range(5001)]), "more than 5,000 files"),
        (lambda: written([("zeros.bin", bytes(3_000_000))]), "unpacks to more than 0.002 GB"),
        (encrypted, "has a password"),
        (broken, "no ZIP, or it is damaged"),
        (lambda: b"PK nothing", "no ZIP, or it is damaged"),
        (lambda: written([("talk.yml", b"a: 1")]), "several scripts"),
    ],
)
def test_what_is_no_plain_file_is_refused_in_a_sentence(
    tmp_path: Path, content: object, sentence: str
) -> None:
    path = tmp_path / "bad.zip"
    path.write_bytes(content())  # type: ignore[operator]
    with pytest.raises(ScriptError, match=sentence) as caught:
        unpack(path, tmp_path / "taken", largest=2_000_000)
    assert "bad.zip" in str(caught.value) and "\n" not in str(caught.value)
    assert [each.name for each in tmp_path.iterdir()] == ["bad.zip"]


def test_a_script_in_a_zip_names_only_files_that_came_with_it(tmp_path: Path) -> None:
    for named in ("/etc/hostname", "../key.png", "missing.png"):
        made = project(tmp_path, {"talk.yaml": f"scenes: [{{background: {named}}}]"})
        with pytest.raises(ScriptError, match=f"names {named}, which is not in the project"):
            unpack(made, tmp_path / "taken")
    made = project(tmp_path, {"talk.yaml": "title: A\nscenes: [{layuot: left}]"})
    with pytest.raises(ScriptError, match=r"some.zip/talk.yaml, line 2: scenes.1.layuot is unknown"):
        unpack(made, tmp_path / "taken")
    with pytest.raises(ScriptError, match="There is no script"):
        unpack(project(tmp_path, {"photo.jpg": b""}), tmp_path / "taken")
    with pytest.raises(ScriptError, match="There is no project"):
        unpack(tmp_path / "nowhere.zip", tmp_path / "taken")


def test_the_film_of_a_zip_is_written_nowhere_but_beside_it(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    made = project(
        inner,
        {
            "talk.yaml": "output: {path: ../../stolen.mp4, height: 480}\n"
            'scenes: [{background: "#fff", seconds: 0.5}]'
        },
    )
    assert render(made, store=Store(tmp_path / "store")).video == inner / "stolen.mp4"
