"""Watches the training: word error rate greedily decoded on half the judging sentences."""

from __future__ import annotations

import pickle
from pathlib import Path

import jiwer
import numpy as np
import torch
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import Tokenizer
from transformers import WhisperForConditionalGeneration

from train_demo_asr.model import decode, encode
from train_demo_asr.text_world import normalise
from train_demo_asr.tokenizer import END, NO_TIMES, START

MOST_TOKENS = 60
PADDED_SHARE = 5  # every fifth sentence is decoded padded to 30 s too, which takes long
EXAMPLES = 3


class Watch:
    """The sentences to watch by, as spectra."""

    def __init__(self, work: Path, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.end = tokenizer.token_to_id(END)
        self.prompt = [tokenizer.token_to_id(START), tokenizer.token_to_id(NO_TIMES)]
        extract = FeatureExtractor()
        self.sets: dict[str, list[tuple[str, np.ndarray]]] = {}
        for name in ("held", "hand"):
            items = pickle.loads((work / f"{name}.pickle").read_bytes())  # noqa: S301
            self.sets[name] = [
                (normalise(item["text"]), extract(item["samples"], padding=0))
                for item in items[::2]
            ]

    @torch.no_grad()
    def greedy(
        self,
        model: WhisperForConditionalGeneration,
        spectra: list[np.ndarray],
        *,
        pad_to: int,
    ) -> list[str]:
        """Normalised texts of spectra of shape (80, frames)."""
        frames = max(pad_to, *(spectrum.shape[1] for spectrum in spectra))
        batch = np.zeros((len(spectra), 80, frames + frames % 2), np.float32)
        for row, spectrum in enumerate(spectra):
            batch[row, :, : spectrum.shape[1]] = spectrum
        heard = encode(model, torch.from_numpy(batch))
        tokens = torch.tensor([self.prompt] * len(spectra))
        done = torch.zeros(len(spectra), dtype=torch.bool)
        while not done.all() and tokens.shape[1] < MOST_TOKENS:
            states, _ = decode(model, tokens, heard)
            scores = states[:, -1] @ model.model.decoder.embed_tokens.weight.T
            scores[:, self.end + 1 :] = -1e9
            following = torch.where(done, self.end, scores.argmax(-1))
            tokens = torch.cat([tokens, following[:, None]], 1)
            done |= following == self.end
        texts = ([t for t in row.tolist() if t < self.end] for row in tokens)
        return [normalise(self.tokenizer.decode(text)) for text in texts]

    def report(self, model: WhisperForConditionalGeneration) -> str:
        """Word error rates, short and padded to 30 s, with some examples."""
        lines = []
        for name, items in self.sets.items():
            texts, spectra = [text for text, _ in items], [s for _, s in items]
            short = self.greedy(model, spectra, pad_to=0)
            padded = self.greedy(model, spectra[::PADDED_SHARE], pad_to=3000)
            lines.append(
                f"{name} {jiwer.wer(texts, short):.3f}, "
                f"padded {jiwer.wer(texts[::PADDED_SHARE], padded):.3f}"
            )
            pairs = list(zip(texts, short, strict=True))[:: len(texts) // EXAMPLES]
            lines += [f"    {wanted} -> {said}" for wanted, said in pairs]
        return "\n".join(lines)
