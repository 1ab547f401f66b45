"""Checks the data files: syntax, placeholders, grounding of every frame, duplicates and contradictions.

`python -m parlance_train.lint [--show N]`; exit status 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
from pathlib import Path

from . import frames
from .expand import message
from .grounding import ground

DATA = Path(__file__).resolve().parents[1] / "data"
TRIES = 6
"""Refills of each frame; a frame fails where none of them grounds."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=40, help="problems to print")
    args = parser.parse_args()
    rng = random.Random(7)
    all_frames = [f for path in sorted(DATA.glob("*.txt")) for f in frames.read(path)]
    messages = [message(f, rng, plain=True) for f in all_frames for _ in range(TRIES)]
    answers = ground(messages)
    problems: list[str] = []
    seen: dict[tuple, tuple[str, str]] = {}
    failures: dict[str, list[str]] = collections.defaultdict(list)
    for i, answer in enumerate(answers):
        frame = all_frames[i // TRIES]
        if "error" in answer:
            failures[frame.where].append(f"{messages[i]['text']!r}: {answer['error']}")
        else:
            key = answer["prompt"]
            before = seen.setdefault(key, (answer["target"], frame.where))
            if before[0] != answer["target"]:
                problems.append(f"{frame.where} contradicts {before[1]}: {key.strip()!r} is {answer['target']!r} here, {before[0]!r} there")
    for where, why in failures.items():
        if len(why) == TRIES:
            problems.append(f"{where} does not ground {len(why)} of {TRIES}: {why[0]}")
    duplicates = collections.Counter((f.text, str(f.label), str(f.pendings), f.alone) for f in all_frames)
    problems += [f"twice: {text!r}" for (text, *_), n in duplicates.items() if n > 1]
    partly = sum(1 for why in failures.values() if len(why) < TRIES)
    for problem in problems[: args.show]:
        print(problem)
    print(f"{len(all_frames)} frames, {len(problems)} problems, {partly} frames that ground sometimes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
