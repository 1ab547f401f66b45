"""Byte-level BPE with GPT-2's word splitting, trained on the prompts and targets, and its encoder.

The same vocabulary goes into the GGUF file (`tokenizer.ggml.model = gpt2`, `pre = gpt-2`); a test compares both encoders.
"""

from __future__ import annotations

import collections
import json
import random
from functools import lru_cache
from pathlib import Path

import regex

SPLIT = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
SLOT = regex.compile(r"<[A-Z][1-8]>")
BOS, EOS, PAD = "<bos>", "<eos>", "<pad>"


@lru_cache(maxsize=1)
def byte_letters() -> dict[int, str]:
    """GPT-2's printable letter for each byte."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in visible}
    extra = 0
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + extra)
            extra += 1
    return letters


class Tokenizer:
    """Vocabulary, merges, and text to numbers."""

    def __init__(self, merges: list[tuple[str, str]], slots: list[str]):
        self.merges = merges
        self.slots = slots
        self.vocab = [PAD, BOS, EOS, *slots, *byte_letters().values(), *(a + b for a, b in merges)]
        self.ids = {t: i for i, t in enumerate(self.vocab)}
        if len(self.ids) != len(self.vocab):
            raise ValueError("two tokens with one spelling")
        self.rank = {pair: i for i, pair in enumerate(merges)}
        self.pad, self.bos, self.eos = 0, 1, 2
        self._cache: dict[str, list[int]] = {}

    def encode(self, text: str, rng: random.Random | None = None, cut: float = 0.0) -> list[int]:
        """Token numbers, without begin and end marks; of the words, a share `cut` is cut into smaller pieces (BPE dropout)."""
        out: list[int] = []
        at = 0
        for slot in SLOT.finditer(text):
            out += self._plain(text[at : slot.start()], rng, cut)
            out.append(self.ids[slot.group()])
            at = slot.end()
        return out + self._plain(text[at:], rng, cut)

    def decode(self, ids: list[int]) -> str:
        """Text of token numbers; marks are left out."""
        back = {c: b for b, c in byte_letters().items()}
        out = bytearray()
        for i in ids:
            token = self.vocab[i]
            if i > 2:
                out += token.encode() if i < 3 + len(self.slots) else bytes(back[c] for c in token)
        return out.decode("utf-8", errors="replace")

    def _plain(self, text: str, rng: random.Random | None, cut: float) -> list[int]:
        out: list[int] = []
        for piece in SPLIT.findall(text):
            if rng and len(piece) > 3 and rng.random() < cut:
                out += self._merge(piece, rng)
                continue
            if piece not in self._cache:
                self._cache[piece] = self._merge(piece)
            out += self._cache[piece]
        return out

    def _merge(self, piece: str, rng: random.Random | None = None) -> list[int]:
        letters = byte_letters()
        parts = [letters[b] for b in piece.encode()]
        while len(parts) > 1:
            ranked = [(self.rank.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:], strict=False))]
            if rng:
                ranked = [r for r in ranked if rng.random() < 0.8] or [(1 << 30, 0)]
            best, i = min(ranked)
            if best == 1 << 30:
                break
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        return [self.ids[p] for p in parts]

    def save(self, path: Path) -> None:
        """Writes merges and slots."""
        path.write_text(json.dumps({"slots": self.slots, "merges": self.merges}, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> Tokenizer:
        """Reads what `save` wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return Tokenizer([(a, b) for a, b in data["merges"]], data["slots"])


def train(texts: list[str], slots: list[str], size: int) -> Tokenizer:
    """A vocabulary of `size` tokens in all."""
    letters = byte_letters()
    counts: collections.Counter[tuple[str, ...]] = collections.Counter()
    for text in texts:
        for part in SLOT.split(text):
            for piece in SPLIT.findall(part):
                counts[tuple(letters[b] for b in piece.encode())] += 1
    words = [list(w) for w in counts]
    freq = list(counts.values())
    pairs: collections.Counter[tuple[str, str]] = collections.Counter()
    where: dict[tuple[str, str], set[int]] = collections.defaultdict(set)
    for i, word in enumerate(words):
        for pair in zip(word, word[1:], strict=False):
            pairs[pair] += freq[i]
            where[pair].add(i)
    merges: list[tuple[str, str]] = []
    have = {*letters.values()}
    while len(merges) < size - 3 - len(slots) - 256 and pairs:
        (a, b), n = max(pairs.items(), key=lambda p: (p[1], p[0]))
        if n < 4:
            break
        if a + b in have:
            del pairs[(a, b)]
            continue
        merges.append((a, b))
        have.add(a + b)
        for i in list(where[(a, b)]):
            word = words[i]
            for pair in zip(word, word[1:], strict=False):
                pairs[pair] -= freq[i]
            j = 0
            while j + 1 < len(word):
                if word[j] == a and word[j + 1] == b:
                    word[j : j + 2] = [a + b]
                j += 1
            for pair in zip(word, word[1:], strict=False):
                pairs[pair] += freq[i]
                where[pair].add(i)
        pairs = +pairs
    return Tokenizer(merges, slots)
