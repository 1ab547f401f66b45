"""Makes the training and validation sets: `python -m parlance_train.dataset [--refills N]`.

Writes `.cache/train.jsonl` and `.cache/valid.jsonl` beside this package: `{"prompt", "target"}` a line, as the model reads
and writes them. Validation holds whole frames out, so that it measures phrasings the model has not seen.
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from pathlib import Path

from . import frames
from .expand import message
from .grounding import ground
from .lint import DATA

CACHE = Path(__file__).resolve().parents[1] / ".cache"
HELD_OUT = 0.03
"""Share of the frames that only validation sees."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refills", type=int, default=14, help="draws for each frame")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="train on the held-out frames too")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    all_frames = [f for path in sorted(DATA.glob("*.txt")) for f in frames.read(path)]
    train, valid = [], []
    for frame in all_frames:
        out = zlib.crc32(frame.text.encode()) % 1000 < 1000 * HELD_OUT
        if out:
            valid += [message(frame, rng, plain=True) for _ in range(2)]
        if not out or args.all:
            # What is always written the same way needs fewer draws; their variety is typing errors and wrappers.
            fixed = not frames.PLACEHOLDER.search(frame.text) and "[" not in frame.text
            draws = (args.refills * 3 // 4 if frame.request else args.refills // 2) if fixed else args.refills
            train += [message(frame, rng, plain=i == 0) for i in range(draws)]
    CACHE.mkdir(exist_ok=True)
    seen: set[tuple[str, str]] = set()
    kept = write(CACHE / "train.jsonl", train, seen, rng)
    write(CACHE / "valid.jsonl", valid, set(), rng)
    print(f"{len(all_frames)} frames, {len(train)} messages, {kept} kept after grounding and deduplication")


def write(path: Path, messages: list[dict], seen: set[tuple[str, str]], rng: random.Random) -> int:
    """Grounds, drops what does not ground and exact repetitions, shuffles, writes."""
    rows, failed = [], 0
    for answer in ground(messages):
        if "error" in answer:
            failed += 1
            continue
        key = (answer["prompt"], answer["target"])
        if key not in seen:
            seen.add(key)
            rows.append(key)
    rng.shuffle(rows)
    with path.open("w", encoding="utf-8") as out:
        for prompt, target in rows:
            out.write(json.dumps({"prompt": prompt, "target": target}, ensure_ascii=False) + "\n")
    print(f"{path.name}: {len(rows)} of {len(messages)}; {failed} did not ground")
    return len(rows)


if __name__ == "__main__":
    main()
