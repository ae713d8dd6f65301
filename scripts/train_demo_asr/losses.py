"""What one step is trained on: the text, and four helps that make a model this small learn
to listen in an hour.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn
from transformers import WhisperForConditionalGeneration

from train_demo_asr.batches import Batch
from train_demo_asr.model import ALIGNMENT_HEADS, decode, encode
from train_demo_asr.synthesise import PHONES
from train_demo_asr.windows import IGNORE

# Encoder positions (20 ms each) around a token's middle where looking costs little.
GUIDE_WIDTH = 5.0


class Helpers(nn.Module):
    """Two linear heads on the encoder that are used in training only."""

    def __init__(self, width: int, text_tokens: int) -> None:
        super().__init__()
        self.phone = nn.Linear(width, len(PHONES))
        self.token = nn.Linear(width, text_tokens)


def step_loss(
    model: WhisperForConditionalGeneration,
    helpers: Helpers,
    batch: Batch,
    *,
    weights: dict[str, float],
    noise: float,
) -> tuple[Tensor, dict[str, float]]:
    """The weighted sum of the losses of one batch, and figures for the log.

    `weights` holds the factors of `phone` (which phone is heard at each place), `guide`
    (cross-attention heads 0 and 1 look where the token is) and `token` (which token is
    heard at its place); text has the factor 1. A share `noise` of the decoder's past is
    replaced by random tokens, otherwise the decoder learns to guess from the text alone.
    """
    text_tokens = helpers.token.out_features
    targets, figures = torch.from_numpy(batch.targets), {}
    heard = encode(model, torch.from_numpy(batch.spectra))
    loss, figures["phones"] = _phone_loss(helpers, heard, torch.from_numpy(batch.phones))
    loss = weights["phone"] * loss
    inputs = torch.from_numpy(batch.inputs)
    wrong = (torch.rand(inputs.shape) < noise) & (inputs < text_tokens)
    inputs = torch.where(wrong, torch.randint(256, text_tokens, inputs.shape), inputs)
    states, looked = decode(model, inputs, heard, weights=weights["guide"] > 0)
    known = targets != IGNORE
    scores = functional.linear(states[known], model.model.decoder.embed_tokens.weight)
    text_loss = functional.cross_entropy(scores, targets[known])
    figures["text"] = text_loss.item()
    figures["right"] = (scores.argmax(1) == targets[known]).float().mean().item()
    loss = loss + text_loss
    if batch.guides:
        index = torch.tensor([guide[:2] for guide in batch.guides])
        places = torch.tensor([guide[2] for guide in batch.guides], dtype=torch.float32)
        if weights["guide"] > 0:
            guide_loss = _guide_loss(looked, index, places)
            figures["guide"] = guide_loss.item()
            loss = loss + weights["guide"] * guide_loss
        if weights["token"] > 0:
            tokens = targets[index[:, 0], index[:, 1]]
            around = (places.round().long()[:, None] + torch.tensor([-2, 0, 2])).clamp(
                0, heard.shape[1] - 1
            )
            guesses = helpers.token(heard[index[:, :1], around]).flatten(0, 1)
            token_loss = functional.cross_entropy(guesses, tokens.repeat_interleave(3))
            figures["token"] = token_loss.item()
            loss = loss + weights["token"] * token_loss
    return loss, figures


def _phone_loss(helpers: Helpers, heard: Tensor, phones: Tensor) -> tuple[Tensor, float]:
    phones = phones[:, : heard.shape[1]]
    known = phones != IGNORE
    scores, wanted = helpers.phone(heard[:, : phones.shape[1]][known]), phones[known]
    spoken = wanted > 0
    right = (
        (scores.argmax(-1)[spoken] == wanted[spoken]).float().mean().item()
        if spoken.any()
        else 1.0
    )
    return functional.cross_entropy(scores, wanted), right


def _guide_loss(looked: list[Tensor | None], index: Tensor, places: Tensor) -> Tensor:
    """How much the alignment heads look elsewhere.

    The first decoder layer looks at where its input token was heard, the later ones at
    where the next one is; so the later ones know from where to go on.
    """
    following = (index[1:, 0] == index[:-1, 0]) & (index[1:, 1] == index[:-1, 1] + 1)
    total = torch.zeros(())
    for number, weights in enumerate(looked):
        at, wanted = (
            (index[1:][following], places[:-1][following])
            if number == 0
            else (index, places)
        )
        rows = weights[
            at[:, 0], ALIGNMENT_HEADS[0] : ALIGNMENT_HEADS[-1] + 1, at[:, 1]
        ].mean(1)
        distance = (torch.arange(rows.shape[1])[None] - wanted[:, None]) / GUIDE_WIDTH
        total = total + (rows * (1 - torch.exp(-0.5 * distance**2))).sum(1).mean()
    return total
