"""The blind set: `../blind/*.txt`, one voice a file (see its README)."""

from __future__ import annotations

from pathlib import Path

from . import frames

FOLDER = Path(__file__).resolve().parents[1] / "blind"
CONTACTS = ["Alice", "Bob", "Carlos", "Priya", "Mom", "Jürgen", "Wei Chen"]
LENDERS = ["Maple", "Goldfinch"]


def read() -> list[dict]:
    """Labelled messages in the form of the intent vocabulary, with the voice they are in."""
    out = []
    for path in sorted(FOLDER.glob("*.txt")):
        pending = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("@ "):
                pending = None if line == "@ none" else frames.label("x " + line[2:])["pending"]
                continue
            text, arrow, label = line.rpartition(" => ")
            if not arrow:
                raise frames.FrameError(f"{path.name}:{number}: expected `message => label`")
            message = {"text": text, "contacts": CONTACTS, "lenders": LENDERS, "intent": frames.label(label), "voice": path.stem}
            if pending:
                message["pending"] = pending
            out.append(message)
    return out
