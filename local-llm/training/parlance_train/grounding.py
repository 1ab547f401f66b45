"""The Rust grounding code, called as a program, so that training and use see the very same prompts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "target" / "release" / "examples" / "ground"


class GroundingFailed(RuntimeError):
    """The program is missing or stopped."""


def slots() -> list[str]:
    """Every slot token there can be."""
    return _run(["--slots"], "").split()


def ground(messages: list[dict]) -> list[dict]:
    """`{"prompt", "target" | "error", ...}` for each message."""
    lines = "".join(json.dumps(m, ensure_ascii=False) + "\n" for m in messages)
    out = [json.loads(line) for line in _run(["--no-grammar"], lines).splitlines()]
    if len(out) != len(messages):
        raise GroundingFailed(f"{len(messages)} messages went in, {len(out)} answers came out")
    return out


def _run(args: list[str], stdin: str) -> str:
    if not PROGRAM.exists():
        raise GroundingFailed(f"{PROGRAM} is missing: cargo build --release -p parlance-grounding --example ground")
    done = subprocess.run([PROGRAM, *args], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise GroundingFailed(done.stderr[-2000:])
    return done.stdout
