"""A byte-level BPE tokenizer in Whisper's layout: text, then the special tokens, then 1501
time tokens.
"""

from __future__ import annotations

import json
import string
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

END = "<|endoftext|>"
START = "<|startoftranscript|>"
NO_SPEECH = "<|nospeech|>"
NO_TIMES = "<|notimestamps|>"
FIRST_TIME = "<|0.00|>"
# Text ids must lie below <|endoftext|>, and <|notimestamps|> directly before <|0.00|>:
# faster-whisper counts on both.
SPECIAL = [
    END,
    START,
    "<|en|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    NO_SPEECH,
    NO_TIMES,
]
TIMES = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
SPACE = "\u0120"  # how byte-level BPE writes a space


def train_tokenizer(texts: list[str], *, text_tokens: int) -> Tokenizer:
    """Learn about `text_tokens` pieces from `texts` and add the special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=text_tokens,
        initial_alphabet=alphabet,
        special_tokens=[],
        show_progress=False,
    )
    tokenizer.train_from_iterator((" " + text for text in texts), trainer)
    tokenizer = _never_a_bare_space(tokenizer)
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in SPECIAL]
    )
    tokenizer.add_tokens(
        [AddedToken(token, special=False, normalized=False) for token in TIMES]
    )
    return tokenizer


def _never_a_bare_space(tokenizer: Tokenizer) -> Tokenizer:
    """Add a merge of the space with every character.

    faster-whisper suppresses the first token of " -", " '" and a note sign. In a small
    vocabulary that is the bare space, and then every word that begins with it could not be
    said.
    """
    state = json.loads(tokenizer.to_str())
    vocabulary, merges = state["model"]["vocab"], state["model"]["merges"]
    for character in ["-", "'", "\u00e2", *string.ascii_letters, *".,?!", *string.digits]:
        if SPACE + character not in vocabulary:
            vocabulary[SPACE + character] = len(vocabulary)
            merges.append([SPACE, character])
    return Tokenizer.from_str(json.dumps(state))


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of an earlier `train_tokenizer`."""
    return Tokenizer.from_file(str(path))
