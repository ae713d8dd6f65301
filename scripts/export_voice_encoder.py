"""Turns Resemblyzer's voice encoder into the small ONNX file in models/voices/.

    pip download --no-deps --dest WHEELS resemblyzer==0.1.4
    python scripts/export_voice_encoder.py WHEELS/Resemblyzer-0.1.4-py3-none-any.whl \\
        --data FOLDER

Needs torch and onnx, which the product does not. Resemblyzer itself is not installed: it
would bring webrtcvad, and only its weights are wanted. Run scripts/hash_models.py after.

One thing is added. The directions in which the voiceprints of one person vary most within
a call (mood, above all) are measured on the development half of the made-up calls (see
mix_voices.py), and taken out: nuisance attribute projection (Solomonoff, Campbell and
Boardman 2005).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from mix_voices import acted_mixes

from callmon.intervals import difference
from callmon.speech.diarization.diarize import SURE_WINDOW, windows_over
from callmon.speech.diarization.voiceprints import FRAME, VoiceEncoder, mels

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from onnx import ModelProto

    Weights = Mapping[str, torch.Tensor]

WEIGHTS = "resemblyzer/pretrained.pt"
SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
LAYERS = 3
MELS = 40
SIZE = 256
NUISANCES = 10
"""Directions that are taken out. On the development half (whose own they are), of calls of
two 0.37 % of the speech goes to the wrong voice with 5 of them and 0.05 % with 10."""
LEAST_WINDOWS = 5
"""Of a voice in a call, so that its mean means something."""
LEAST_COSINE = 0.9999
"""Between an embedding of the file and one of the original: rounding to 16 bits may do no
more than this."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="has emotion/emodb.csv")
    models = Path(__file__).resolve().parents[1] / "models"
    parser.add_argument("--out", type=Path, default=models / "voices" / "encoder.onnx")
    options = parser.parse_args()
    weights = read_weights(options.wheel)
    plain = encoder(weights)
    cosines = compare(plain, weights)
    print(
        f"Cosine to the original: {cosines.min():.6f} at least, {cosines.mean():.6f} mean"
    )
    if cosines.min() < LEAST_COSINE:
        raise SystemExit("That is another encoder; the file would be of no use.")
    moods = nuisances(plain, options.data / "emotion")
    options.out.write_bytes(encoder(weights, nuisances=moods).SerializeToString())
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB")


def read_weights(wheel: Path) -> Weights:
    """The weights inside Resemblyzer's wheel."""
    import torch

    data = zipfile.ZipFile(wheel).read(WEIGHTS)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{wheel} holds other weights than those of version 0.1.4.")
    loaded = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    weights: Weights = loaded["model_state"]
    return weights


def nuisances(plain: ModelProto, folder: Path) -> NDArray[np.float32]:
    """The directions in which one person varies most within a call, shape (256, 10)."""
    import onnxruntime

    network = VoiceEncoder(onnxruntime.InferenceSession(plain.SerializeToString()))
    spread = np.zeros((SIZE, SIZE))
    for mix in acted_mixes(folder, "development"):
        for voice in mix.truth:
            others = [
                interval for other in mix.truth if other != voice for interval in other
            ]
            windows = []
            for alone in difference(voice, others):
                sound = mix.sound.read(0, alone.start, alone.end)
                spans = windows_over(len(sound) // FRAME)
                windows += mels(sound, [(f, t) for f, t in spans if t - f >= SURE_WINDOW])
            if len(windows) >= LEAST_WINDOWS:
                points = network.voiceprints(windows)
                off = points - points.mean(axis=0)
                spread += off.T @ off
    # Eigenvalues rise.
    _, directions = np.linalg.eigh(spread)
    chosen: NDArray[np.float32] = directions[:, -NUISANCES:].astype(np.float32)
    return chosen


def encoder(
    weights: Weights, *, nuisances: NDArray[np.float32] | None = None
) -> ModelProto:
    """The network in ONNX: power mels and their lengths in, voiceprints of length 1 out.

    mels (windows, frames, 40), lengths (windows,) -> embeddings (windows, 256), without
    the directions in `nuisances`, (256, directions). The weights are stored in 16 bits and
    computed with in 32: halves the file, and nothing else changes.
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes, stored = [], []

    def weight(name: str, values: NDArray[np.float32]) -> str:
        stored.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_16"))
        nodes.append(helper.make_node("Cast", [f"{name}_16"], [name], to=TensorProto.FLOAT))
        return name

    nodes.append(helper.make_node("Transpose", ["mels"], ["layer0"], perm=[1, 0, 2]))
    for layer in range(LAYERS):
        inputs = _gates(weights[f"lstm.weight_ih_l{layer}"])
        states = _gates(weights[f"lstm.weight_hh_l{layer}"])
        biases = [_gates(weights[f"lstm.bias_{kind}_l{layer}"]) for kind in ("ih", "hh")]
        outputs = f"all{layer}", f"last{layer}"
        nodes.append(
            helper.make_node(
                "LSTM",
                [
                    f"layer{layer}",
                    weight(f"inputs{layer}", inputs[None]),
                    weight(f"states{layer}", states[None]),
                    weight(f"biases{layer}", np.concatenate(biases)[None]),
                    "lengths",
                ],
                outputs,
                hidden_size=SIZE,
            )
        )
        nodes.append(
            helper.make_node("Squeeze", [outputs[0], "one"], [f"layer{layer + 1}"])
        )
    nodes += [
        helper.make_node("Squeeze", [outputs[1], "zero"], ["state"]),
        helper.make_node(
            "Gemm",
            [
                "state",
                weight("linear", weights["linear.weight"].numpy()),
                weight("bias", weights["linear.bias"].numpy()),
            ],
            ["linear_out"],
            transB=1,
        ),
        helper.make_node("Relu", ["linear_out"], ["positive"]),
    ]
    embeddings = "positive"
    if nuisances is not None:
        # Of an orthonormal basis: x - (x N) N'.
        nodes += [
            helper.make_node("MatMul", ["positive", weight("along", nuisances)], ["part"]),
            helper.make_node("MatMul", ["part", weight("back", nuisances.T)], ["nuisance"]),
            helper.make_node("Sub", ["positive", "nuisance"], ["steady"]),
        ]
        embeddings = "steady"
    nodes.append(
        helper.make_node("LpNormalization", [embeddings], ["embeddings"], axis=1, p=2)
    )
    stored += [
        numpy_helper.from_array(np.array([axis], np.int64), name)
        for axis, name in ((0, "zero"), (1, "one"))
    ]
    graph = helper.make_graph(
        nodes,
        "voice encoder",
        [
            helper.make_tensor_value_info(
                "mels", TensorProto.FLOAT, ["windows", "frames", MELS]
            ),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["windows"]),
        ],
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["windows", SIZE])],
        stored,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8
    )
    checker.check_model(model)
    return model


def _gates(tensor: torch.Tensor) -> NDArray[np.float32]:
    """Torch: input, forget, cell, output gate; ONNX: input, output, forget, cell."""
    i, f, c, o = np.split(tensor.numpy(), 4)
    return np.concatenate([i, o, f, c])


def compare(model: ModelProto, weights: Weights) -> NDArray[np.float32]:
    """Cosines between the embeddings of the file and of torch, for made-up mels.

    Two lengths in one batch, levels over 40 decibels as in calls.
    """
    import onnxruntime
    import torch

    random = np.random.default_rng(0)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    lstm = torch.nn.LSTM(MELS, SIZE, LAYERS, batch_first=True)
    lstm.load_state_dict(
        {n.removeprefix("lstm."): w for n, w in weights.items() if n.startswith("lstm.")}
    )
    levels = 10 ** random.uniform(-5, -1, (64, 1, 1))
    mels = (levels * random.gamma(0.5, 2.0, (64, 160, MELS))).astype(np.float32)
    lengths = np.array([160, 90] * 32, np.int32)
    (found,) = session.run(None, {"mels": mels, "lengths": lengths})
    expected = []
    with torch.no_grad():
        for mel, length in zip(mels, lengths, strict=True):
            _, (states, _) = lstm(torch.from_numpy(mel[None, :length]))
            linear = torch.nn.functional.linear(
                states[-1], weights["linear.weight"], weights["linear.bias"]
            )
            embedding = torch.relu(linear)[0]
            expected.append((embedding / embedding.norm()).numpy())
    cosines: NDArray[np.float32] = (found * np.stack(expected)).sum(axis=1)
    return cosines


if __name__ == "__main__":
    main()
