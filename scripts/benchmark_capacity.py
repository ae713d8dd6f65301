"""What calls cost, in computing and in space: `python scripts/benchmark.py capacity`.

    python scripts/benchmark.py capacity [--asr MODEL] [--calls 2000]

The sample calls are analysed once by one thread, with models that are loaded already, and
the processor's own time is counted, so that other programs that run change it little.

Then all that is kept of them is kept again and again, as that of other recordings, in an
SQLite file and, where Debian's package is installed, in PostgreSQL. Figures are for an hour
of calls with a channel for both parties. The sample calls have as much talk in them as real
ones but are short, so that what is kept once for each call weighs more than in earnest.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import postgresql
from sqlalchemy import text

from callmon.audio.decode import decode
from callmon.audio.listening import write_copy
from callmon.audio.peaks import write_peaks
from callmon.call import Analysis, Redacted
from callmon.commands.jobs import load_engines
from callmon.jobs.steps import Engines, Plan, Steps
from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.samples import samples
from callmon.settings import load_settings
from callmon.store.calls import analyses, recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from callmon.store.work import runs, steps

AT = datetime(2026, 11, 22, tzinfo=UTC)
AT_ONCE = 100

CODECS = {
    "WAV, 16 bit, 8 kHz": ("wav", "pcm_s16le", 8000, None),
    "WAV, mu-law, 8 kHz": ("wav", "pcm_mulaw", 8000, None),
    "FLAC, 8 kHz": ("flac", "flac", 8000, None),
    "MP3, 64 kbit/s": ("mp3", "libmp3lame", 16000, 64_000),
    "Opus, 48 kbit/s": ("ogg", "libopus", 16000, 48_000),
}
"""Container, codec, samples per second and bits per second of both channels together."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--asr", default="demo", help="speech model (default: demo)")
    parser.add_argument("--calls", type=int, default=2000, help="kept (default: 2000)")


def run(options: argparse.Namespace) -> None:
    settings = load_settings(asr=options.asr, language="en", threads=1)
    engines = load_engines(settings)
    calls = list(two_channels())
    analysed(calls[0], engines, options.asr)  # loads the models
    began = time.process_time()
    kept = [analysed(path, engines, options.asr) for path in calls]
    cpu = time.process_time() - began
    hours = sum(each.seconds for each in kept) / 3600
    print(f"{len(kept)} sample calls, {60 * hours:.1f} minutes, speech model {options.asr}")
    print(f"{cpu / hours / 60:.2f} seconds of one core for a minute of call,")
    print(f"{3600 / (5 * cpu / hours / 60):.0f} calls of five minutes per core and hour\n")

    print("| of an hour of calls, two channels | MB |\n| --- | ---: |")
    for name in CODECS:
        size = sum(len(encoded(each.path, name)) for each in kept)
        print(f"| recording, {name} | {size / hours / 1e6:.1f} |")
    for name, size in made(kept).items():
        print(f"| {name} | {size / hours / 1e6:.2f} |")

    print("\n| database | kB per call | MB per hour of calls | GB per million calls |")
    print("| --- | ---: | ---: | ---: |")
    for name, size, tables in databases(kept, options.calls):
        held = sum(kept[n % len(kept)].seconds for n in range(options.calls)) / 3600
        each = size / options.calls
        print(f"| {name} | {each / 1e3:.1f} | {size / held / 1e6:.2f} | {each / 1e3:.1f} |")
        for table, bytes_ in tables.items():
            print(f"|   of it `{table}` | {bytes_ / options.calls / 1e3:.1f} | | |")


@dataclass(frozen=True)
class Kept:
    """All that is kept of a call."""

    path: Path
    seconds: float
    steps: dict[str, bytes]
    analysis: Analysis
    redacted: Redacted


def two_channels() -> Iterator[Path]:
    for sample in samples():
        with decode(sample.recording) as audio:
            if audio.channels == 2:
                yield sample.recording


def analysed(path: Path, engines: Engines, asr: str) -> Kept:
    """A call, analysed as a worker does."""
    shelf = Shelf()
    made = Steps(
        _stored(path),
        sound=lambda: nullcontext(path),
        engines=engines,
        plan=Plan(
            asr=asr,
            diarizer="clustering",
            language="en",
            max_seconds=3600.0,
            agent_channel=None,
            direction=None,
            role_confidence=0.85,
        ),
        shelf=shelf,
    )
    try:
        analysis = made.analysis
        seconds = made.heard.duration
    finally:
        made.close()
    return Kept(path, seconds, shelf.documents, analysis, redact_call(analysis))


class Shelf:
    """Keeps what the steps find."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}

    def kept(self, _step: str, _fingerprint: str) -> bytes | None:
        return None

    def keep(self, step: str, _fingerprint: str, document: bytes) -> None:
        self.documents[step] = document


def encoded(path: Path, name: str) -> bytes:
    """The call in another form."""
    import av

    container, codec, rate, bits = CODECS[name]
    target = io.BytesIO()
    with av.open(str(path)) as source, av.open(target, "w", format=container) as written:
        stream: Any = written.add_stream(codec, rate=rate, layout="stereo")
        if bits is not None:
            stream.bit_rate = bits
        resampler = av.AudioResampler(
            format=stream.codec_context.format or "s16", layout="stereo", rate=rate
        )
        for frame in source.decode(audio=0):
            for fitting in resampler.resample(frame):
                written.mux(stream.encode(fitting))
        for fitting in resampler.resample(None):
            written.mux(stream.encode(fitting))
        written.mux(stream.encode(None))
    return target.getvalue()


def made(kept: list[Kept]) -> dict[str, int]:
    """Bytes of what is made of the calls beside them."""
    sizes = {"copy for browsers, MP3": 0, "outline of the sound": 0}
    for each in kept:
        with decode(each.path) as audio:
            for name, write in zip(sizes, (write_copy, write_peaks), strict=True):
                target = io.BytesIO()
                write(audio, target)
                sizes[name] += len(target.getvalue())
    return sizes


def databases(
    kept: list[Kept], calls: int
) -> Iterator[tuple[str, float, dict[str, float]]]:
    """Name, bytes of so many calls, and those of the largest tables with their indexes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "callmon.db"
        with Database.open(f"sqlite:///{path}") as database:
            empty = path.stat().st_size
            fill(database, kept, calls)
        yield "SQLite", path.stat().st_size - empty, {}
    if not postgresql.BINARIES:
        return
    with postgresql.running_server() as server:
        url = server.create()
        name = url.rpartition("/")[2]
        size = "SELECT pg_database_size(%s)"
        with Database.open(url) as database:
            empty = server.ask(size, name)
            fill(database, kept, calls)
            with database.reading() as connection:
                largest = connection.execute(
                    text(
                        "SELECT relname, pg_total_relation_size(relid)"
                        " FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 8"
                    )
                )
                tables = {row[0]: float(row[1]) for row in largest}
            yield "PostgreSQL", server.ask(size, name) - empty, tables


def fill(database: Database, kept: list[Kept], calls: int) -> None:
    """Keeps so many calls."""
    for first in range(0, calls, AT_ONCE):
        with database.writing() as connection:
            for number in range(first, min(first + AT_ONCE, calls)):
                call = kept[number % len(kept)]
                at = AT + timedelta(minutes=number)
                digest = sha256(str(number).encode()).hexdigest()
                recording, _ = recordings.add(
                    connection,
                    sha256=digest,
                    name=f"{number}.wav",
                    size=4_000_000,
                    media=f"{digest[:2]}/{digest}",
                    metadata=Metadata(agent=f"agent {number % 97}", team="billing"),
                    received=at,
                    priority=1,
                )
                run = runs.request(
                    connection, recording.id, priority=1, reason="upload", at=at
                )
                runs.begin(connection, recording.id, run, worker="w/1", at=at)
                for step, document in call.steps.items():
                    steps.keep(connection, recording.id, step, digest, document, at=at)
                runs.finish(connection, recording.id, run, worker="w/1", at=at)
                analyses.save(
                    connection,
                    recording.id,
                    run,
                    call.analysis,
                    redacted=call.redacted,
                    at=at,
                )


def _stored(path: Path) -> StoredRecording:
    digest = sha256(path.read_bytes()).hexdigest()
    return StoredRecording(
        id=digest[:16],
        sha256=digest,
        name=path.name,
        size=path.stat().st_size,
        media=f"{digest[:2]}/{digest}",
        received=AT,
        state="analysing",
        stage=None,
        progress=0.0,
        attempts=1,
        run=1,
        error=None,
        priority=1,
        duration=None,
        channels=None,
        metadata=Metadata(),
        warnings=(),
        source=None,
        analysis=None,
        queued_at=None,
        started_at=None,
        finished_at=None,
    )
