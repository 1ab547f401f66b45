"""Writes tokens of sample texts for the Rust test that compares tokenizers: `python -m parlance_train.fixture OUT.jsonl`."""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from . import blind, bpe
from .dataset import CACHE
from .grounding import ground
from .train import load

ODD = [
    "", "\n", " ", "  two  spaces\n", "tabs\there\n", "it's don't we'll I'd they've\n", "1234567890 3.14 1,000\n", "ünïcödé ñandú ça\n", "给我转钱 你好\n", "emoji 👍🏽 ❌\n", "<A1><T1> <N8>\n", "<A9> <a1> <A1\n",
    "‹A1› [send to] x_y_z ??!!...\n", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq\n", "     \n\n\n", "हिन्दी में पैसे\n", "русский текст\n", "<bos> <eos> <pad>\n",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    tok = bpe.Tokenizer.load(CACHE / "tokenizer.json")
    texts = ODD + [p + t for p, t in random.Random(3).sample(load(CACHE / "train.jsonl"), 150)] + [a["prompt"] for a in ground(blind.read())]
    with args.out.open("w", encoding="utf-8") as out:
        for text in dict.fromkeys(texts):
            out.write(json.dumps({"text": text, "ids": [tok.bos, *tok.encode(text)]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
