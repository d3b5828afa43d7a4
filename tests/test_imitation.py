"""The voice of a recording: who may imitate it, with which voice, and what the files say."""

from pathlib import Path
from typing import Any

import numpy as np
import pocketvoice
import pytest

from pipeline import batch, engines, hub, trust
from pipeline.errors import AudioError, ConsentError, OptionError
from pipeline.imitation import scene_consent
from pipeline.plan import check_choices
from pipeline.review.sample import require_sample
from pipeline.spec import Scene, split
from pipeline.speech import speak
from pipeline.speech.audio.wav import write_wav
from pipeline.types import RATE, Speech, join
from pipeline.voiceover import say

WORDS = (
    "Good morning, everyone. Today we look at how the new system works, and why it matters to all of us. "
    "Let us begin with the first part."
)


@pytest.fixture(scope="module")
def spoken() -> dict[str, np.ndarray]:
    return {name: join(speak(WORDS, voice=name)).samples for name in ("joe", "hibari:heart")}


@pytest.fixture(scope="module")
def sample(spoken: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "me.wav"
    write_wav(path, Speech(spoken["joe"]))
    return path


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tiny files of Pocket TTS, placed by hand."""
    weights, reader = pocketvoice.write(tmp_path)
    for checkpoint in engines.voice("pocket:en").checkpoints:
        target = tmp_path / "models" / checkpoint.repo / checkpoint.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((weights if target.suffix == ".safetensors" else reader).read_bytes())
    monkeypatch.setenv(hub.FOLDER, str(tmp_path / "models"))


def test_a_good_recording_passes_and_each_bad_one_is_refused(
    spoken: dict[str, np.ndarray], sample: Path, tmp_path: Path
) -> None:
    assert len(require_sample(sample)) == 64
    seconds = RATE * 5
    noise = np.random.default_rng(0).normal(0, 0.1, 2 * seconds).astype(np.float32)
    bad = {
        "only": spoken["joe"][: 2 * RATE],
        "silent": np.zeros(seconds, np.float32),
        "no speech": noise,
        "clipped": np.clip(8 * spoken["joe"], -0.5, 0.5),
        "Several people": np.concatenate([spoken["joe"], spoken["hibari:heart"]]),
    }
    for said, samples in bad.items():
        path = tmp_path / f"{said}.wav"
        write_wav(path, Speech(samples))
        with pytest.raises(AudioError, match=f"(?i){said}") as caught:
            require_sample(path)
        assert caught.value.parameter == "voice_from"


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"voice": "pocket:en"}, "voice_from"),
        ({"voice": "joe", "voice_from": "me.wav"}, "voice"),
        ({"voice": "pocket:en", "voice_from": "me.wav", "audio": "talk.wav"}, "voice_from"),
    ],
)
def test_choices_that_do_not_go_together(given: dict[str, Any], parameter: str) -> None:
    scene, output = split({"subject": "me.jpg", "text": "Hello.", "path": "talk.mp4", **given})
    with pytest.raises(OptionError) as caught:
        check_choices(scene, output)
    assert caught.value.parameter == parameter


def test_nobody_is_imitated_without_consent(sample: Path, files: None, tmp_path: Path) -> None:
    line = tmp_path / "line.wav"
    memory: trust.Memory = {}
    trust.consent_for(sample, "me", memory=memory)  # for a face in it, not for the voice
    with pytest.raises(ConsentError, match=r"imitate the voice in me\.wav") as caught:
        say("Hello.", line, voice="pocket:en", voice_from=sample, memory=memory)
    assert caught.value.parameter == "voice_consent" and not line.exists()
    given: dict[str, Any] = {"voice": "pocket:en", "voice_from": sample, "memory": memory}
    say("Hello.", line, voice_consent="permission", **given)
    made = line.read_bytes()
    assert b"imitates a recording" in made and require_sample(sample).encode() in made
    say("Hello.", line, overwrite=True, **given)  # asked once per recording
    assert line.read_bytes() == made
    assert int.from_bytes(made[4:8], "little") == len(made) - 8


def test_a_video_says_that_its_voice_imitates(sample: Path, tmp_path: Path) -> None:
    from pipeline.samples import SAMPLES

    scene = Scene(
        subject=SAMPLES[0].path, text="Hello.", voice="pocket:en", voice_from=sample, voice_consent="me"
    )
    consent = scene_consent(scene, memory={})
    said = trust.metadata(consent, head="puppet", lips="puppet", voice="pocket:en", seed=0)
    assert said["voice_cloned"] == "true" and said["voice_consent"] == "me"
    assert said["voice_recording_sha256"] == require_sample(sample)
    other = trust.metadata(consent, head="puppet", lips="puppet", voice="joe", seed=0)
    assert "voice_cloned" not in other


def test_the_dry_run_of_a_batch_asks_for_the_voice_too(
    sample: Path, files: None, astronaut: Path, tmp_path: Path
) -> None:
    talk, table = tmp_path / "talk.yaml", tmp_path / "jobs.csv"
    presenter = f"subject: {astronaut}, consent: fictional, voice: 'pocket:en', voice_from: {sample}"
    line = "scenes: [{lines: [{presenter: anna, text: 'Hello {name}.'}]}]\n"
    table.write_text("name,output\nBo,bo.mp4\n", encoding="utf-8")
    talk.write_text(f"presenters: {{anna: {{{presenter}}}}}\n{line}", encoding="utf-8")
    (problem,) = batch.plan(table, tmp_path / "out", template=talk).problems
    assert "imitate the voice in me.wav" in str(problem) and problem.row == 2
    talk.write_text(f"presenters: {{anna: {{{presenter}, voice_consent: me}}}}\n{line}", encoding="utf-8")
    assert batch.plan(table, tmp_path / "out", template=talk).problems == ()
