"""JoyVASA's motion generator gives the published network's numbers for the published layout."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from parity import filling
from parity.harness import Fixture
from torch import Tensor

from pipeline.networks import joyvasa, joyvasa_motion

FIXTURE = Fixture("joyvasa_motion_generator")
TOLERANCE = 5e-5


def network(*, constant_position: bool = False) -> joyvasa.MotionGenerator:
    made = joyvasa.MotionGenerator(joyvasa.Settings(), constant_position=constant_position)
    assert {name: tuple(value.shape) for name, value in made.state_dict().items()} == FIXTURE.shapes()
    return filling.fill(made, keep=tuple(FIXTURE.manifest["computed_not_filled"]))


@pytest.mark.parametrize("constant", [False, True])
def test_denoiser_with_both_position_rules(constant: bool) -> None:
    denoiser = network(constant_position=constant).denoising_net
    motion, audio, before, audio_before = (
        FIXTURE.tensor(name) for name in ("motion", "audio_feat", "prev_motion", "prev_audio")
    )
    step = torch.from_numpy(FIXTURE.input("step"))
    found = denoiser(motion, before, denoiser.condition(audio, audio_before), step)
    FIXTURE.check("denoise_constant_position" if constant else "denoise", found, tolerance=TOLERANCE)


def noise(window: int) -> Iterator[Tensor]:
    def signal(name: str) -> Tensor:
        return torch.from_numpy(filling.signal(name, (1, 100, 73), -1.7320508, 1.7320508))

    yield signal("joyvasa.noise.T")
    yield from (signal(f"joyvasa.noise{window}.{step}") for step in range(50, 1, -1))


def test_two_windows() -> None:
    torch.set_num_threads(1)  # a hundred small steps: a second thread costs more than it brings
    made = network()
    first, second = FIXTURE.tensor("window1"), FIXTURE.tensor("window2")
    states = list(made.denoise(first, made.initial_history(), noise(1)))
    for step in (49, 25, 1):
        # The recorded state "t" is the one that step t produces from t+1.
        FIXTURE.check(f"window1_t{step}", states[49 - step], tolerance=5e-4)
    FIXTURE.check("window1", states[-1], tolerance=5e-4)
    history = joyvasa.History(states[-1][:, -10:], first[:, -10:])
    *_, last = made.denoise(second, history, noise(2))
    FIXTURE.check("window2", last, tolerance=5e-4)


def test_schedule() -> None:
    with torch.device("cpu"):  # where the product computes it, on whatever device it is used
        schedule = joyvasa.Schedule(50)
    for name in ("betas", "alphas", "alpha_bars", "sigmas_inflex"):
        FIXTURE.check(f"schedule_{name}", getattr(schedule, name), tolerance=1e-5)
    one, none = torch.ones(1), torch.zeros(1)
    weights = torch.stack([schedule.step(step, one, none, none)[0] for step in range(1, 51)])
    FIXTURE.check("schedule_first_step", weights, tolerance=1e-5)


@pytest.mark.parametrize("case", FIXTURE.manifest["window_table"], ids=lambda case: str(case["samples"]))
def test_windows(case: dict[str, int]) -> None:
    made = joyvasa.MotionGenerator(joyvasa.Settings())
    windows = made.windows(torch.ones(case["after_padding"]))
    assert len(windows) == case["windows"]
    assert windows.sum() == min(case["after_padding"], windows.numel())


def test_audio_features() -> None:
    encoder = FIXTURE.shapes("tensors_reduced_audio_encoder")
    state = filling.state_dict(encoder)
    hubert = joyvasa.infer_hubert_config(state)
    assert {k: getattr(hubert, k) for k in ("hidden_size", "intermediate_size", "num_hidden_layers")} == {
        "hidden_size": 768, "intermediate_size": 256, "num_hidden_layers": 2
    }  # fmt: skip
    made = joyvasa.MotionGenerator(joyvasa.Settings(), hubert)
    filling.fill(made, keep=tuple(FIXTURE.manifest["computed_not_filled"]))
    made.load_state_dict(state, strict=False)
    samples = FIXTURE.tensor("audio")
    padded = joyvasa.pad_for_hubert(samples)
    assert padded.shape == (1, 64080)
    FIXTURE.check("padded_audio_edges", torch.cat([padded[:, :200], padded[:, -200:]], dim=1), tolerance=0)
    FIXTURE.check("audio_feature", made.encode_audio(samples), tolerance=TOLERANCE)


def test_published_audio_encoder_is_recognised() -> None:
    shapes = FIXTURE.shapes("tensors_published_audio_encoder")
    hubert = joyvasa.infer_hubert_config(
        {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}
    )
    with torch.device("meta"):
        made = joyvasa.MotionGenerator(joyvasa.Settings(), hubert)
    ours = {k: tuple(v.shape) for k, v in made.state_dict().items() if k.startswith("audio_encoder.")}
    assert ours == shapes


def template() -> dict[str, Tensor]:
    rules = FIXTURE.manifest["inputs"]
    made = {}
    for name in ("mean_exp", "std_exp"):
        rule = rules[f"template {name}"]
        made[name] = torch.from_numpy(filling.signal(rule["signal"], (63,), rule["low"], rule["high"]))
    bounds = {"scale": (1, 1.6), "t": (-0.1, 0.1), "pitch": (-20, 20), "yaw": (-20, 20), "roll": (-20, 20)}
    for name, (low, high) in bounds.items():
        size, middle = (3 if name == "t" else 1,), (low + high) / 2
        for end, start, stop in (("min", low, middle), ("max", middle, high)):
            signal = filling.signal(f"joyvasa.{end}_{name}", size, start, stop)
            made[f"{end}_{name}"] = torch.from_numpy(signal)
    return made


def test_motion_in_liveportrait_units() -> None:
    vectors = torch.from_numpy(FIXTURE.golden["window1"])[0, :12]
    performance = joyvasa_motion.decode(vectors, template())
    for name in ("exp", "scale", "t", "pitch", "yaw", "roll"):
        FIXTURE.check(f"motion_{name}", getattr(performance, name), tolerance=1e-4)
    FIXTURE.check("motion_R", performance.pose().rotation, tolerance=1e-5)
    smoothed = joyvasa_motion.smooth(performance, 0.01)
    FIXTURE.check("smoothed_scale", smoothed.scale, tolerance=1e-5)
    FIXTURE.check("smoothed_t", smoothed.t, tolerance=1e-5)
    FIXTURE.check("smoothed_R", smoothed.pose().rotation, tolerance=1e-5)


def test_smoothing_continues_across_parts() -> None:
    vectors = torch.from_numpy(FIXTURE.golden["window1"])[0, :12]
    whole = joyvasa_motion.decode(vectors, template())
    first = joyvasa_motion.smooth(whole.at(slice(0, 5)), 0.2)
    rest = joyvasa_motion.smooth(whole.at(slice(5, 12)), 0.2, before=first.at(slice(4, 5)))
    torch.testing.assert_close(torch.cat([first.yaw, rest.yaw]), joyvasa_motion.smooth(whole, 0.2).yaw)


def test_resampling_between_frames() -> None:
    vectors = torch.from_numpy(FIXTURE.golden["window1"])[0, :12]
    whole = joyvasa_motion.decode(vectors, template())
    halves = joyvasa_motion.resample(whole, torch.arange(24) / 2)
    assert torch.equal(halves.exp[::2], whole.exp)
    torch.testing.assert_close(halves.yaw[1], (whole.yaw[0] + whole.yaw[1]) / 2)
    assert torch.equal(halves.exp[-1], whole.exp[-1])
