"""The page as served: soon up, nothing from elsewhere, one public endpoint; and the Space's files."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from ui.serving import ROOT, Served

from pipeline.samples import HOPPER
from pipeline.service import form


@pytest.fixture(scope="module")
def client(page: Served) -> Client:
    """A program that calls the page."""
    page.start()
    return Client(page.address, verbose=False)


def test_page_loads_nothing_from_elsewhere(served: Served) -> None:
    page = urllib.request.urlopen(served.address, timeout=120).read().decode()
    own = "".join((ROOT / "assets" / name).read_text() for name in ("style.css", "page.js", "loading.js"))
    loaded = re.findall(r"""(?:src|href)=["'](https?://[^"']+)""", page) + re.findall(
        r"url\(|@import|//\w", own
    )
    assert [address for address in loaded if not address.startswith(served.address)] == []
    assert "Talking-head studio" in page


def test_the_browser_itself_says_whose_visit_it_is(client: Client) -> None:
    events = [each for each in client.config["dependencies"] if "visit()" in str(each["js"])]
    (told,) = [each for each in events if not each["inputs"] and not each["backend_fn"]]
    assert len(told["outputs"]) == 2, "the visit's secret, and the tab"
    answered = [each for each in client.config["dependencies"] if each["backend_fn"]]
    assert not any({*told["outputs"]} & {*each["outputs"]} for each in answered)


def test_a_link_to_the_page_shows_the_studio(served: Served) -> None:
    page = urllib.request.urlopen(served.address, timeout=120).read().decode()
    described = dict(re.findall(r'<meta (?:property|name)="(og:\w+|twitter:\w+)" content="([^"]*)"', page))
    assert described["og:title"] == "Talking-head studio" and "photo" in described["og:description"]
    assert "gradio-app" not in page.split("</head>")[0].split("<script")[0]
    picture = urllib.request.urlopen(described["og:image"], timeout=120).read()
    assert described["og:image"].startswith(served.address)
    assert PIL.Image.open(io.BytesIO(picture)).size == (1200, 630)


def test_page_is_drawn_without_the_heavy_libraries_and_gradio_writes_no_stubs() -> None:
    heavy = {"trio", "torch", "diffusers", "transformers", "mediapipe", "onnxruntime", "librosa", "numba"}
    code = (
        "import app, sys, gradio.component_meta as made\n"
        f"print(made.create_or_modify_pyi.__module__, *({heavy!r} & set(sys.modules)))\n"
        "built = sys.modules['gradio.routes'].App.create_app(app.demo)\n"
        "assert len(app.demo.app.routes) < 10 < len(built.routes), 'the application is built by launch alone'"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["pipeline.ui.gradio_stubs"]


def test_files_of_a_finished_job_wait_in_a_folder_of_their_own(served: Served, client: Client) -> None:
    for text in ("One.", "Two."):
        client.predict(photo=handle_file(HOPPER.path), text=text, size=128, api_name="/create")
    jobs = [sorted(path.suffix for path in job.iterdir()) for job in (served.folder / "jobs").iterdir()]
    assert jobs.count([".csv", ".mp4"]) >= 2
    with pytest.raises(AppError):
        client.predict(photo=handle_file(HOPPER.path), text="", api_name="/create")
    assert len(list((served.folder / "jobs").iterdir())) == len(jobs)


def test_only_create_is_public_with_the_fields_of_the_form(client: Client) -> None:
    described = client.view_api(return_format="dict")
    assert list(described["named_endpoints"]) == ["/create"]
    create = described["named_endpoints"]["/create"]
    names = [each["parameter_name"] for each in create["parameters"]]
    assert names[:5] == ["photo", "text", "consent", "voice", "audio"]
    assert set(names) == {*form.UPLOADS, *form.fields()}
    assert all(each["parameter_has_default"] for each in create["parameters"])
    assert all(f"{name}: " in create["description"] for name in form.fields())
    kinds = {each["parameter_name"]: each["python_type"]["type"] for each in create["parameters"]}
    assert kinds["style"] == "Literal['calm', 'still', 'lively']"
    assert kinds["consent"] == "Literal['', 'me', 'permission', 'fictional']"
    assert "'sadtalker'" in kinds["head"] and kinds["voice"] == "str"


def test_client_gets_the_files(served: Served, tmp_path: Path) -> None:
    from pipeline.video import probe

    client = Client(served.address, verbose=False, download_files=tmp_path)
    video, captions, motion = client.predict(
        photo=handle_file(HOPPER.path), text="Hi.", captions="srt", pace=0.5, face=0, size=128,
        api_name="/create",
    )  # fmt: skip
    assert Path(video).name.startswith("hopper-hi-")
    info = probe(video)
    assert info.has_sound and info.duration > 0.4
    assert "Hi." in Path(captions).read_text()
    assert Path(motion).read_text().startswith("time,")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"consent": ""}, "Set consent to me, permission or fictional"),
        ({"text": " "}, "nothing to say"),
        ({"voice": "jo"}, "joe"),
        ({"photo": None}, "Send the file as photo or video"),
        ({"pace": 3}, "from 0.5 to 2"),
        ({"head": "footage"}, "takes a video, not a photo"),
        ({"head": "sadtalker", "head_options": [1]}, "names with values"),
    ],
)
def test_client_gets_the_sentence(client: Client, tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    photo = tmp_path / "grace.jpg"
    photo.write_bytes(HOPPER.path.read_bytes() + said.encode())
    given = {"photo": handle_file(photo), "text": "Hi.", "consent": "me", **wrong}
    with pytest.raises(AppError, match=said) as raised:
        client.predict(**given, api_name="/create")
    assert "Traceback" not in str(raised.value)


def test_space_has_what_it_names() -> None:
    tomllib = pytest.importorskip("tomllib", reason="the standard library reads TOML from Python 3.11 on")
    space = tomllib.loads((ROOT / "Spacefile").read_text())
    header = (ROOT / "README.md").read_text().split("---")[1]
    for key, named in (("title", "title"), ("sdk_version", "sdk_version"), ("app_file", "app")):
        assert f"{key}: {space[named]}" in header
    assert all((ROOT / path).exists() for path in space["include"])
    packages = (ROOT / "packages.txt").read_text().split()
    assert {"libegl1", "libgles2"} <= set(packages)  # MediaPipe's library is linked against them
