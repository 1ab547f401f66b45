"""Makes the tokenizer of both models from the training set: `python -m parlance_train.tokenizer [SIZE]`."""

from __future__ import annotations

import sys

from . import bpe
from .dataset import CACHE
from .grounding import slots
from .train import load


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 2048
    tok = bpe.train([prompt + target for prompt, target in load(CACHE / "train.jsonl")], slots(), size)
    tok.save(CACHE / "tokenizer.json")
    print(f"{len(tok.vocab)} tokens")


if __name__ == "__main__":
    main()
