"""Scores the decoder and the second voice, through the real worker: `python -m parlance_train.score MODEL.gguf NGRAM [FILE.jsonl]`.

Without a file: the blind set. Per message: the decoder's line (under the message's grammar) against the labelled line, and the
second voice's label. `harmful` counts wrong lines of the decoder that would move money or widen a permission, before and after
asking that both voices agree; the vetoes and coverage of `parlance-understand` come on top of it.
"""

from __future__ import annotations

import argparse
import collections
import json
import struct
import subprocess
from pathlib import Path

import numpy as np

from . import blind
from .grounding import PROGRAM, ROOT
from .ngram import features, label, softmax

WORKER = ROOT / "target" / "release" / "parlance-llm"
HARMLESS = {
    "balance", "receive", "history", "spending", "price", "fees", "status", "contacts", "rules", "agent_find", "loan_status", "schedules", "help", "cancel", "unclear", "lock",
}  # fmt: skip


class Ngram:
    """The second voice, read from its file."""

    def __init__(self, path: Path):
        data = path.read_bytes()
        self.buckets, count, self.temperature, block = struct.unpack_from("<IIfI", data, 8)
        at = 24
        self.labels = data[at : at + block].decode().split("\n")
        at += block
        self.bias = np.frombuffer(data, "<f4", count, at)
        scale = np.frombuffer(data, "<f4", count, at + 4 * count)
        self.weights = np.frombuffer(data, np.int8, self.buckets * count, at + 8 * count).reshape(self.buckets, count) * scale

    def votes(self, prompts: list[str]) -> np.ndarray:
        """[prompts, labels] probabilities."""
        return softmax((features(prompts, self.buckets) @ self.weights + self.bias) / self.temperature)


def ask(model: Path, grounded: list[dict]) -> list[dict]:
    """The worker's replies."""
    lines = "".join(json.dumps({"id": i, "prompt": g["prompt"], "grammar": g["grammar"], "max_tokens": 160}) + "\n" for i, g in enumerate(grounded))
    done = subprocess.run([WORKER, model], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()[1:]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("ngram", type=Path)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--show", action="store_true", help="print every miss")
    parser.add_argument("--floor", type=float, default=0.5, help="least confidence of the decoder")
    args = parser.parse_args()
    messages = [json.loads(x) for x in args.file.read_text(encoding="utf-8").splitlines() if x.strip()] if args.file else blind.read()
    lines = "".join(json.dumps(m, ensure_ascii=False) + "\n" for m in messages)
    grounded = [json.loads(x) for x in subprocess.run([PROGRAM], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()]
    replies = ask(args.model, grounded)
    ngram = Ngram(args.ngram)
    votes = ngram.votes([g["prompt"] for g in grounded])
    n = collections.Counter()
    voices: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for message, g, reply, vote in zip(messages, grounded, replies, votes, strict=True):
        target = g.get("target")
        said = reply.get("text", f"({reply.get('error', {}).get('code')})")
        second = ngram.labels[int(vote.argmax())]
        exact = said == target
        n["messages"] += 1
        n["not groundable"] += target is None
        n["decoder exact"] += exact
        n["decoder intent"] += target is not None and label(said) == label(target)
        n["n-gram intent"] += target is not None and second == label(target)
        harmful = not exact and said.split(" ")[0] not in HARMLESS
        partial = said.startswith("unclear incomplete") and f"( {second}" in said
        agree = (label(said) == second or partial) and reply.get("confidence", 0) >= args.floor
        n["harmful, decoder alone"] += harmful
        n["harmful, both agree"] += harmful and agree
        n["exact, both agree"] += exact and agree
        n["agree"] += agree
        voice = voices[message.get("voice", "file")]
        voice[0] += exact
        voice[1] += 1
        if args.show and not exact:
            mark = "HARMFUL " if harmful and agree else ""
            print(f"{mark}{message['text']!r}\n   label {target or g.get('error')}\n   said  {said}  ({reply.get('confidence', 0):.2f}; {second} {vote.max():.2f})")
    for key, value in n.items():
        print(f"{key}: {value} ({value / max(1, n['messages']):.1%})")
    print("by voice: " + ", ".join(f"{k} {a}/{b}" for k, (a, b) in voices.items()))
    ms = sorted(r["ms"] for r in replies if "ms" in r)
    if ms:
        print(f"worker: median {ms[len(ms) // 2]:.1f} ms, worst {ms[-1]:.1f} ms")


if __name__ == "__main__":
    main()
