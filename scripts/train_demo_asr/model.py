"""The model: Whisper's own network, very small, started so that it can learn where to look
within an hour on two cores.

All of it are legal Whisper weights; only the starting values are special:
- Forty dimensions of every encoder position hold a time code (sines and cosines), and no
  layer writes over it.
- Every self-attention head starts by looking at a fixed distance, as a stack of
  convolutions would.
- The cross-attention heads 0 and 1 carry the time code of the place they look at into the
  decoder's time dimensions, and the time tokens start with the same code, so "where was the
  last word heard" is known to the next step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import WhisperConfig, WhisperForConditionalGeneration

from train_demo_asr.tokenizer import END, FIRST_TIME, START

# Frequencies that tell neighbouring positions apart; normally spread, so that a match is
# one clean bump.
LOCAL = 16
TIME_DIMENSIONS = 40  # 16 local and 4 slow frequencies, sine and cosine
ORDER_DIMENSIONS = 32  # the decoder's position code, in the dimensions after the time code
FREQUENCIES = [
    0.8 * NormalDist().inv_cdf(0.5 + (k + 0.5) / LOCAL / 2) for k in range(LOCAL)
] + [0.013, 0.0065, 0.0033, 0.0018]
ENCODER_OFFSETS = [
    [-3, -2, -1, 1, 2, 3],
    [-6, -4, -2, 2, 4, 6],
    [-9, -5, -2, 2, 5, 9],
    [-12, -6, -2, 2, 6, 12],
]
DECODER_OFFSETS = [0, -1, -2, -3]
ALIGNMENT_HEADS = (0, 1)


@dataclass(frozen=True)
class Size:
    """Numbers of the network."""

    width: int = 192
    heads: int = 6
    encoder_layers: int = 3
    decoder_layers: int = 4


def time_code(positions: Tensor, frequencies: list[float]) -> Tensor:
    """Sine and cosine of every frequency, interleaved: (n, 2 * len(frequencies))."""
    angle = positions[:, None].float() * torch.tensor(frequencies)[None]
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)


def build(size: Size, tokenizer: Tokenizer) -> WhisperForConditionalGeneration:
    """A network with the special starting values that need no data."""
    end = tokenizer.token_to_id(END)
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(),
        num_mel_bins=80,
        d_model=size.width,
        encoder_layers=size.encoder_layers,
        decoder_layers=size.decoder_layers,
        encoder_attention_heads=size.heads,
        decoder_attention_heads=size.heads,
        encoder_ffn_dim=4 * size.width,
        decoder_ffn_dim=4 * size.width,
        max_source_positions=1500,  # faster-whisper always pads to 30 s
        max_target_positions=448,
        dropout=0.0,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=tokenizer.token_to_id(START),
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    model = WhisperForConditionalGeneration(config)
    with torch.no_grad():
        _start_layers(model)
        _start_embeddings(model, tokenizer, size.width)
    model.model.encoder.embed_positions.weight.requires_grad_(False)
    return model


def _start_layers(model: WhisperForConditionalGeneration) -> None:
    for name, layer in model.named_modules():
        if layer is model.proj_out or not isinstance(layer, nn.Linear | nn.Conv1d):
            continue
        if name.startswith("model.encoder.conv"):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        else:
            nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            layer.bias.zero_()
        if name.endswith(("out_proj", "fc2")):
            layer.weight.mul_(0.5)
        if name.endswith(("out_proj", "fc2", "conv2")):
            layer.weight[:TIME_DIMENSIONS] = 0  # nothing writes over the time code


def _start_embeddings(
    model: WhisperForConditionalGeneration, tokenizer: Tokenizer, width: int
) -> None:
    places = model.model.encoder.embed_positions.weight
    places.zero_()
    places[:, :TIME_DIMENSIONS] = time_code(torch.arange(1500), FREQUENCIES)
    tokens = model.model.decoder.embed_tokens.weight
    tokens.normal_(0, 0.06)
    tokens[:, :TIME_DIMENSIONS] *= 0.1
    first = tokenizer.token_to_id(FIRST_TIME)
    tokens[first : first + 1501] *= 0.1
    tokens[first : first + 1501, :TIME_DIMENSIONS] = 0.35 * time_code(
        torch.arange(1501), FREQUENCIES
    )
    pieces = tokenizer.get_vocab()
    for piece, number in pieces.items():  # "The" starts beside "the"
        if piece != piece.lower() and piece.lower() in pieces:
            tokens[number] = tokens[pieces[piece.lower()]] + torch.randn(width) * 0.01
    order = model.model.decoder.embed_positions.weight
    order.zero_()
    order[:, TIME_DIMENSIONS : TIME_DIMENSIONS + ORDER_DIMENSIONS] = 0.3 * time_code(
        torch.arange(448), FREQUENCIES[:LOCAL]
    )


def look_at(
    attention: nn.Module, head: int, offset: int, *, inputs: Tensor, first: int, peak: float
) -> None:
    """Let `head` look `offset` positions away, by the codes in the dimensions from `first`
    on.

    The query holds the code turned by `offset`, the key the plain code; `inputs` are
    normalised sample inputs and give the gain that makes the score at the right place
    `peak` above the average.
    """
    width = attention.head_dim
    rows, codes = slice(head * width, (head + 1) * width), slice(first, first + 2 * LOCAL)
    strength = inputs[..., codes].pow(2).mean().mul(2).item()
    gain = math.sqrt(peak * math.sqrt(width) / (LOCAL * strength))
    query, key = attention.q_proj.weight[rows], attention.k_proj.weight[rows]
    for matrix in (query, key):
        matrix.mul_(0.3)
        matrix[:, codes] = 0
    for k in range(LOCAL):
        cosine, sine = math.cos(FREQUENCIES[k] * offset), math.sin(FREQUENCIES[k] * offset)
        a, b = first + 2 * k, first + 2 * k + 1
        query[2 * k, a], query[2 * k, b] = gain * cosine, gain * sine
        query[2 * k + 1, a], query[2 * k + 1, b] = -gain * sine, gain * cosine
        key[2 * k, a] = key[2 * k + 1, b] = gain


@torch.no_grad()
def aim_heads(
    model: WhisperForConditionalGeneration, spectra: Tensor, tokens: Tensor
) -> None:
    """Set what the heads look at first, with the gains of one batch: spectra (batch, 80,
    frames), tokens (batch, n).
    """
    encoder, decoder, heads = (
        model.model.encoder,
        model.model.decoder,
        model.config.encoder_attention_heads,
    )
    raw = functional.gelu(encoder.conv2(functional.gelu(encoder.conv1(spectra)))).transpose(
        1, 2
    )
    encoder.conv2.weight.mul_(0.7 / raw[..., TIME_DIMENSIONS:].std())
    x = functional.gelu(encoder.conv2(functional.gelu(encoder.conv1(spectra)))).transpose(
        1, 2
    )
    x = x + encoder.embed_positions.weight[: x.shape[1]]
    for number, layer in enumerate(encoder.layers):
        inputs = layer.self_attn_layer_norm(x)
        for head, offset in enumerate(ENCODER_OFFSETS[number]):
            look_at(
                layer.self_attn,
                head,
                offset,
                inputs=inputs,
                first=0,
                peak=12.0 if number < 2 else 9.0,
            )
        x = x + attend(layer.self_attn, inputs, inputs, heads)[0]
        x = x + layer.fc2(functional.gelu(layer.fc1(layer.final_layer_norm(x))))
    heard = encoder.layer_norm(x)
    x = decoder.embed_tokens(tokens) + decoder.embed_positions.weight[: tokens.shape[1]]
    for layer in decoder.layers:
        inputs = layer.self_attn_layer_norm(x)
        for head, offset in enumerate(DECODER_OFFSETS):
            look_at(
                layer.self_attn,
                head,
                offset,
                inputs=inputs,
                first=TIME_DIMENSIONS,
                peak=8.0,
            )
        x = x + attend(layer.self_attn, inputs, inputs, heads, causal=True)[0]
        _carry_time(layer.encoder_attn)
        x = (
            x
            + attend(layer.encoder_attn, layer.encoder_attn_layer_norm(x), heard, heads)[0]
        )
        x = x + layer.fc2(functional.gelu(layer.fc1(layer.final_layer_norm(x))))
    last, width = decoder.layers[-1].self_attn, decoder.layers[-1].self_attn.head_dim
    for k in range(2 * LOCAL):  # head 1 looks at the token before, and hands on its time
        last.v_proj.weight[width + k, k] = 1.0
        last.out_proj.weight[k, width + k] = 0.5


def _carry_time(attention: nn.Module) -> None:
    width = attention.head_dim
    for head in ALIGNMENT_HEADS:
        attention.v_proj.weight[head * width : (head + 1) * width] *= 0.5
        for k in range(width):
            attention.v_proj.weight[head * width + k, k] = 1.0
            attention.out_proj.weight[k, head * width + k] = 0.4


def attend(
    attention: nn.Module,
    x: Tensor,
    source: Tensor,
    heads: int,
    *,
    causal: bool = False,
    weights: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Multi-head attention with the layer's own weights; also the attention weights where
    they are asked for.
    """
    batch, length, width = x.shape
    query, key, value = (
        projection(y).view(batch, y.shape[1], heads, -1).transpose(1, 2)
        for projection, y in (
            (attention.q_proj, x),
            (attention.k_proj, source),
            (attention.v_proj, source),
        )
    )
    looked = None
    if weights:
        looked = torch.softmax(query @ key.transpose(2, 3) / math.sqrt(width // heads), -1)
        mixed = looked @ value
    else:
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
    return attention.out_proj(mixed.transpose(1, 2).reshape(batch, length, width)), looked


def encode(model: WhisperForConditionalGeneration, spectra: Tensor) -> Tensor:
    """(batch, 80, frames) to (batch, frames / 2, width). Transformers' own encoder insists
    on 3000 frames.
    """
    encoder, heads = model.model.encoder, model.config.encoder_attention_heads
    x = functional.gelu(encoder.conv2(functional.gelu(encoder.conv1(spectra)))).transpose(
        1, 2
    )
    x = x + encoder.embed_positions.weight[: x.shape[1]]
    for layer in encoder.layers:
        inputs = layer.self_attn_layer_norm(x)
        x = x + attend(layer.self_attn, inputs, inputs, heads)[0]
        x = x + layer.fc2(functional.gelu(layer.fc1(layer.final_layer_norm(x))))
    return encoder.layer_norm(x)


def decode(
    model: WhisperForConditionalGeneration,
    tokens: Tensor,
    heard: Tensor,
    *,
    weights: bool = False,
) -> tuple[Tensor, list[Tensor | None]]:
    """Decoder states (batch, n, width) and, where asked for, each layer's cross-attention
    (batch, heads, n, places).
    """
    decoder, heads = model.model.decoder, model.config.decoder_attention_heads
    x = decoder.embed_tokens(tokens) + decoder.embed_positions.weight[: tokens.shape[1]]
    looked = []
    for layer in decoder.layers:
        inputs = layer.self_attn_layer_norm(x)
        x = x + attend(layer.self_attn, inputs, inputs, heads, causal=True)[0]
        answer, look = attend(
            layer.encoder_attn,
            layer.encoder_attn_layer_norm(x),
            heard,
            heads,
            weights=weights,
        )
        looked.append(look)
        x = x + answer
        x = x + layer.fc2(functional.gelu(layer.fc1(layer.final_layer_norm(x))))
    return decoder.layer_norm(x), looked
