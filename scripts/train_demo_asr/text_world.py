"""The sentences of the demo model's small world: hand-written ones, templates with slots,
and a grammar of clauses.

The world is built from the words and the kinds of sentence of the sample calls. The
sentences of the sample calls themselves, and the judging sentences, never appear in it, so
that both stay a fair test.
"""

from __future__ import annotations

import random
import re
import tomllib
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent.parent / "callmon" / "samples"
MAX_CHARACTERS = 110  # about seven seconds of speech
SHARES = {"hand": 0.24, "template": 0.42, "clause": 0.2, "salad": 0.14}


def normalise(text: str) -> str:
    """Lower case, only letters, apostrophes and single spaces: the form in which sentences
    and words are compared.
    """
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def split_sentences(text: str) -> list[str]:
    """Cut after a full stop, question mark or exclamation mark."""
    return [part for part in re.split(r"(?<=[.?!])\s+", text.strip()) if part]


def read_lines(name: str) -> list[str]:
    """The lines of a text file beside this module."""
    return (HERE / name).read_text(encoding="utf-8").split("\n")[:-1]


@cache
def read_world() -> dict:
    """Slots, templates and clauses (world.toml)."""
    return tomllib.loads((HERE / "world.toml").read_text(encoding="utf-8"))


def sample_turns(folder: Path = SAMPLES) -> list[str]:
    """The text of every turn of the sample calls."""
    dialogues = (
        tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.toml"))
    )
    return [turn["text"] for dialogue in dialogues for turn in dialogue["turns"]]


def reserved_sentences(folder: Path = SAMPLES) -> set[str]:
    """Normalised sentences that training must not hold: sample calls (whole turns and
    single sentences), judging set.
    """
    texts = sample_turns(folder)
    texts += [sentence for turn in texts for sentence in split_sentences(turn)]
    return {normalise(text) for text in [*texts, *read_lines("judging.txt")]}


def leaked_sentences(sentences: list[str], reserved: set[str]) -> list[str]:
    """Training sentences that equal a reserved one, as a whole or in one of their parts."""
    return [text for text in sentences if is_reserved(text, reserved)]


def is_reserved(text: str, reserved: set[str]) -> bool:
    """Whether `text` or one of its sentences equals a reserved sentence."""
    return any(normalise(part) in reserved for part in [text, *split_sentences(text)])


def fill(template: str, draw: random.Random) -> str:
    """Put a random filling into every {slot}; fillings may hold slots themselves."""
    slots = read_world()["slots"]
    while "{" in template:
        template = re.sub(
            r"\{(\w+)\}", lambda slot: draw.choice(slots[slot.group(1)]), template
        )
    return template


def capital(text: str) -> str:
    """The first letter as a capital, spaces tidied."""
    text = re.sub(r"\s+", " ", text).strip()
    return text[:1].upper() + text[1:]


def from_template(draw: random.Random) -> str:
    """A sentence of one of the kinds that the sample calls hold."""
    kinds = read_world()["templates"]
    kind = draw.choices(list(kinds), [4 if name == "short" else 7 for name in kinds])[0]
    return capital(fill(draw.choice(kinds[kind]), draw))


def clause(draw: random.Random) -> str:
    """Subject, verb, object and a tail; the sense does not matter, the company of the words
    does.
    """
    parts = read_world()["clauses"]
    subject, tail, item = (
        draw.choice(parts[name]) for name in ("subject", "tail", "object")
    )
    if draw.random() < 0.5:
        verb = draw.choice(parts["past_verb"])
    else:
        verb = draw.choice(parts["modal"]) + " " + draw.choice(parts["base_verb"])
    return fill(f"{subject} {verb} {item} {tail}", draw)


def from_clauses(draw: random.Random) -> str:
    """One clause or two, sometimes opened with a word of talk."""
    parts = read_world()["clauses"]
    text = clause(draw)
    chance = draw.random()
    if chance < 0.3:
        text = f"{text}{draw.choice([',', ''])} {draw.choice(parts['link'])} {clause(draw)}"
    elif chance < 0.65:
        text = f"{fill(draw.choice(parts['opener']), draw)}{draw.choice([',', ''])} {text}"
    return capital(text) + draw.choice(["."] * 5 + ["?", "!"])


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word of the world as it is written inside a sentence."""
    world, draw = read_world(), random.Random(1)
    slots = [text for fillings in world["slots"].values() for text in fillings]
    texts = [
        fill(t, draw)
        for kind in [*world["templates"].values(), *world["clauses"].values()]
        for t in kind
    ]
    names = {
        word
        for key in ("first", "last", "company", "weekday", "month", "street")
        for word in " ".join(world["slots"][key]).split()
    }
    words = {
        w
        for text in [*slots, *texts, *read_lines("sentences.txt")]
        for w in re.findall(r"[A-Za-z']+", fill(text, draw))
    }
    written = {
        w if w in names or w == "I" or w.startswith("I'") else w[:1].lower() + w[1:]
        for w in words
    }
    return tuple(sorted(written))


def salad(draw: random.Random) -> str:
    """Random words, or pieces of different sentences in a row: here only the sound tells
    what was said.
    """
    if draw.random() < 0.45:
        return capital(" ".join(draw.choices(vocabulary(), k=draw.randint(3, 8)))) + "."
    pieces = []
    for _ in range(draw.randint(2, 3)):
        words = re.findall(
            r"[A-Za-z']+", draw.choice([from_template, from_clauses, from_hand])(draw)
        )
        first = draw.randrange(len(words))
        pieces += [
            w if i or w[0] == "I" or w in vocabulary() else w.lower()
            for i, w in enumerate(words[first : first + draw.randint(2, 5)])
        ]
    return capital(" ".join(pieces)) + "."


def from_hand(draw: random.Random) -> str:
    """A hand-written sentence with names, days and numbers changed for others."""
    text = draw.choice(read_lines("sentences.txt"))
    for slot in ("first", "last", "weekday", "month", "street", "small", "ten", "ordinal"):
        fillings = read_world()["slots"][slot]
        pattern = r"\b(" + "|".join(map(re.escape, fillings)) + r")\b"
        if draw.random() < 0.7:
            text = re.sub(pattern, lambda _, fillings=fillings: draw.choice(fillings), text)
    return capital(text)


def sentence(draw: random.Random) -> str:
    """One training text: mostly one sentence, sometimes two of the short ones in a row as
    turns have them.
    """
    makers = {
        "hand": from_hand,
        "template": from_template,
        "clause": from_clauses,
        "salad": salad,
    }
    text = makers[draw.choices(list(SHARES), list(SHARES.values()))[0]](draw)
    if len(text) < 45 and draw.random() < 0.35:
        text = f"{text} {draw.choice([from_template, from_template, from_hand])(draw)}"
    return text


def make_texts(count: int, *, seed: int, samples: Path = SAMPLES) -> list[str]:
    """`count` different training texts without any reserved sentence; the hand-written ones
    come first.
    """
    draw = random.Random(seed)
    reserved = reserved_sentences(samples)
    texts = {
        text: None
        for text in read_lines("sentences.txt")
        if not is_reserved(text, reserved)
    }
    while len(texts) < count:
        text = sentence(draw)
        if (
            len(text) <= MAX_CHARACTERS
            and len(text.split()) > 1
            and not is_reserved(text, reserved)
        ):
            texts[text] = None
    return list(texts)


def hand_texts(count: int, *, seed: int, samples: Path = SAMPLES) -> list[str]:
    """`count` different hand-written texts with names, days and numbers changed."""
    draw = random.Random(seed)
    reserved = reserved_sentences(samples)
    texts: dict[str, None] = {}
    while len(texts) < count:
        text = from_hand(draw)
        if draw.random() < 0.25:
            text = f"{text} {from_hand(draw)}"
        if len(text) <= MAX_CHARACTERS and not is_reserved(text, reserved):
            texts[text] = None
    return list(texts)


def held_out_texts(count: int, *, training: list[str], seed: int) -> list[str]:
    """Generated sentences that are not in `training`: new fillings of known kinds (no word
    salad).
    """
    draw = random.Random(seed)
    known = {normalise(text) for text in training} | reserved_sentences()
    texts: dict[str, None] = {}
    while len(texts) < count:
        text = draw.choice([from_template, from_template, from_clauses, from_hand])(draw)
        if (
            len(text.split()) > 3
            and len(text) <= MAX_CHARACTERS
            and normalise(text) not in known
        ):
            texts[text] = None
    return list(texts)
