"""The frame language of `data/*.txt`: labelled phrasings with placeholders.

    # a comment
    > send asset={T} amount={A} to={R}     the label of the frames below
    @ pending=(swap from={T9} to={T8})     what waits (optional; one line of several is drawn; `@ none`: nothing waits)
    ~[send|wire] {A} {T} to {R}            a frame; `~`: a request that may be wrapped ("can you ...")

`[a|b|]` is one of several pieces of text. Labels nest: `do=(swap ...)`, lists are `[a,b]` or `[(send ...);(send ...)]`,
and `set=(amount={A})` without a name is a plain object.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z.]*\d?)\}")


class FrameError(ValueError):
    """A data file that does not follow the frame language: where, and what was expected."""


@dataclass(frozen=True)
class Frame:
    """One phrasing."""

    text: str
    request: bool
    label: object
    pendings: tuple[object, ...]
    alone: bool
    """Nothing waits, whatever else is drawn."""
    where: str


@dataclass
class _Block:
    label: object = None
    pendings: list[object] = field(default_factory=list)
    alone: bool = False


def read(path: Path) -> list[Frame]:
    """Reads one data file."""
    frames: list[Frame] = []
    block = _Block()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.name}:{number}"
        line = line.strip()
        try:
            if not line or line.startswith("#"):
                continue
            if line.startswith("> "):
                block = _Block(label=label(line[2:]))
            elif line == "@ none":
                block.alone = True
            elif line.startswith("@ "):
                parsed = _Parser(line[2:]).pairs()
                block.pendings.append(parsed["pending"])
            elif block.label is None:
                raise FrameError("a frame before the first label")
            else:
                request = line.startswith("~")
                text = line[1:] if request else line
                frames.append(Frame(text, request, block.label, tuple(block.pendings), block.alone, where))
        except (FrameError, KeyError) as e:
            raise FrameError(f"{where}: {e}") from e
    return frames


def label(text: str) -> dict:
    """Reads `send asset={T} amount={A}` into an intent whose values still hold placeholders."""
    parser = _Parser(text)
    value = parser.intent()
    parser.end()
    return value


class _Parser:
    def __init__(self, text: str):
        self.text = text
        self.at = 0

    def space(self) -> None:
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def end(self) -> None:
        self.space()
        if self.at != len(self.text):
            raise FrameError(f"unread label text: {self.text[self.at:]!r}")

    def word(self) -> str:
        self.space()
        start = self.at
        if self.peek() == '"':
            close = self.text.index('"', self.at + 1)
            self.at = close + 1
            return self.text[start + 1 : close]
        while self.at < len(self.text) and self.text[self.at] not in " =(),;[]":
            self.at += 1
        if start == self.at:
            raise FrameError(f"expected a word at {self.text[start:]!r}")
        return self.text[start : self.at]

    def intent(self) -> dict:
        name = self.word()
        return {"intent": name, **self.pairs()}

    def pairs(self) -> dict:
        out: dict = {}
        while True:
            self.space()
            if self.at >= len(self.text) or self.peek() in ");]":
                return out
            key = self.word()
            if self.peek() != "=":
                raise FrameError(f"expected = after {key}")
            self.at += 1
            out[key] = self.value()

    def value(self) -> object:
        self.space()
        if self.peek() == "(":
            self.at += 1
            save = self.at
            self.word()
            plain = self.peek() == "="
            self.at = save
            value = self.pairs() if plain else self.intent()
            self.space()
            if self.peek() != ")":
                raise FrameError(f"expected ) at {self.text[self.at:]!r}")
            self.at += 1
            return value
        if self.peek() == "[":
            self.at += 1
            values = []
            while True:
                self.space()
                if self.peek() == "]":
                    self.at += 1
                    return values
                if self.peek() in ",;":
                    self.at += 1
                    continue
                values.append(self.value())
        word = self.word()
        return True if word == "true" else word


ALTERNATIVES = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")


def choose(text: str, rng) -> str:
    """One of each `[a|b]`."""
    return re.sub(r" {2,}", " ", ALTERNATIVES.sub(lambda m: rng.choice(m.group(1).split("|")), text)).strip()


def placeholders(text: str) -> list[str]:
    """The placeholders of a frame, in order, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))
