"""Turn a checkpoint into the folder that faster-whisper reads: CTranslate2, int8.

python -m train_demo_asr.convert WORK/model.pt --out models/demo-asr
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import torch
from ctranslate2.converters import TransformersConverter
from faster_whisper.tokenizer import Tokenizer as WhisperTokenizer
from tokenizers import Tokenizer
from transformers import (
    GenerationConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

from train_demo_asr.model import ALIGNMENT_HEADS, Size, build
from train_demo_asr.tokenizer import END, NO_TIMES, SPACE, START, load_tokenizer

CHUNK_SECONDS = 5
SOFTENING = 0.3


@torch.no_grad()
def soften_alignment(model: WhisperForConditionalGeneration) -> None:
    """Make the guided heads of the last decoder layer look less sharply.

    Their training leaves weights of exactly zero far from the word. CTranslate2 divides by
    the spread of the weights at each place, and with a spread of zero all word times become
    one. On the judging sentences the softening changed no word error rate.
    """
    attention = model.model.decoder.layers[-1].encoder_attn
    for head in ALIGNMENT_HEADS:
        rows = slice(head * attention.head_dim, (head + 1) * attention.head_dim)
        attention.q_proj.weight[rows] *= SOFTENING
        attention.q_proj.bias[rows] *= SOFTENING


def generation_config(
    model: WhisperForConditionalGeneration, tokenizer: Tokenizer
) -> GenerationConfig:
    """What is suppressed while decoding, and which heads give the word times."""
    end, names = tokenizer.token_to_id(END), WhisperTokenizer(tokenizer, False)
    never = {
        names.transcribe,
        names.translate,
        names.sot,
        names.sot_prev,
        names.sot_lm,
        names.no_speech,
    }
    config = GenerationConfig(
        decoder_start_token_id=tokenizer.token_to_id(START),
        eos_token_id=end,
        bos_token_id=end,
        pad_token_id=end,
        max_length=448,
        begin_suppress_tokens=[tokenizer.token_to_id(SPACE), end],
        no_timestamps_token_id=tokenizer.token_to_id(NO_TIMES),
        is_multilingual=False,
        return_timestamps=True,
    )
    config.suppress_tokens = sorted({*names.non_speech_tokens, *never})
    config.alignment_heads = [
        [model.config.decoder_layers - 1, head] for head in ALIGNMENT_HEADS
    ]
    return config


def write_transformers_folder(
    folder: Path, model: WhisperForConditionalGeneration, tokenizer: Tokenizer
) -> None:
    """The converter reads a Transformers folder, and needs the tokenizer's files beside the
    weights.
    """
    model.generation_config = generation_config(model, tokenizer)
    model.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80, chunk_length=CHUNK_SECONDS).save_pretrained(
        folder
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    state = json.loads(tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(state["vocab"]))
    merges = [" ".join(pair) for pair in state["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]))
    roles = dict.fromkeys(("unk_token", "bos_token", "eos_token", "pad_token"), END)
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {"tokenizer_class": "WhisperTokenizer", "model_max_length": 448, **roles}
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "checkpoint",
        type=Path,
        help="a checkpoint of train.py; tokenizer.json lies beside it",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = load_tokenizer(options.checkpoint.with_name("tokenizer.json"))
    state = torch.load(options.checkpoint)
    model = build(Size(**state["size"]), tokenizer)
    model.load_state_dict(state["weights"])
    soften_alignment(model)
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as converted,
    ):
        write_transformers_folder(Path(folder), model, tokenizer)
        converter = TransformersConverter(
            folder, copy_files=["tokenizer.json", "preprocessor_config.json"]
        )
        converter.convert(converted, quantization="int8", force=True)
        options.out.mkdir(parents=True, exist_ok=True)
        for path in Path(
            converted
        ).iterdir():  # one by one, so that a model card in the folder stays
            (options.out / path.name).write_bytes(path.read_bytes())
    for path in sorted(options.out.iterdir()):
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
