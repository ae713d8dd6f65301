"""Words in one plain form, and the stems of those with content.

Recognised speech often has no punctuation, no capitals and no apostrophes, and people
contract words or do not. All of it is brought to one form: lower case, no punctuation,
contractions written out ("I'm", "im" and "I am" are all "i am"), fillers and stutters
dropped. Every pattern of the rubric and of announced holds is matched against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LONGEST_TOKEN = 40
"""Letters. Longer ones are no words; they are left out of the plain form."""

SHORTEST_STEM = 3
"""Letters. Shorter stems join words that have nothing in common."""

ROOT = 5
"""Letters. "Activate" and "active" are one action, which the stems of words leave apart."""

TOKEN = re.compile(r"[^\W_]+(?:['’`´][^\W_]+)*")
_STOP = re.compile(r"[.!?…;]\s|\n|\s[–—-]\s")

_WHOLE = {
    "im": "i am", "ive": "i have", "dont": "do not", "doesnt": "does not",
    "didnt": "did not", "cant": "can not", "cannot": "can not", "wont": "will not",
    "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not",
    "havent": "have not", "hasnt": "has not", "hadnt": "had not",
    "wouldnt": "would not", "couldnt": "could not", "shouldnt": "should not",
    "youre": "you are", "youve": "you have", "youll": "you will", "theyre": "they are",
    "theyve": "they have", "weve": "we have", "thats": "that is", "whats": "what is",
    "theres": "there is", "its": "it is", "hes": "he is", "shes": "she is",
    "lets": "let us", "heres": "here is", "wheres": "where is", "whos": "who is",
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "gimme": "give me",
    "lemme": "let me", "kinda": "kind of", "ok": "okay", "cos": "because",
    "cuz": "because", "cause": "because", "yall": "you all", "mum": "mom",
    "itll": "it will", "thatll": "that will", "theyll": "they will",
    "alright": "all right", "recognise": "recognize", "apologise": "apologize",
    "apologising": "apologizing", "realise": "realize", "organise": "organize",
    "favourite": "favorite", "sceptical": "skeptical", "programme": "program",
    "ain't": "is not", "aint": "is not", "won't": "will not", "can't": "can not",
    "shan't": "shall not", "let's": "let us", "y'all": "you all", "o'clock": "oclock",
}  # fmt: skip
_CONTRACTED = {
    "'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would",
    "n't": " not",
}  # fmt: skip
_IS = frozenset(
    (
        *("it", "that", "what", "there", "he", "she", "who", "where", "here", "how"),
        *("when", "this", "everything", "something", "nothing", "nobody", "somebody"),
        *("someone", "everyone"),
    )
)
_FILLERS = frozenset(
    ("um", "uh", "er", "erm", "hmm", "mm", "mmm", "ah", "eh", "uhm", "umm", "uhh")
)
_STUTTER = frozenset(
    (
        *("i", "the", "a", "it", "we", "you", "to", "and", "that", "my", "is", "was"),
        *("they", "of", "in", "for"),
    )
)
_INFLECTIONS = ("ings", "ing", "edly", "ed", "es", "ly", "s", "e", "d")


def plain(text: str) -> str:
    """The text in the plain form.

    >>> plain("Let’s see: I'll check."), plain("lets see um ill check, dont I")
    ('let us see i will check', 'let us see ill check do not i')
    """
    return " ".join(word for word, _ in placed_words(text))


def placed_words(
    text: str, first: int = 0, last: int | None = None
) -> Iterator[tuple[str, tuple[int, int]]]:
    """The plain words of `text[first:last]`, each with the place of its token in the text.

    >>> list(placed_words("It's on."))
    [('it', (0, 4)), ('is', (0, 4)), ('on', (5, 7))]
    """
    before, end = "", first
    for match in TOKEN.finditer(text, first, len(text) if last is None else last):
        token = re.sub("[’`´]", "'", match.group().lower())
        if token in _FILLERS or len(token) > LONGEST_TOKEN:
            continue
        for word in _written_out(token).split():
            again = word == before and word in _STUTTER
            if not again or _STOP.search(text, end, match.start()):
                yield word, match.span()
            before, end = word, match.end()


def content(words: Iterable[str], *, common: frozenset[str]) -> frozenset[str]:
    """The stems of the plain words that are neither common nor numbers.

    >>> sorted(content(["waited", "for", "parcels"], common=frozenset({"for"})))
    ['parcel', 'wait']
    """
    return frozenset(stem(word) for word in words if word not in common and word.isalpha())


def roots(text: str, *, common: frozenset[str]) -> frozenset[str]:
    """The first letters of the stems of a text's content: what two tellings share.

    >>> sorted(roots("the bills, delivered", common=frozenset({"the"})))
    ['bill', 'deliv']
    """
    return frozenset(word[:ROOT] for word in content(plain(text).split(), common=common))


def stem(word: str) -> str:
    """The word without its commonest ending.

    >>> stem("charged") == stem("charge") == stem("charging")
    True
    """
    for ending in _INFLECTIONS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def _written_out(token: str) -> str:
    if token in _WHOLE:
        return _WHOLE[token]
    for ending, words in _CONTRACTED.items():
        if token.endswith(ending):
            return token[: -len(ending)] + words
    if token.endswith("'s"):
        base = token[:-2]
        return f"{base} is" if base in _IS else base
    return token.replace("'", "")
