"""Trains the decoder: `python -m parlance_train.train --minutes 60`.

Examples are packed into rows, attention stays inside each. Muon for matrices, Adam for the rest; the learning rate falls
to zero over the minutes given, so that a run ends when it should on a machine of any speed.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import bpe, model
from .dataset import CACHE
from .optimize import Step, device, half, share_of_rate

ROW = 96
PROMPT_WEIGHT = 0.1
"""Weight of the prompt's own tokens in the loss; the target's weigh 1."""
CORRUPTED = 0.03
"""Share of prompt tokens replaced by random ones, so that no single word decides."""

DROPPED = 0.1
"""Share of each layer's output that is dropped in training."""
CUT = 0.08
"""Share of prompt words that are read in smaller pieces than the tokenizer makes, so that unknown words are less strange."""


def load(path: Path) -> list[tuple[str, str]]:
    """Prompt and target of each line."""
    return [(r["prompt"], r["target"]) for r in map(json.loads, path.read_text(encoding="utf-8").splitlines())]


def tokens(tok: bpe.Tokenizer, rows: list[tuple[str, str]], rng: random.Random | None = None) -> list[tuple[np.ndarray, int]]:
    """Token numbers of each example with its marks, and where the target begins; `rng` cuts some words into smaller pieces."""
    out = []
    for prompt, target in rows:
        p = [tok.bos, *tok.encode(prompt, rng, CUT)]
        ids = np.array([*p, *tok.encode(target), tok.eos], np.int32)
        if len(ids) <= ROW:
            out.append((ids, len(p)))
    return out


def in_rows(sizes: list[int], order, rows: int):
    """Batches of up to `rows` rows, each the numbers of examples that fit into [`ROW`] tokens together, first fit."""
    batch: list[list[int]] = []
    room: list[int] = []
    for i in order:
        spot = next((r for r, left in enumerate(room) if left >= sizes[i]), None)
        if spot is None:
            if len(batch) == rows:
                yield batch
                batch, room = [], []
            batch.append([])
            room.append(ROW)
            spot = len(batch) - 1
        batch[spot].append(i)
        room[spot] -= sizes[i]
    if batch:
        yield batch


def pack(examples: list[tuple[np.ndarray, int]], rng: np.random.Generator, rows: int, corrupt: tuple[int, int] | None):
    """Batches of `rows` packed rows: tokens, positions, segments, weights (of the next token)."""

    def fill(batch: list[list[int]]):
        t = np.zeros((rows, ROW), np.int32)
        p, s, w = np.zeros_like(t), np.zeros_like(t), np.zeros((rows, ROW), np.float32)
        for r, members in enumerate(batch):
            at = 0
            for n, i in enumerate(members, 1):
                ids, start = examples[i]
                span = slice(at, at + len(ids))
                t[r, span], p[r, span], s[r, span] = ids, np.arange(len(ids)), n
                w[r, at : at + start - 1] = PROMPT_WEIGHT
                w[r, at + start - 1 : at + len(ids) - 1] = 1.0
                if corrupt:
                    low, high = corrupt
                    hit = (rng.random(start) < CORRUPTED) & (ids[:start] >= low)
                    seen = t[r, at : at + start]
                    seen[hit] = rng.integers(low, high, hit.sum())
                at += len(ids)
        return t, p, s, w

    for batch in in_rows([len(e[0]) for e in examples], rng.permutation(len(examples)), rows):
        yield fill(batch)


def loss(network: model.Model, batch, states, drop: float = 0.0) -> torch.Tensor:
    """`states` is the network, or a compiled form of it. Mean weighted cross-entropy of the next token."""
    t, p, s, w = batch
    with half():
        seen = states(t, p, s, drop)[:, :-1]
        w = w[:, :-1]
        said = w > 0
        nll = F.cross_entropy(network.named(seen[said]), t[:, 1:][said], reduction="none")
    return (nll * w[said]).sum() / w.sum().clamp(min=1.0)


def to_device(batch: tuple[np.ndarray, ...]) -> tuple[torch.Tensor, ...]:
    """A packed batch, as tensors; token numbers as 64-bit."""
    return tuple(torch.from_numpy(a.astype(np.int64) if a.dtype == np.int32 else a).to(device()) for a in batch)


def save(path: Path, network: model.Model, **more: object) -> None:
    """A checkpoint: sizes and arrays."""
    path.write_bytes(pickle.dumps({"shape": network.shape.as_dict(), "params": network.arrays(), **more}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rows", type=int, default=24, help=f"rows of {ROW} tokens in a batch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="go on from this checkpoint (same tokenizer)")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on every learning rate")
    args = parser.parse_args()

    train_rows, valid_rows = load(CACHE / "train.jsonl"), load(CACHE / "valid.jsonl")
    tok = bpe.Tokenizer.load(CACHE / "tokenizer.json")
    shape = model.Shape(vocab=len(tok.vocab))
    examples, held_out = tokens(tok, train_rows), tokens(tok, valid_rows)
    size = sum(len(e[0]) for e in examples)
    print(f"{len(examples)} examples, {size} tokens, vocabulary {len(tok.vocab)}", flush=True)

    network = model.Model(shape, args.seed).to(device())
    if args.start:
        network.restore(pickle.loads(args.start.read_bytes())["params"])
    step = Step(network, args.rate)
    fast = torch.compile(network, dynamic=False)
    rng = np.random.default_rng(args.seed)
    low = 3 + len(tok.slots) + 256
    valid_batches = [to_device(b) for b in pack(held_out, np.random.default_rng(0), args.rows, None)]

    @torch.no_grad()
    def measure() -> float:
        return float(np.mean([float(loss(network, b, network)) for b in valid_batches]))

    began, done, epoch, shown = time.monotonic(), 0, 0, 0.0
    recent: list[torch.Tensor] = []
    share = 0.0
    while share < 1.0:
        epoch += 1
        examples = tokens(tok, train_rows, random.Random(args.seed + epoch))
        for batch in pack(examples, rng, args.rows, (low, len(tok.vocab))):
            share = (time.monotonic() - began) / (60 * args.minutes)
            if share >= 1.0:
                break
            value = loss(network, to_device(batch), fast, DROPPED)
            step(value, share_of_rate(done, share))
            recent.append(value.detach())
            done += 1
            if time.monotonic() - shown > 60:
                shown = time.monotonic()
                print(f"{share:5.1%} epoch {epoch} step {done} loss {torch.stack(recent[-50:]).mean():.4f} held out {measure():.4f}", flush=True)
                save(CACHE / "decoder.pkl", network)
    save(CACHE / "decoder.pkl", network)
    print(f"done: {done} steps, {epoch} epochs, held out {measure():.4f}")


if __name__ == "__main__":
    main()
