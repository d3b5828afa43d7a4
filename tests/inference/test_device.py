"""Devices: the choice, placement, models that stay or are evicted."""

from __future__ import annotations

import threading
import warnings

import pytest
import torch

from pipeline.errors import MemoryShortageError, StudioError
from pipeline.inference import device
from pipeline.inference.minibatches import in_batches

CPU = torch.device("cpu")


def test_the_environment_overrides_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(device.DEVICE, "cpu")
    assert device.pick() == CPU
    for missing in ("cuda:99", "abacus", "cpu:"):
        monkeypatch.setenv(device.DEVICE, missing)
        with pytest.raises(StudioError, match=f"{missing}, but .*cpu"):
            device.pick()


def test_the_best_device_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(device.DEVICE, raising=False)
    expected = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert device.pick().type == expected


def small_network() -> torch.nn.Module:
    """All kinds of convolution that the engines have, and a linear layer."""
    return torch.nn.ModuleList(
        [
            torch.nn.Conv1d(4, 4, 3),
            torch.nn.Conv2d(3, 4, 3),
            torch.nn.ConvTranspose2d(4, 4, 3),
            torch.nn.Conv3d(4, 8, 3),
            torch.nn.Linear(8, 8),
        ]
    )


def test_cuda_gets_half_precision_and_channels_last() -> None:
    placement = device.Placement.choose(torch.device("cuda"), half=True)
    assert placement.dtype == torch.float16 and placement.channels_last
    exact = device.Placement.choose(torch.device("cuda"), half=False)
    assert exact.dtype is None and not exact.channels_last
    assert device.Placement.choose(CPU, half=True) == device.Placement(CPU)


def test_networks_are_compiled_only_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(device.COMPILE, "1")
    assert device.Placement.choose(torch.device("cuda"), half=False).compiled
    assert not device.Placement.choose(CPU, half=False).compiled


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_network_with_3d_convolutions_is_converted(dtype: torch.dtype) -> None:
    placement = device.Placement(CPU, dtype=dtype, channels_last=True)
    network = placement.apply(small_network())
    assert all(weight.dtype == dtype for weight in network.parameters())
    one, two, transposed, three, _ = network
    assert two.weight.is_contiguous(memory_format=torch.channels_last)
    assert transposed.weight.is_contiguous(memory_format=torch.channels_last)
    assert three.weight.is_contiguous() and one.weight.is_contiguous()
    with torch.inference_mode():
        assert two(torch.ones(1, 3, 8, 8, dtype=dtype)).is_contiguous(memory_format=torch.channels_last)
        assert three(torch.ones(1, 4, 3, 8, 8, dtype=dtype)).shape == (1, 8, 1, 6, 6)


def test_the_layout_does_not_change_the_result() -> None:
    plain, image = torch.nn.Conv2d(3, 4, 3), torch.rand(2, 3, 16, 16)
    wanted = plain(image).detach()
    converted = device.Placement(CPU, channels_last=True).apply(plain)
    torch.testing.assert_close(converted(image), wanted)


def test_placed_networks_are_ready_for_inference() -> None:
    network = device.place(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Dropout()), CPU, half=True)
    assert not network.training
    assert not any(weight.requires_grad for weight in network.parameters())
    assert next(network.parameters()).dtype == torch.float32


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_half_precision_is_for_cuda() -> None:
    network = device.place(torch.nn.Conv2d(3, 4, 3), torch.device("cuda"), half=True)
    assert network.weight.dtype == torch.float16
    assert network.weight.is_contiguous(memory_format=torch.channels_last)


def test_two_jobs_that_want_two_engines_take_turns() -> None:
    """Each engine fills the card: the other one is loaded again and again, and nobody waits for ever."""
    held: list[object] = []
    cache = device.ModelCache[list[int]](lambda: 10 - 10 * len(cache._models))
    finished: list[str] = []

    def job(key: str) -> None:
        for _ in range(5):
            held.append(cache.get(key, lambda: [len(held)], size=10))
        finished.append(key)

    jobs = [threading.Thread(target=job, args=(key,), daemon=True) for key in "ab"]
    for each in jobs:
        each.start()
    for each in jobs:
        each.join(timeout=120)
    assert sorted(finished) == ["a", "b"] and len(held) == 10 and len(cache._models) == 1


def test_a_job_that_runs_out_of_memory_may_evict_what_another_one_is_about_to() -> None:
    def free() -> int:
        cache.clear()  # as that job does meanwhile
        return 0

    cache = device.ModelCache[list[int]](lambda: 1)
    cache.get("idle", lambda: [0], size=1)
    cache._free = free
    assert cache.get("wanted", lambda: [1], size=1) == [1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("CUDA error: no kernel image is available", "cannot use this graphics card"),
        ("CUDA driver version is insufficient for runtime", "cannot use this graphics card"),
        (
            "CUDA error: all CUDA-capable devices are busy or unavailable",
            "Another program has the graphics card",
        ),
        (
            "CUDA error: an illegal memory access was encountered\nKernel errors might be reported late.",
            r"card failed \(an illegal memory access was encountered\); start the program again",
        ),
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", "memory"),
    ],
)
def test_a_card_that_torch_cannot_use_is_said(words: str, said: str) -> None:
    def broken(*_: object) -> list[int]:
        raise RuntimeError(words)

    for attempt in (
        lambda: list(in_batches(broken, range(4), 4)),
        lambda: cache_of(100)[0].get("a", broken, size=1),
    ):
        with pytest.raises(StudioError, match=f"{said}.* STUDIO_DEVICE=cpu"):
            attempt()


def test_free_memory_is_estimated_without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    def no_proc(*args: object, **kwargs: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(builtins, "open", no_proc)
    assert device.free_bytes(CPU) >= 100 << 20
    monkeypatch.delattr("os.sysconf")
    assert device.free_bytes(CPU) == 4 << 30


def test_batches_are_sized_to_the_free_memory() -> None:
    assert device.free_bytes(CPU) > 100 << 20
    assert device.batch_size(CPU, 1) == 4
    assert device.batch_size(CPU, 1 << 60) == 1
    assert device.batch_size(CPU, 1, most=2) == 2


def cache_of(capacity: int) -> tuple[device.ModelCache[list[int]], list[str]]:
    """A cache in a memory of `capacity` where every model takes 10, and the keys that were loaded."""
    loaded: list[str] = []
    cache: device.ModelCache[list[int]] = device.ModelCache(lambda: capacity - 10 * len(cache._models))
    return cache, loaded


def take(cache: device.ModelCache, loaded: list[str], key: str) -> list[int]:
    return cache.get(key, lambda: loaded.append(key) or [len(loaded)], size=10)


def test_models_stay_while_there_is_room() -> None:
    cache, loaded = cache_of(30)
    first = take(cache, loaded, "a")
    take(cache, loaded, "b")
    assert take(cache, loaded, "a") is first
    assert loaded == ["a", "b"]


def test_the_least_recently_used_is_evicted_first() -> None:
    cache, loaded = cache_of(20)
    for key in "abacab":
        take(cache, loaded, key)
    assert loaded == ["a", "b", "c", "b"]


def test_a_model_larger_than_the_memory_is_still_tried() -> None:
    cache, loaded = cache_of(5)
    take(cache, loaded, "a")
    take(cache, loaded, "b")
    assert list(cache._models) == ["b"]


def test_a_failed_load_leaves_the_cache_usable() -> None:
    cache, loaded = cache_of(30)
    with pytest.raises(StudioError):
        cache.get("a", lambda: (_ for _ in ()).throw(StudioError("no")), size=10)
    assert take(cache, loaded, "a") == [1]


def test_two_jobs_at_once_load_a_model_once() -> None:
    cache, loaded = cache_of(30)
    threads = [threading.Thread(target=take, args=(cache, loaded, "a")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loaded == ["a"]


@pytest.mark.parametrize(
    ("failures", "error", "said"),
    [
        (1, torch.OutOfMemoryError("CUDA out of memory"), ""),
        (2, torch.OutOfMemoryError("CUDA out of memory"), r"2\.5 GB of the device's memory.*=cpu"),
        (2, MemoryError(), r"2\.5 GB of this computer's memory.* or close other programs\.$"),
    ],
)
def test_memory_that_runs_out_while_loading_is_taken_from_other_models(
    failures: int, error: Exception, said: str
) -> None:
    cache, loaded = cache_of(100)
    take(cache, loaded, "a")
    attempts: list[int] = []

    def load() -> list[int]:
        attempts.append(len(cache._models))
        if len(attempts) <= failures:
            raise error
        return [7]

    if failures == 1:
        assert cache.get("b", load, size=10) == [7]
    else:
        with pytest.raises(MemoryShortageError, match=said):
            cache.get("b", load, size=2_500_000_000)
    assert len(attempts) == 2 and attempts[-1] == 0


def test_other_failures_to_load_are_not_hidden() -> None:
    cache, _ = cache_of(100)
    with pytest.raises(RuntimeError, match="shapes"):
        cache.get("a", lambda: torch.ones(2, 3) @ torch.ones(2, 3), size=1)


def test_a_driver_that_is_too_old_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unavailable() -> bool:
        warnings.warn("CUDA initialization: The NVIDIA driver on your system is too old", stacklevel=2)
        return False

    for cached in (device._cuda, device._say_what_runs_instead):
        cached.cache_clear()
    monkeypatch.setattr(torch.cuda, "is_available", unavailable)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.delenv(device.DEVICE, raising=False)
    assert device.pick() == device.pick() == CPU and caplog.text.count("too old") == 1
    monkeypatch.setenv(device.DEVICE, "cuda")
    with pytest.raises(
        StudioError, match="too old for the installed torch; update the driver, or choose cpu"
    ):
        device.pick()
    device._cuda.cache_clear()
