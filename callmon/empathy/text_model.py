"""The text model: reads every sentence in its context and says what it carries.

A small encoder (MiniLM, Wang et al. 2020) with a head for each label of the coding
scheme, trained on this project's own calls. It knows what words mean together; the
rubric's patterns know what some words are certain to mean. Both speak, and `cues` and
`responses` weigh them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callmon.call import Turn
from callmon.empathy.readings import Reading, readings
from callmon.empathy.sentences import Sentence, sentences
from callmon.errors import MissingModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL, TOKENIZER, ABOUT = "model.onnx", "tokenizer.json", "model.json"

UNFUSED = "SkipLayerNormFusion"
"""Left out of onnxruntime's rewriting of the graph: on a processor the fused operator is
slower than its parts (a tenth of a reading, onnxruntime 1.31)."""

CHOICES = frozenset({"emotion", "strength", "level"})
"""Heads whose columns are one of several; every other column is a yes or no."""


@dataclass(frozen=True)
class Read:
    """A sentence, and how surely it carries each label."""

    reading: Reading
    shares: Mapping[str, float]
    """By column of the model, such as `customer.opportunity`, 0 to 1."""

    def source(self, share: float, rules: Sequence[str]) -> str:
        """The model's word for evidence, and the rules that say the same."""
        return " + ".join([f"model {share:.2f}", *rules])

    def likeliest(self, head: str) -> str:
        """The name of the likeliest of a head's columns."""
        names = [name for name in self.shares if name.startswith(f"{head}.")]
        return max(names, key=lambda name: self.shares[name]).removeprefix(f"{head}.")


def by_turn(reads: Sequence[Read]) -> dict[int, tuple[Read, ...]]:
    """The reads of each turn, in order."""
    found: dict[int, tuple[Read, ...]] = {}
    for read in reads:
        found[read.reading.turn] = (*found.get(read.reading.turn, ()), read)
    return found


def with_reads(
    turn: Turn, reads: Sequence[Read]
) -> tuple[tuple[Sentence, Read | None], ...]:
    """The sentences of a turn with their reads, which are of all of them or of none."""
    if reads:
        return tuple((read.reading.sentence, read) for read in reads)
    return tuple((sentence, None) for sentence in sentences(turn.text, turn=turn.index))


class TextModel:
    """The model of a folder, loaded once; it runs on one thread.

    Sentences are read one by one: an 8-bit sum depends on what it is summed with, and a
    sentence must be judged alike whatever else is in the call.
    """

    def __init__(
        self,
        session: Any,
        tokenizer: Any,
        *,
        columns: Sequence[str],
        name: str,
        language: str,
    ) -> None:
        self.name = name
        self.language = language
        """ISO 639 code of the language that it reads."""
        self._session = session
        self._tokenizer = tokenizer
        self._columns = tuple(columns)

    @classmethod
    def load(cls, folder: Path) -> TextModel:
        """Loads `model.onnx`, `tokenizer.json` and `model.json`.

        Raises MissingModel when they are not there or cannot be used.
        """
        try:
            from onnxruntime import InferenceSession, SessionOptions
            from tokenizers import Tokenizer

            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            options = SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.add_session_config_entry(
                "optimization.disable_specified_optimizers", UNFUSED
            )
            session = InferenceSession(
                str(folder / MODEL), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            tokenizer.no_padding()
            tokenizer.enable_truncation(about["longest"], strategy="only_second")
            return cls(
                session,
                tokenizer,
                columns=about["columns"],
                name=about["version"],
                language=about["language"],
            )
        # Neither engine declares what it raises for a damaged file.
        except Exception as error:
            raise MissingModel(
                f"The text model in {folder} cannot be loaded ({error}). Install callmon"
                " again, or take the folder models/empathy from the same version."
            ) from error

    def read(self, turns: Sequence[Turn]) -> tuple[Read, ...]:
        """Every sentence of the agent's and the customer's turns of substance."""
        return tuple(
            Read(reading=reading, shares=self._shares(reading))
            for reading in readings(turns)
        )

    def _shares(self, reading: Reading) -> dict[str, float]:
        import numpy as np

        code = self._tokenizer.encode(reading.text, reading.context or None)
        feed = {
            "ids": np.array([code.ids], dtype=np.int64),
            "segments": np.array([code.type_ids], dtype=np.int64),
            "mask": np.array([code.attention_mask], dtype=np.int64),
        }
        (logits,) = self._session.run(["logits"], feed)
        return _shares(logits[0], self._columns, party=reading.party)


def _shares(
    logits: NDArray[np.float32], columns: Sequence[str], *, party: str
) -> dict[str, float]:
    """The columns that are about this party, as shares."""
    import numpy as np

    heads = {"customer": ("customer", "emotion", "strength"), "agent": ("agent", "level")}
    shares: dict[str, float] = {}
    for head in heads[party]:
        at = [i for i, name in enumerate(columns) if name.split(".")[0] == head]
        values = logits[at].astype(np.float64)
        if head in CHOICES:
            values = np.exp(values - values.max())
            values /= values.sum()
        else:
            values = 1 / (1 + np.exp(-values))
        shares.update({columns[i]: float(v) for i, v in zip(at, values, strict=True)})
    return shares
