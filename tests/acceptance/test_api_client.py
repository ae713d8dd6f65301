"""A client that is generated from the OpenAPI document, at work with the real service.

A program that knows nothing of callmon makes the client, so what it can do is what the
document says, by name and by type. The service has run for a whole recording by then: the
second test looks at what it imported meanwhile.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from callmon.samples import FOLDER
from tests.acceptance.test_serve import Service, serving

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

PACKAGE = "generated_client"
GENERATOR = """\
post_hooks: []
content_type_overrides:
  audio/mpeg: application/octet-stream
"""
# Runs callmon, and writes down at its end what this process, not its worker, had imported.
LAUNCHER = """\
import os, sys
from callmon.cli import main
code = main()
with open(os.environ["MODULES"], "w") as file:
    file.write("\\n".join(sys.modules))
sys.exit(code)
"""
MODEL_LIBRARIES = {
    "av",
    "ctranslate2",
    "faster_whisper",
    "librosa",
    "onnxruntime",
    "pyannote",
    "scipy",
    "sklearn",
    "soundfile",
    "tokenizers",
    "torch",
    "torchaudio",
    "transformers",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("client")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    launcher = folder / "launcher.py"
    launcher.write_text(LAUNCHER)
    settings = {"OMP_NUM_THREADS": "1", "MODULES": str(folder / "modules")}
    with serving(folder, program=[str(launcher)], **settings) as service:
        yield service


@pytest.fixture(scope="module")
def generated(service: Service, folder: Path) -> ModuleType:
    """The client, made from the document that the service gives."""
    document = folder / "openapi.json"
    document.write_text(service.get("/openapi.json").text)
    (folder / "generator.yaml").write_text(GENERATOR)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--fail-on-warning", "--path", document, "--config", "generator.yaml"),
            *("--output-path", folder / PACKAGE),
        ],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    try:
        for area in ("recordings", "findings", "reports", "promises"):
            for module in sorted((folder / PACKAGE / "api" / area).glob("[a-z]*.py")):
                importlib.import_module(f"{PACKAGE}.api.{area}.{module.stem}")
        importlib.import_module(f"{PACKAGE}.models")
        return importlib.import_module(PACKAGE)
    finally:
        sys.path.remove(str(folder))


def test_it_uploads_waits_reviews_and_exports(
    generated: Any, service: Service, folder: Path
) -> None:
    api, models = generated.api, generated.models
    with generated.AuthenticatedClient(
        base_url=service.url, token=service.key, raise_on_unexpected_status=True
    ) as client:
        call = FOLDER / "internet-down.ogg"
        body = models.UploadRecordingBody(
            file=generated.types.File(BytesIO(call.read_bytes()), call.name, "audio/ogg"),
            agent="Ann",
            team="billing",
            direction=models.Direction.INBOUND,
        )
        body.additional_properties = {"brand": "north"}
        recording = api.recordings.upload_recording.sync(
            client=client, body=body, idempotency_key="once"
        )
        assert isinstance(recording, models.RecordingView), recording

        while recording.state not in ("done", "failed"):
            time.sleep(0.3)
            recording = api.recordings.get_recording.sync(recording.id, client=client)
        assert recording.state == "done", recording.error
        assert recording.metadata.labels.additional_properties == {"brand": "north"}
        (listed,) = api.recordings.list_recordings.sync(client=client, agent="Ann").items
        assert listed.id == recording.id

        queue = api.findings.list_findings.sync(client=client, recording_id=recording.id)
        shown = [finding for finding in queue.items if not finding.blind]
        assert shown
        finding = api.findings.get_finding.sync(shown[0].id, client=client)
        assert finding.context
        clip = api.findings.get_finding_clip.sync(finding.id, client=client, before=2.0)
        assert len(clip.payload.read()) > 1000
        given = models.GivenVerdict(
            verdict=models.VerdictOpinion.AGREE, note="So it was.", seconds=12.5
        )
        answer = api.findings.give_verdict.sync(finding.id, client=client, body=given)
        assert answer.finding.state != "open"
        assert answer.verdict.note == "So it was."

        analysis = api.recordings.get_analysis.sync(recording.id, client=client)
        assert len(analysis.turns) > 3
        vtt = api.recordings.get_transcript.sync(
            recording.id, models.TranscriptForm.VTT, client=client
        )
        assert vtt.startswith("WEBVTT")
        assert api.reports.report_teams_csv.sync(client=client).startswith("name,")
        (folder / "recording").write_text(json.dumps([recording.id, finding.id]))


def test_the_process_of_the_api_never_imports_a_model_library(
    service: Service, folder: Path, generated: Any
) -> None:
    recording, finding = json.loads((folder / "recording").read_text())
    ids = {"recording_id": recording, "finding_id": finding, "form": "srt"}
    document = service.get("/openapi.json").json()
    asked = 0
    with httpx2.Client(
        base_url=service.url, headers={"Authorization": f"Bearer {service.key}"}
    ) as client:
        for path, operations in document["paths"].items():
            if "get" not in operations:
                continue
            address = re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "1"), path)
            query = {"start": 1, "end": 3} if path.endswith("recording_id}/clip") else {}
            answer = client.get(address, params=query)
            assert answer.status_code < 500, (path, answer.text)
            asked += answer.status_code == 200
        assert client.patch(
            f"/v1/recordings/{recording}", json={"parties": "swap"}
        ).is_success
        assert client.delete(f"/v1/recordings/{recording}").is_success
    assert asked > 30
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(60)
    imported = set((folder / "modules").read_text().split())
    assert "callmon.review.app" in imported
    assert {name.partition(".")[0] for name in imported} & MODEL_LIBRARIES == set()
