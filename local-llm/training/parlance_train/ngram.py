"""Trains the second voice: a linear classifier over hashed n-grams (format and features: `local-llm/understand/README.md`).

`python -m parlance_train.ngram OUT.ngram [--buckets N]`
"""

from __future__ import annotations

import argparse
import re
import struct
from pathlib import Path

import numpy as np
from scipy import sparse

from .dataset import CACHE
from .train import load

MAGIC = b"PLNGRAM1"
DROPPED = 0.25
"""Share of features left out of each example in each pass, so that many small hints decide rather than one."""


def fnv1a(data: bytes) -> int:
    """FNV-1a, 64 bits."""
    h = 0xCBF29CE484222325
    for b in data:
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


def grams(prompt: str) -> list[str]:
    """The features of a prompt, by name."""
    words = [w for w in (w.rstrip("\n") for w in prompt.split(" ")) if w]
    framed = ["^", *words, "$"]
    out = [f"w1:{w}" for w in words]
    for n in (2, 3):
        out += [f"w{n}:" + " ".join(framed[i : i + n]) for i in range(len(framed) - n + 1)]
    for w in words:
        if not (w.startswith("<") and w.endswith(">")):
            chars = f"_{w}_"
            for n in (3, 4, 5):
                out += ["c:" + chars[i : i + n] for i in range(len(chars) - n + 1)]
    return out


def rows(prompt: str, buckets: int, cache: dict[str, int]) -> list[int]:
    """The feature rows of a prompt, sorted, each once."""
    found = set()
    for gram in grams(prompt):
        if gram not in cache:
            cache[gram] = fnv1a(gram.encode()) % buckets
        found.add(cache[gram])
    return sorted(found)


def label(target: str) -> str:
    """The label of a line in the target language."""
    if " ; " in re.sub(r"\( .* \)", "", target):
        return "steps"
    word = target.split(" ")[0]
    if word == "unclear":
        return f"unclear:{target.split(' ')[1]}"
    if word in ("schedule", "when"):
        inner = re.search(r" do \( (\w+)", target)
        several = " ; " in target
        return f"{word}:{'steps' if several else inner.group(1)}" if inner else word
    return word


def features(prompts: list[str], buckets: int) -> sparse.csr_matrix:
    """One row of 1/sqrt(n) for each prompt."""
    cache: dict[str, int] = {}
    indices, ends, values = [], [0], []
    for prompt in prompts:
        found = rows(prompt, buckets, cache)
        indices += found
        values += [1 / len(found) ** 0.5] * len(found)
        ends.append(len(indices))
    return sparse.csr_matrix((np.array(values, np.float32), np.array(indices), np.array(ends)), shape=(len(prompts), buckets))


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def fit(x: sparse.csr_matrix, y: np.ndarray, labels: int, passes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights [buckets, labels] and biases, by Adagrad on mini-batches."""
    rng = np.random.default_rng(seed)
    w, b = np.zeros((x.shape[1], labels), np.float32), np.zeros(labels, np.float32)
    gw, gb = np.full_like(w, 1e-6), np.full_like(b, 1e-6)
    for n in range(passes):
        order, size, total = rng.permutation(x.shape[0]), 1024, 0.0
        rate = 0.5 * (1 - n / passes) + 0.02
        for at in range(0, len(order), size):
            part = order[at : at + size]
            xb = x[part].copy()
            xb.data *= (rng.random(len(xb.data)) >= DROPPED) / (1 - DROPPED)
            p = softmax(xb @ w + b)
            total -= np.log(p[np.arange(len(part)), y[part]] + 1e-9).sum()
            # Smoothed targets keep the probabilities honest.
            p[np.arange(len(part)), y[part]] -= 0.95
            p -= 0.05 / labels
            p /= len(part)
            used = np.unique(xb.indices)
            gradient = (xb[:, used].T @ p).astype(np.float32) + 1e-7 * w[used]
            gw[used] += gradient**2
            w[used] -= rate * gradient / np.sqrt(gw[used])
            g = p.sum(axis=0)
            gb += g**2
            b -= 0.1 * rate * g / np.sqrt(gb)
        print(f"pass {n + 1}: loss {total / x.shape[0]:.4f}", flush=True)
    return w, b


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--buckets", type=int, default=1 << 16)
    parser.add_argument("--passes", type=int, default=12)
    args = parser.parse_args()
    train, valid = load(CACHE / "train.jsonl"), load(CACHE / "valid.jsonl")
    names = sorted({label(t) for _, t in train})
    number = {n: i for i, n in enumerate(names)}
    x, y = features([p for p, _ in train], args.buckets), np.array([number[label(t)] for _, t in train])
    valid = [(p, t) for p, t in valid if label(t) in number]
    vx, vy = features([p for p, _ in valid], args.buckets), np.array([number[label(t)] for _, t in valid])
    w, b = fit(x, y, len(names), args.passes, 0)
    scale = np.maximum(np.abs(w).max(axis=0), 1e-6) / 127
    q = np.clip(np.round(w / scale), -127, 127).astype(np.int8)
    logits = vx @ (q * scale).astype(np.float32) + b
    temperature = min(np.arange(0.3, 2.01, 0.05), key=lambda t: -np.log(softmax(logits / t)[np.arange(len(vy)), vy] + 1e-9).mean())
    print(f"{len(names)} labels; held-out frames: {np.mean(logits.argmax(axis=1) == vy):.3f}; temperature {temperature:.2f}")
    block = "\n".join(names).encode()
    args.out.write_bytes(
        MAGIC + struct.pack("<IIfI", args.buckets, len(names), temperature, len(block)) + block + b.astype("<f4").tobytes() + scale.astype("<f4").tobytes() + q.tobytes()
    )


if __name__ == "__main__":
    main()
