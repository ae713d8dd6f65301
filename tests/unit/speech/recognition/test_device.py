"""The device that was asked for is the device that is used, or it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmon.errors import BadSettings
from callmon.speech.recognition.device import (
    MOST_THREADS,
    Device,
    find_device,
    threads_to_take,
    usable_cores,
)


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 2)


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 0)


@pytest.mark.usefixtures("gpus")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("cpu", Device("cpu")),
        ("auto", Device("cuda", 0)),
        ("cuda", Device("cuda", 0)),
        ("cuda:1", Device("cuda", 1)),
    ],
)
def test_what_is_wanted_is_found(wanted: str, found: Device) -> None:
    assert find_device(wanted) == found


@pytest.mark.usefixtures("no_gpu")
def test_auto_takes_the_processor_where_there_is_no_gpu() -> None:
    assert find_device("auto") == Device("cpu")


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("wanted", ["cuda", "cuda:0"])
def test_cuda_that_is_not_there_is_refused(wanted: str) -> None:
    with pytest.raises(BadSettings, match=f"{wanted} is asked for, but no NVIDIA GPU"):
        find_device(wanted)


@pytest.mark.usefixtures("gpus")
def test_a_gpu_beyond_the_last_is_refused() -> None:
    with pytest.raises(BadSettings, match=r"cuda:2 .* the last GPU here is cuda:1"):
        find_device("cuda:2")


@pytest.mark.parametrize(
    "wanted", ["tpu", "cuda:", "cuda:-1", "cuda:x", "cpu:1", "", "CPU"]
)
def test_an_unknown_device_is_refused(wanted: str) -> None:
    with pytest.raises(BadSettings, match="is unknown; use auto, cpu, cuda"):
        find_device(wanted)


@pytest.mark.parametrize(
    ("supported", "chosen"),
    [
        ({"float32", "float16", "int8_float16"}, "float16"),
        ({"float32", "int8_float16"}, "int8_float16"),
        ({"float32", "int8_float32", "int8"}, "int8_float32"),
        ({"bfloat16"}, "default"),
    ],
)
def test_a_gpu_computes_in_the_best_numbers_it_has(
    monkeypatch: pytest.MonkeyPatch, supported: set[str], chosen: str
) -> None:
    monkeypatch.setattr(
        "ctranslate2.get_supported_compute_types", lambda _kind, _index: supported
    )
    assert Device("cuda").compute_type == chosen


def test_a_processor_computes_in_int8() -> None:
    assert Device("cpu").compute_type == "int8"


def test_a_gpu_takes_larger_batches_than_a_processor() -> None:
    assert Device("cuda").batch > Device("cpu").batch


def test_threads_are_those_asked_for_else_the_cores_up_to_a_limit() -> None:
    assert threads_to_take(3, cores=64) == 3
    assert threads_to_take(0, cores=2) == 2
    assert threads_to_take(0, cores=64) == MOST_THREADS


def test_a_containers_share_of_the_machine_is_respected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(64)), raising=False)
    quota = tmp_path / "cpu.max"
    cores = []
    for told in ("250000 100000", "50000 100000", "max 100000", "nonsense"):
        quota.write_text(told)
        cores.append(usable_cores(quota))
    assert cores == [2, 1, 64, 64]
    assert usable_cores(tmp_path / "nowhere") == 64
