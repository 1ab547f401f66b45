"""Trains the encoder, a voice of its own beside the decoder: `python -m parlance_train.voice --minutes 30`.

It reads the same prompts with the same tokenizer and looks both ways. At the begin mark it names the intent; at each slot, the
field that the slot belongs in (`-`: none). Both are control tokens of its vocabulary, `<|i:send|>` and `<|f:amount|>`, so that
llama.cpp's ordinary output is all that is needed to read them.
"""

from __future__ import annotations

import argparse
import pickle
import random
import re
import time

import numpy as np
import torch
import torch.nn.functional as F

from . import bpe, model
from .dataset import CACHE
from .ngram import label
from .optimize import Step, device, half, share_of_rate
from .train import CUT, DROPPED, ROW, in_rows, load, save, to_device

HIDDEN = 0.12
"""Share of prompt tokens that are hidden; naming them is a small part of the work, so that words it rarely sees get a meaning."""
HIDDEN_WEIGHT = 0.15
FIELD_WEIGHT = 0.5
"""Weight of a slot's field in the loss; the intent's weighs 1."""
NO_FIELD = "-"
VALUES = re.compile(r"(\w+)=(<[A-Z]\d>(?:,<[A-Z]\d>)*)")


def fields(target: str) -> dict[str, str]:
    """The field of each slot that a line in the target language uses; the first where there are several."""
    out: dict[str, str] = {}
    for found in VALUES.finditer(target):
        for slot in bpe.SLOT.findall(found.group(2)):
            out.setdefault(slot, found.group(1))
    return out


def marks(rows: list[tuple[str, str]]) -> list[str]:
    """Every intent and field that occurs, as control tokens."""
    intents = sorted({label(target) for _, target in rows})
    known = sorted({NO_FIELD, *(f for _, target in rows for f in fields(target).values())})
    return [f"<|i:{i}|>" for i in intents] + [f"<|f:{f}|>" for f in known]


def tokens(tok: bpe.Tokenizer, ids: dict[str, int], rows: list[tuple[str, str]], rng: random.Random | None = None):
    """Token numbers of each prompt, and what is to be said at each place (-1: nothing)."""
    out = []
    slots = range(3, 3 + len(tok.slots))
    for prompt, target in rows:
        t = np.array([tok.bos, *tok.encode(prompt, rng, CUT)], np.int32)
        if len(t) > ROW or f"<|i:{label(target)}|>" not in ids:
            continue
        say = np.full_like(t, -1)
        say[0] = ids[f"<|i:{label(target)}|>"]
        of = fields(target)
        for i, number in enumerate(t):
            if number in slots:
                say[i] = ids[f"<|f:{of.get(tok.vocab[number], NO_FIELD)}|>"]
        out.append((t, say))
    return out


def pack(examples, rng: np.random.Generator, rows: int, low: int | None, high: int = 0):
    """Batches of `rows` packed rows: tokens, positions, segments, what is to be said, weights."""

    def fill(batch: list[list[int]]):
        t = np.zeros((rows, ROW), np.int32)
        p, s, y, w = np.zeros_like(t), np.zeros_like(t), np.zeros_like(t), np.zeros((rows, ROW), np.float32)
        for r, members in enumerate(batch):
            at = 0
            for n, i in enumerate(members, 1):
                ids, say = examples[i]
                span = slice(at, at + len(ids))
                t[r, span], p[r, span], s[r, span] = ids, np.arange(len(ids)), n
                y[r, span], w[r, span] = np.maximum(say, 0), np.where(say >= 0, FIELD_WEIGHT, 0.0)
                w[r, at] = 1.0
                if low is not None:
                    hide = (rng.random(len(ids)) < HIDDEN) & (ids >= low)
                    y[r, span] = np.where(hide, ids, y[r, span])
                    w[r, span] = np.where(hide, HIDDEN_WEIGHT, w[r, span])
                    # Hidden behind the mark, or behind another word.
                    other = np.where(rng.random(len(ids)) < 0.7, 0, rng.integers(low, high, len(ids)))
                    t[r, span] = np.where(hide, other, ids)
                at += len(ids)
        return t, p, s, y, w

    for batch in in_rows([len(e[0]) for e in examples], rng.permutation(len(examples)), rows):
        yield fill(batch)


def loss(network: model.Model, batch, states, drop: float = 0.0) -> torch.Tensor:
    """`states` is the network, or a compiled form of it. Mean weighted cross-entropy of what is to be said."""
    t, p, s, y, w = batch
    with half():
        said = w > 0
        nll = F.cross_entropy(network.named(states(t, p, s, drop)[said]), y[said], reduction="none")
    return (nll * w[said]).sum() / w.sum().clamp(min=1.0)


@torch.no_grad()
def accuracy(network: model.Model, batches) -> tuple[float, float]:
    """Shares of intents and of fields that are named right."""
    right, number = np.zeros(2), np.zeros(2)
    for t, p, s, y, w in batches:
        with half():
            good = network.named(network(t, p, s)).argmax(-1) == y
        for k, here in enumerate(((w > 0) & (p == 0) & (s > 0), (w > 0) & (p > 0))):
            right[k] += good[here].sum().item()
            number[k] += here.sum().item()
    return tuple(right / np.maximum(number, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rows", type=int, default=24, help=f"rows of {ROW} tokens in a batch")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--go-on", action="store_true", help="from the last checkpoint (same tokenizer and data)")
    args = parser.parse_args()

    train_rows, valid_rows = load(CACHE / "train.jsonl"), load(CACHE / "valid.jsonl")
    tok = bpe.Tokenizer.load(CACHE / "tokenizer.json")
    said = marks(train_rows)
    ids = {m: len(tok.vocab) + i for i, m in enumerate(said)}
    shape = model.Shape(vocab=len(tok.vocab) + len(said), causal=False)
    low, high = 3 + len(tok.slots) + 256, len(tok.vocab)
    network = model.Model(shape, args.seed).to(device())
    if args.go_on:
        network.restore(pickle.loads((CACHE / "voice.pkl").read_bytes())["params"])
    step = Step(network)
    fast = torch.compile(network, dynamic=False)
    rng = np.random.default_rng(args.seed)
    valid = [to_device(b) for b in pack(tokens(tok, ids, valid_rows), np.random.default_rng(0), args.rows, None)]
    print(f"{len(train_rows)} examples, {len(said)} marks", flush=True)

    began, done, epoch, shown, share = time.monotonic(), 0, 0, 0.0, 0.0
    recent: list[torch.Tensor] = []
    while share < 1.0:
        epoch += 1
        examples = tokens(tok, ids, train_rows, random.Random(args.seed + epoch))
        for batch in pack(examples, rng, args.rows, low, high):
            share = (time.monotonic() - began) / (60 * args.minutes)
            if share >= 1.0:
                break
            value = loss(network, to_device(batch), fast, DROPPED)
            step(value, share_of_rate(done, share))
            recent.append(value.detach())
            done += 1
            if time.monotonic() - shown > 60:
                shown = time.monotonic()
                intents, slots = accuracy(network, valid)
                mean = torch.stack(recent[-50:]).mean()
                print(f"{share:5.1%} epoch {epoch} step {done} loss {mean:.4f} held out: intents {intents:.1%}, fields {slots:.1%}", flush=True)
                save(CACHE / "voice.pkl", network, marks=said)
    save(CACHE / "voice.pkl", network, marks=said)
    intents, slots = accuracy(network, valid)
    print(f"done: {done} steps, {epoch} epochs, held out: intents {intents:.1%}, fields {slots:.1%}")


if __name__ == "__main__":
    main()
