"""Trains the decoder on the CPU: `python -m parlance_train.train --minutes 60`.

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

import jax
import jax.numpy as jnp
import numpy as np

from . import bpe, model
from .dataset import CACHE
from .grounding import slots

ROW = 96
PROMPT_WEIGHT = 0.1
"""Weight of the prompt's own tokens in the loss; the target's weigh 1."""
CORRUPTED = 0.03
"""Share of prompt tokens replaced by random ones, so that no single word decides."""

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


def loss(params, shape, batch):
    """Mean weighted cross-entropy of the next token."""
    t, p, s, w = batch
    out = model.logits(params, shape, t, p, s)[:, :-1]
    logp = jax.nn.log_softmax(out, axis=-1)
    nll = -jnp.take_along_axis(logp, t[:, 1:, None], axis=-1)[..., 0]
    w = w[:, :-1]
    return (nll * w).sum() / jnp.maximum(w.sum(), 1.0)


def orthogonal(g: jax.Array) -> jax.Array:
    """Newton-Schulz iteration towards the nearest orthogonal matrix (Muon), over a stack of matrices."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[-2] > g.shape[-1]
    x = jnp.swapaxes(g, -1, -2) if tall else g
    x = x / (jnp.linalg.norm(x, axis=(-2, -1), keepdims=True) + 1e-7)
    for _ in range(5):
        m = x @ jnp.swapaxes(x, -1, -2)
        x = a * x + (b * m + c * (m @ m)) @ x
    return jnp.swapaxes(x, -1, -2) if tall else x


MATRICES = ("q", "k", "v", "o", "gate", "up", "down")


def make_step(shape: model.Shape, loss):
    """One compiled training step: parameters, state, batch, learning-rate factor -> parameters, state, loss."""

    @jax.jit
    def step(params, state, batch, rate):
        value, grads = jax.value_and_grad(loss)(params, shape, batch)
        total = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(grads)))
        grads = jax.tree.map(lambda g: g * jnp.minimum(1.0, 1.0 / (total + 1e-6)), grads)
        n = state["n"] + 1

        def adam(p, g, m, v, lr, decay):
            m, v = 0.9 * m + 0.1 * g, 0.98 * v + 0.02 * g * g
            update = (m / (1 - 0.9**n)) / (jnp.sqrt(v / (1 - 0.98**n)) + 1e-8)
            return p - lr * rate * (update + decay * p), m, v

        def muon(p, g, m):
            m = 0.95 * m + g
            update = orthogonal(g + 0.95 * m) * max(1.0, p.shape[-2] / p.shape[-1]) ** 0.5
            return p - 0.02 * rate * (update + 0.02 * p), m

        new, m1, m2 = {"layers": {}}, {"layers": {}}, {"layers": {}}
        for key in ("embed", "out_norm"):
            new[key], m1[key], m2[key] = adam(params[key], grads[key], state["m"][key], state["v"][key], 0.003, 0.01 if key == "embed" else 0.0)
        for key, p in params["layers"].items():
            g, m, v = grads["layers"][key], state["m"]["layers"][key], state["v"]["layers"][key]
            if key in MATRICES:
                new["layers"][key], m1["layers"][key] = muon(p, g, m)
                m2["layers"][key] = v
            else:
                new["layers"][key], m1["layers"][key], m2["layers"][key] = adam(p, g, m, v, 0.003, 0.0)
        return new, {"n": n, "m": m1, "v": m2}, value

    return step


def save(path: Path, params: dict, shape: model.Shape) -> None:
    """A checkpoint: sizes and arrays."""
    path.write_bytes(pickle.dumps({"shape": shape.as_dict(), "params": jax.tree.map(np.asarray, params)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rows", type=int, default=40, help=f"rows of {ROW} tokens in a batch")
    parser.add_argument("--vocab", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="go on from this checkpoint (same tokenizer)")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on every learning rate")
    args = parser.parse_args()

    train_rows, valid_rows = load(CACHE / "train.jsonl"), load(CACHE / "valid.jsonl")
    if args.start:
        tok = bpe.Tokenizer.load(CACHE / "tokenizer.json")
    else:
        tok = bpe.train([p + t for p, t in train_rows], slots(), args.vocab)
        tok.save(CACHE / "tokenizer.json")
    shape = model.Shape(vocab=len(tok.vocab))
    examples, held_out = tokens(tok, train_rows), tokens(tok, valid_rows)
    size = sum(len(e[0]) for e in examples)
    print(f"{len(examples)} examples, {size} tokens, vocabulary {len(tok.vocab)}", flush=True)

    params = pickle.loads(args.start.read_bytes())["params"] if args.start else model.init(shape, args.seed)
    params = jax.tree.map(jnp.asarray, params)
    zeros = jax.tree.map(jnp.zeros_like, params)
    state = {"n": jnp.zeros((), jnp.int32), "m": zeros, "v": zeros}
    step = make_step(shape, loss)
    measure = jax.jit(lambda p, b: loss(p, shape, b))
    rng = np.random.default_rng(args.seed)
    low = 3 + len(tok.slots) + 256
    valid_batches = list(pack(held_out, np.random.default_rng(0), args.rows, None))

    began, done, epoch, shown = time.monotonic(), 0, 0, 0.0
    recent: list[float] = []
    share = 0.0
    while share < 1.0:
        epoch += 1
        examples = tokens(tok, train_rows, random.Random(args.seed + epoch))
        for batch in pack(examples, rng, args.rows, (low, len(tok.vocab))):
            share = (time.monotonic() - began) / (60 * args.minutes)
            if share >= 1.0:
                break
            warm = min(1.0, (done + 1) / 50)
            params, state, value = step(params, state, batch, args.rate * warm * min(1.0, (1.0 - share) / 0.6))
            recent.append(float(value))
            done += 1
            if time.monotonic() - shown > 60:
                shown = time.monotonic()
                valid = np.mean([float(measure(params, b)) for b in valid_batches])
                print(f"{share:5.1%} epoch {epoch} step {done} loss {np.mean(recent[-50:]):.4f} held out {valid:.4f}", flush=True)
                save(CACHE / "decoder.pkl", params, shape)
    save(CACHE / "decoder.pkl", params, shape)
    valid = np.mean([float(measure(params, b)) for b in valid_batches])
    print(f"done: {done} steps, {epoch} epochs, held out {valid:.4f}")


if __name__ == "__main__":
    main()
