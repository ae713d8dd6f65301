"""The worker beside the API, played by small programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from callmon.commands.worker_process import WorkerProcess

WORKS = """
import signal, sys, time
from pathlib import Path
log = Path(sys.argv[1])
told = []
def end(*_):
    told.append(1)
    log.open("a").write("told\\n")
    if len(told) == int(sys.argv[2]):
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
log.open("a").write("began\\n")
while True:
    time.sleep(0.01)
"""
DIES = "import sys; open(sys.argv[1], 'a').write('began\\n'); sys.exit(3)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.touch()
    return path


def worker(program: str, log: Path, *arguments: str) -> WorkerProcess:
    command = (sys.executable, "-S", "-c", program, str(log), *arguments)
    return WorkerProcess(command, first_wait=0.01)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def test_it_is_told_to_end_once_and_waited_for(log: Path) -> None:
    process = worker(WORKS, log, "1")
    process.start()
    until(lambda: log.read_text() == "began\n")
    process.end()
    process.wait()
    assert log.read_text() == "began\ntold\n"


def test_a_second_signal_is_handed_on_too(log: Path) -> None:
    process = worker(WORKS, log, "2")
    process.start()
    until(lambda: log.read_text() == "began\n")
    process.end()
    until(lambda: "told" in log.read_text())
    process.end()
    process.wait()
    assert log.read_text() == "began\ntold\ntold\n"


def test_one_that_dies_is_started_again(log: Path) -> None:
    process = worker(DIES, log)
    process.start()
    until(lambda: log.read_text().count("began") >= 3)
    process.end()
    process.wait()


def test_one_that_is_waiting_to_start_again_is_not_started(log: Path) -> None:
    command = (sys.executable, "-S", "-c", DIES, str(log))
    process = WorkerProcess(command, first_wait=60.0)
    process.start()
    until(lambda: log.read_text() == "began\n")
    process.end()
    process.wait()
    assert log.read_text() == "began\n"
