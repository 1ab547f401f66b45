"""Reads a shipped decoder back into a checkpoint and a tokenizer, so that training can go on from it:
`python -m parlance_train.resume ../models/parlance-small.gguf`, then `dataset` and `train --start .cache/shipped.pkl`.

Weights come back as q8_0 left them.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import gguf
import numpy as np
from gguf.quants import dequantize

from . import bpe, model
from .dataset import CACHE
from .export import LAYER_NAMES
from .grounding import slots


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    args = parser.parse_args()
    reader = gguf.GGUFReader(args.model)
    merges = [tuple(str(m).split(" ", 1)) for m in reader.get_field("tokenizer.ggml.merges").contents()]
    tok = bpe.Tokenizer(merges, slots())
    if tok.vocab != [str(t) for t in reader.get_field("tokenizer.ggml.tokens").contents()]:
        raise SystemExit("the vocabulary is another than the slots and merges give")
    weights = {t.name: dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
    shape = model.Shape(vocab=len(tok.vocab))
    layers = {}
    for key, name in LAYER_NAMES.items():
        rows = [weights[f"blk.{i}.{name}.weight"] for i in range(shape.layers)]
        layers[key] = np.stack([w if w.ndim == 1 else w.T for w in rows])
    params = {"embed": weights["token_embd.weight"], "out_norm": weights["output_norm.weight"], "layers": layers}
    expected = model.Model(shape).arrays()
    for (path, a), b in zip(sorted_leaves(params), (leaf for _, leaf in sorted_leaves(expected)), strict=True):
        if a.shape != b.shape:
            raise SystemExit(f"{path}: {a.shape}, expected {b.shape}")
    (CACHE / "shipped.pkl").write_bytes(pickle.dumps({"shape": shape.as_dict(), "params": params}))
    tok.save(CACHE / "tokenizer.json")
    print(f"{len(tok.vocab)} tokens, {sum(a.size for _, a in sorted_leaves(params))} parameters")


def sorted_leaves(tree: dict, path: str = "") -> list[tuple[str, np.ndarray]]:
    """Arrays with their names, in one order."""
    out = []
    for key in sorted(tree):
        value = tree[key]
        out += sorted_leaves(value, f"{path}{key}.") if isinstance(value, dict) else [(path + key, np.asarray(value))]
    return out


if __name__ == "__main__":
    main()
