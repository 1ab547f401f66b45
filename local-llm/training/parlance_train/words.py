"""Writes the words that the models have seen, one a line: `python -m parlance_train.words OUT.words`.

A message with several words that are not among them is in a language or a dialect that the models do not know; nothing that
moves money is accepted then (`local-llm/understand/src/words.rs`).
"""

from __future__ import annotations

import argparse
import collections
from pathlib import Path

from .dataset import CACHE
from .train import load

OFTEN = 3
"""A word that occurs in fewer different prompts is as likely a typing error that the generator made."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    counts = collections.Counter(w for prompt, _ in load(CACHE / "train.jsonl") for w in set(prompt.split()))
    words = sorted(w for w, n in counts.items() if n >= OFTEN and any(c.isalpha() for c in w) and not w.startswith("<"))
    args.out.write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words")


if __name__ == "__main__":
    main()
