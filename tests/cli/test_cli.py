"""The shell: what it prints, its exit codes, and one sentence for each bad input."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sounds import write_wav

from pipeline import __version__
from pipeline.cli import main
from pipeline.cli.shell import read_text
from pipeline.motion import read_motion
from pipeline.options import fields
from pipeline.spec import Output, Scene

ROOT = Path(__file__).parents[2]


def shell(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command."""
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_render_prints_the_path_last(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path
) -> None:
    output = tmp_path / "clip.mp4"
    code, out, _ = shell(
        capsys, "render", astronaut, "--text", "Hi.", "--size", 128, "--consent", "me", "-o", output
    )
    assert code == 0
    assert out.splitlines()[-1] == str(output)
    assert output.stat().st_size > 1000


def test_review_names_the_layers_and_draws(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path
) -> None:
    video, picture = tmp_path / "clip.mp4", tmp_path / "review.png"
    shell(capsys, "render", astronaut, "--text", "Bob bought a big map.", "--size", 160, "-o", video)
    code, out, err = shell(capsys, "review", video, "--picture", picture)
    assert code == 0
    assert "Lips" in err and "Head" in err
    assert out.strip() == str(picture) and Image.open(picture).size[0] > 300
    code, _, err = shell(capsys, "review", video, "--picture", picture)
    assert_one_sentence(code, err)
    assert f"{picture} already exists" in err and "--overwrite" in err
    code, _, err = shell(capsys, "review", video, "--picture", video, "--overwrite")
    assert_one_sentence(code, err)
    assert "would replace the video" in err and video.stat().st_size > 1000


def test_motion_writes_a_file_that_reads_back(
    capsys: pytest.CaptureFixture[str], tone: Path, tmp_path: Path
) -> None:
    for kind in ("csv", "livelink"):
        output = tmp_path / f"{kind}.csv"
        code, out, _ = shell(capsys, "motion", tone, "--format", kind, "-o", output)
        assert (code, out.strip()) == (0, str(output))
        assert len(read_motion(output)) == pytest.approx(25, abs=1)


def test_tables_name_licences(capsys: pytest.CaptureFixture[str]) -> None:
    assert "CC0" in shell(capsys, "voices")[1]
    assert "Apache-2.0" in shell(capsys, "engines")[1]


def test_runs_as_a_module() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pipeline",
            "render",
            "nobody.jpg",
            "--text",
            "Hi.",
            "--consent",
            "me",
            "-o",
            "x.mp4",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nobody.jpg" in done.stderr
    assert "Traceback" not in done.stderr


def blank(folder: Path) -> Path:
    Image.fromarray(np.full((400, 400, 3), 128, np.uint8)).save(folder / "blank.png")
    return folder / "blank.png"


def not_an_image(folder: Path) -> Path:
    (folder / "notes.jpg").write_text("dear diary")
    return folder / "notes.jpg"


def truncated(folder: Path) -> Path:
    whole = (ROOT / "assets" / "portraits" / "astronaut.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(whole[: len(whole) // 3])
    return folder / "half.jpg"


def tiny_face(folder: Path) -> Path:
    Image.open(ROOT / "assets" / "portraits" / "astronaut.jpg").resize((110, 110)).save(folder / "tiny.png")
    return folder / "tiny.png"


def bomb(folder: Path) -> Path:
    """A PNG whose header promises 2,500 megapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return folder / "bomb.png"


@pytest.mark.parametrize("photo", [blank, not_an_image, truncated, tiny_face, bomb])
def test_bad_photos_get_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path, photo) -> None:
    output = tmp_path / "clip.mp4"
    code, _, err = shell(capsys, "render", photo(tmp_path), "--text", "Hi.", "--consent", "me", "-o", output)
    assert_one_sentence(code, err)
    assert not output.exists()


@pytest.mark.parametrize("kind", ["I;16", "RGBA", "rotated"])
def test_unusual_photos_work(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path, kind: str
) -> None:
    image = Image.open(astronaut).resize((384, 384))
    path = tmp_path / ("photo.tif" if kind == "I;16" else "photo.png")
    if kind == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif kind == "rotated":
        image = image.rotate(90)
    else:
        image = image.convert(kind)
    image.save(path)
    output = tmp_path / "clip.mp4"
    code, _, err = shell(
        capsys, "render", path, "--text", "Hi.", "--size", 128, "--consent", "me", "-o", output
    )
    assert code == 0, err


def empty_sound(folder: Path) -> Path:
    (folder / "empty.wav").write_bytes(b"")
    return folder / "empty.wav"


def silent_sound(folder: Path) -> Path:
    return write_wav(folder / "silent.wav", np.zeros(32_000))


def short_sound(folder: Path) -> Path:
    return write_wav(folder / "short.wav", np.sin(np.arange(800)))


def endless_sound(folder: Path) -> Path:
    return write_wav(folder / "long.wav", np.full(7200 * 100, 0.1), rate=100)


def no_sound(folder: Path) -> Path:
    from pipeline.video import Writer

    with Writer(folder / "mute.mp4", size=(64, 64), fps=25) as writer:
        for _ in range(5):
            writer.write(np.zeros((64, 64, 3), np.uint8))
    return folder / "mute.mp4"


@pytest.mark.parametrize("sound", [empty_sound, silent_sound, short_sound, endless_sound, no_sound])
def test_bad_sounds_get_one_sentence(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path, sound
) -> None:
    output = tmp_path / "clip.mp4"
    code, _, err = shell(
        capsys,
        "render",
        astronaut,
        "--audio",
        sound(tmp_path),
        "--size",
        128,
        "--consent",
        "me",
        "-o",
        output,
    )
    assert_one_sentence(code, err)
    assert sound is not endless_sound or "longer than 10 minutes" in err
    assert not output.exists()


@pytest.mark.parametrize("text", ["", "  ", "🙂🎉", "word " * 20_000, "今天天气很好，我们去公园吧。"])
def test_bad_texts_get_one_sentence(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path, text: str
) -> None:
    output = tmp_path / "clip.mp4"
    code, _, err = shell(
        capsys, "render", astronaut, "--text", text, "--size", 128, "--consent", "me", "-o", output
    )
    assert_one_sentence(code, err)
    assert not output.exists()


def test_an_output_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path
) -> None:
    code, _, err = shell(
        capsys,
        "render",
        astronaut,
        "--text",
        "Hi.",
        "--consent",
        "me",
        "-o",
        tmp_path / "no" / "such" / "a.mp4",
    )
    assert_one_sentence(code, err)


def assert_one_sentence(code: int, err: str) -> None:
    lines = [line for line in err.splitlines() if line.strip()]
    assert code == 2
    assert len(lines) == 1, err
    assert lines[0].rstrip().endswith((".", "?"))


def test_every_field_of_the_spec_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = shell(capsys, "render", "--help")
    out = " ".join(out.split())
    assert code == 0
    special = {"subject": "PHOTO", "path": "--output", "mark": "--no-mark"}
    for field in [*fields(Scene), *fields(Output)]:
        name = field.name.removesuffix("s") if field.kind == "options" else field.name
        assert special.get(field.name, f"--{name.replace('_', '-')} ") in out
        assert f"{field.group}:" in out
    assert "[default: calm]" in out and "[still|calm|lively]" in out and "0.5..2" in out
    assert "Examples:" in out and "talking-head render photo.jpg" in out


def test_version_and_an_unknown_flag(capsys: pytest.CaptureFixture[str]) -> None:
    assert __version__ in shell(capsys, "--version")[1]
    code, _, err = shell(capsys, "render", "photo.jpg", "--txt", "Hi.", "-o", "x.mp4")
    assert_one_sentence(code, err)
    assert "--text" in err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--text", "Hi."), "--consent"),
        (("--text", "Hi.", "--consent", "me", "--style", "clam"), "did you mean 'calm'"),
        (("--text", "Hi.", "--consent", "me", "--pace", "fast"), "0.5 to 2"),
        (("--text", "Hi.", "--consent", "me", "--head-option", "size"), "NAME=VALUE"),
        (("--text", "Hi.", "--text-file", "words.txt"), "not both"),
        (("--text-file", "nowhere.txt"), "nowhere.txt"),
        (("--audio", "nowhere.wav", "--captions", "srt"), "nowhere.wav"),
        (("--text", "Hi.", "--motion-in", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_a_refusal_says_what_to_type(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path, arguments: tuple[str, ...], hint: str
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(astronaut.read_bytes() + b"\0")
    code, _, err = shell(capsys, "render", photo, *arguments, "-o", tmp_path / "clip.mp4")
    assert_one_sentence(code, err)
    assert hint in err
    assert not (tmp_path / "clip.mp4").exists()


def test_a_file_in_the_way_is_replaced_only_when_asked(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"precious")
    render = ("render", astronaut, "--text", "Hi.", "--size", 128, "-o", clip)
    code, _, err = shell(capsys, *render)
    assert_one_sentence(code, err)
    assert "--overwrite" in err and clip.read_bytes() == b"precious"
    assert shell(capsys, *render, "--overwrite")[0] == 0
    assert clip.stat().st_size > 1000


def test_say_and_transcribe(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wav, times, words = tmp_path / "line.wav", tmp_path / "times.json", tmp_path / "words.txt"
    line = ("say", "Good morning, everybody.", "--voice", "hibari:heart", "--pace", "1.1", "--times", times)
    assert shell(capsys, *line, "-o", wav)[:2] == (0, f"{times}\n{wav}\n")
    assert times.stat().st_size > 100
    assert shell(capsys, "transcribe", wav, "-o", words)[:2] == (0, f"{words}\n")
    code, out, _ = shell(capsys, "transcribe", wav, "--language", "en")
    assert (code, out) == (0, words.read_text(encoding="utf-8")) == (0, "Good morning, everybody.\n")


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "Guten Morgen zusammen, hier sind die Zahlen.",
            "The text seems to be in German, but the voice speaks English. "
            "Say it with --voice kokoro:if_sara-de.\n",
        ),
        ("Hi!", ""),
    ],
)
def test_a_text_in_another_language_than_the_voice_is_told_before_it_is_spoken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, notes: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr("pipeline.voiceover.say", lambda *_, **__: told.append(capsys.readouterr().err))
    wav = tmp_path / "line.wav"
    assert shell(capsys, "say", text, "-o", wav) == (0, f"{wav}\n", "")
    assert told == [notes]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("say", "-o", "line.wav"), "Give a TEXT"),
        (("say", "Hi.", "-o", "line.mp3"), "line.wav"),
        (("say", "Hi.", "--voice", "jo", "-o", "line.wav"), "'joe'? `talking-head voices` lists all."),
        (("say", "Hi.", "--pace", "9", "-o", "line.wav"), "0.5 to 2"),
        (("transcribe", "nowhere.wav"), "nowhere.wav"),
        (("transcribe", "nowhere.wav", "-o", "words.doc"), "words.srt"),
    ],
)
def test_what_cannot_be_said_or_heard_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: str
) -> None:
    code, _, err = shell(capsys, *arguments)
    assert_one_sentence(code, err)
    assert hint in err


def test_a_text_file_of_another_kind_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(rb"{\rtf1\ansi Hello.}")
    code, _, err = shell(capsys, "say", "--text-file", tmp_path / "words.txt", "-o", tmp_path / "line.wav")
    assert_one_sentence(code, err)
    assert "words.txt is an RTF document" in err


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_an_endless_text_file_ends(capsys: pytest.CaptureFixture[str], tmp_path: Path, device: str) -> None:
    code, _, err = shell(capsys, "say", "--text-file", device, "-o", tmp_path / "line.wav")
    assert (code, "Traceback" in err) == (2, False)
    assert "larger than 2 MB" in err


def test_a_pipe_without_a_writer_is_not_waited_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, _, err = shell(capsys, "say", "--text-file", tmp_path / "pipe", "-o", tmp_path / "line.wav")
    assert code == 2
    assert "Traceback" not in err


def test_the_output_of_another_program_is_read_whole() -> None:
    program = "import time; time.sleep(0.2); print('word ' * 50_000)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        # as a shell gives the output of `<(program)`
        text = read_text(None, Path(f"/dev/fd/{writer.stdout.fileno()}"))
    assert writer.returncode == 0
    assert text is not None
    assert len(text) == 250_001


def test_bytes_that_are_no_text_do_not_stop_a_video(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path
) -> None:
    output = tmp_path / "clip.mp4"
    code, _, err = shell(
        capsys,
        "render",
        astronaut,
        "--text",
        "caf\udce9 now.",
        "--size",
        128,
        "--captions",
        "vtt",
        "-o",
        output,
    )
    assert code == 0, err
    assert "now." in output.with_suffix(".vtt").read_text(encoding="utf-8")


def test_a_fault_of_the_program_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("pipeline.list_voices", broken)
    code, _, err = shell(capsys, "voices")
    assert code == 70
    assert "a fault" in err
    assert "Traceback" not in err


def test_a_setting_of_the_server_that_is_not_possible_is_told_before_the_page_is_drawn(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_API_RATE", "often")
    monkeypatch.setitem(sys.modules, "pipeline.ui", None)  # an import fails
    code, _, err = shell(capsys, "serve")
    assert_one_sentence(code, err)
    assert "STUDIO_API_RATE=often is not possible" in err


def test_captions_never_replace_the_words(
    capsys: pytest.CaptureFixture[str], astronaut: Path, tmp_path: Path
) -> None:
    words = tmp_path / "talk.srt"
    words.write_text("Hi.", encoding="utf-8")
    code, _, err = shell(
        capsys, "render", astronaut, "--text-file", words, "--captions", "srt", "--overwrite",
        "-o", tmp_path / "talk.mp4",
    )  # fmt: skip
    assert (code, words.read_text(encoding="utf-8")) == (2, "Hi.")
    assert "holds the words" in err
