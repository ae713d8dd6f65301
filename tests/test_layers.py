"""Who may import whom. The data flows one way, and this test keeps it so."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "callmon"

WORDS = {"call", "errors", "intervals", "plain"}
STAGES = {"audio", "speech", "tone", "empathy", "findings"}

# Left: the module or package directly under callmon. Right: what it may import of ours.
ALLOWED: dict[str, set[str]] = {
    "__init__": set(),
    "agreement": set(),
    "call": set(),
    "errors": set(),
    "intervals": {"call"},
    "plain": set(),
    **dict.fromkeys(STAGES, WORDS),
    "redaction": {"call", "intervals"},
    "opinion": {"call", "errors", "redaction"},
    "metadata": {"call", "errors"},
    "store": {"call", "errors", "metadata"},
    "jobs": WORDS
    | STAGES
    | {"tracing", "metadata", "redaction", "steps", "pipeline", "store"},
    "intake": {"store", "jobs", "metadata", "call", "errors"},
    "review": {
        "call",
        "errors",
        "intervals",
        "metadata",
        "store",
        "intake",
        "jobs",
        "redaction",
        "agreement",
        "tracing",
        "report",
        # The page on how calls are judged is the written guide; no call is judged by it.
        "guide",
        "speech",
    },
    "judgement": WORDS | {"empathy", "findings"},
    "steps": WORDS | STAGES | {"judgement", "samples"},
    "pipeline": WORDS | STAGES | {"steps"},
    "report": WORDS,
    # Fills a store as intake, workers and users of the API would, by the same functions.
    "demo": {
        "audio",
        "call",
        "empathy",
        "errors",
        "jobs",
        "metadata",
        "redaction",
        "review",
        "samples",
        "store",
    },
    "guide": WORDS | {"empathy", "findings", "report"},
    "tracing": set(),
    "parsers": set(),
    "settings": {"errors"},
    "weights": {"call", "errors"},
    "schema": {"call"},
    "samples": {"call", "errors"},
    "doctor": {"call", "errors", "settings", "speech", "weights", "store", "jobs"},
}
EDGES = {"cli", "commands", "__main__"}

HEAVY = {
    "torch",
    "torchaudio",
    "pyannote",
    "faster_whisper",
    "ctranslate2",
    "librosa",
    "onnxruntime",
    "sklearn",
    "scipy",
    "numpy",
    "av",
    "huggingface_hub",
}

FILES = sorted(path for path in PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes: list[ast.AST] = list(tree.body) if top_level_only else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_follow_the_way_of_the_data(path: Path) -> None:
    name = unit(path)
    if name in EDGES:
        return
    assert name in ALLOWED, f"callmon.{name} has no entry: say what it may import"
    ours = {i.split(".")[1] for i in imports(path) if i.startswith("callmon.")}
    forbidden = ours - ALLOWED[name] - {name, "__version__"}
    assert not forbidden, f"{path.name} imports {sorted(forbidden)}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    heavy = {i.split(".")[0] for i in imports(path, top_level_only=True)} & HEAVY
    assert not heavy, f"{path.name} imports {sorted(heavy)} when it is loaded"


def test_the_api_knows_of_jobs_and_stages_only_what_loads_no_engine() -> None:
    ours = {i for path in FILES if unit(path) == "review" for i in imports(path)}
    known = {i for i in ours if i.startswith(("callmon.jobs.", "callmon.speech."))}
    light = (
        "callmon.jobs.queue.",
        "callmon.jobs.erase.",
        "callmon.jobs.progress.",
        "callmon.speech.transcripts.exports.",
    )
    assert all(i.startswith(light) for i in known), known


def test_the_api_process_loads_no_model_library() -> None:
    program = (
        "import sys, callmon.commands.serve;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & HEAVY
