"""Turns a trained network into the files of models/empathy.

python -m scripts.train_empathy.export --start MINILM --model model.pt \\
    --version empathy/4 --out models/empathy
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch

from scripts.train_empathy.batches import LONGEST
from scripts.train_empathy.network import COLUMNS, load_network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True, help="all-MiniLM-L6-v2")
    parser.add_argument(
        "--model", type=Path, required=True, help="model.pt of the training"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--version",
        required=True,
        help="name of the model, such as empathy/4; analyses tell it, so it is never given"
        " to two models",
    )
    options = parser.parse_args()
    network = load_network(options.start)
    network.load_state_dict(torch.load(options.model, weights_only=True))
    network.eval()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        export(network, exact)
        quantize(exact, options.out / "model.onnx")
    shutil.copy(options.start / "tokenizer.json", options.out / "tokenizer.json")
    about = {
        "version": options.version,
        "language": "en",
        "longest": LONGEST,
        "columns": COLUMNS,
    }
    (options.out / "model.json").write_text(json.dumps(about, indent=1) + "\n")


def export(network: torch.nn.Module, file: Path) -> None:
    ids = torch.ones((1, 8), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        network,
        (ids, torch.zeros_like(ids), torch.ones_like(ids)),
        str(file),
        input_names=["ids", "segments", "mask"],
        output_names=["logits"],
        dynamic_axes={"ids": axes, "segments": axes, "mask": axes, "logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )


def quantize(exact: Path, file: Path) -> None:
    """Weights and sums in 8 bits; the heads stay exact."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(exact),
        str(file),
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )


if __name__ == "__main__":
    main()
