"""From frames to messages: refills, wrappers, typing errors, and negations of requests."""

from __future__ import annotations

import random
import re

from . import frames, lexicon
from .fill import Scene, settle

BEFORE = [
    "please ", "pls ", "plz ", "can you ", "could you ", "could you please ", "can u ", "would you ", "will you ", "can you please ", "i want to ", "i wanna ", "i'd like to ", "i would like to ", "i need to ",
    "i have to ", "i gotta ", "let's ", "lets ", "go ahead and ", "hey ", "hi, ", "yo ", "ok ", "okay, ", "ok so ", "now ", "so ", "just ", "quickly ", "hey can you ", "hey parlance, ", "please can you ", "help me ",
    "time to ", "i'm trying to ", "do me a favor and ", "kindly ", "alright, ", "right, ", "would you mind to ", "it's time to ", "i'd love to ", "i think i want to ", "we need to ", "gonna ", "im gonna ", "next, ", "and now ", "hello, please ",
    "any chance you could ", "would it be possible to ", "i was hoping you could ", "if you don't mind, ", "no rush, but ", "sorry to bother you, ", "when you get a moment, ", "mind if i ", "i figured i'd ",
    "so basically ", "basically ", "whenever you're ready, ", "if that's ok, ", "be a star and ", "you may ", "it would be great if you could ", "i'd appreciate it if you could ", "let me ", "allow me to ", "i've decided to ",
    "i'm ready to ", "i wish to ", "my plan is to ", "the plan: ", "todo now: ", "por favor ", "bitte ", "um ", "uh, ", "well, ", "first ", "also ", "yes, ", "good morning, ", "please go and ", "you should ", "you can ", "be so kind and ",
]  # fmt: skip

AFTER = [
    " please", " pls", " plz", ", please", " now", " right now", " asap", ", thanks", " thanks", " thx", " thank you", ", thank you!", " for me", " for me please", " ok?", ", ok", " if you can", " when you can", "!", ".", "!!",
    " rn", " real quick", " today", ", cheers", " would you", " bro", " mate", " lol", " :)", ", kthx", "?", " quickly", " immediately", " por favor", " bitte",
]  # fmt: skip

# Said before or after anything, wish or no wish.
ASIDES = [
    "it's been a long day.", "sorry for the typos.", "i'm on my phone.", "just got home.", "hope you're well.", "the weather is awful.", "my cat is on the keyboard.", "happy monday!", "it's raining here.", "no idea what time it is.",
    "coffee first.", "i'm in a hurry.", "i'm on the train.", "you're doing great.", "we had dinner yesterday.", "i love this app.", "my battery is low.", "long story.", "anyway.", "lol ok.", "right then.", "here we go.", "listen,", "look,",
    "by the way,", "fyi,", "btw", "speaking of which,", "i just checked my mail.", "the kids are asleep.", "work was crazy.", "i'm finally back.", "i talked to my sister.", "guess what,", "so yeah,", "quick question:", "quick one:", "one thing:",
]  # fmt: skip
ASIDES_AFTER = [
    " it's been a long day.", " sorry, i'm in a hurry", " i'm on the train", " talk later", " haha", " lol", " hope that's ok", " long story", " you're the best", " i'm on my phone btw", " anyway", " and good night", " that's all", " that's it",
    " i'll explain later", " my head hurts", " we talked about it", " cheers", " no rush", " it's late here", " i'm tired",
]  # fmt: skip

# A request under one of these is no request.
REFUSALS = [
    "don't ", "dont ", "do not ", "please don't ", "never mind, don't ", "i don't want to ", "i do not want to ", "i dont wanna ", "i'm not going to ", "i won't ", "no need to ", "you don't need to ", "i'd rather not ",
    "i refuse to ", "i never said to ", "i didn't ask you to ", "stop, don't ", "i can't ", "let's not ", "no, don't ", "wait, don't ", "i decided not to ", "there's no need to ", "i'm not gonna ", "better not ",
]  # fmt: skip

DOUBTS = [
    "should i ", "do you think i should ", "maybe i should ", "i might ", "i'm not sure if i should ", "i was going to ", "i was about to ", "i forgot to ", "i tried to ", "what happens if i ", "what if i ", "is it safe to ",
    "why should i ", "would it be smart to ", "i'm thinking about whether to ", "they told me to ", "he told me to ", "someone asked me to ", "my boss wants me to ", "a website told me to ", "if i had more money i would ", "remind me to ",
    "one day i will ", "i wish i could ", "tomorrow i'll ", "do i have to ", "pretend to ", "imagine i ", "when should i ", "i could ", "i don't know whether to ", "i used to ", "let me think about whether to ",
]  # fmt: skip

# "how do i ..." asks for help about it.
HOW = ["how do i ", "how can i ", "how would i ", "how to ", "what's the way to ", "show me how to ", "tell me how to ", "explain how to ", "teach me to "]

TOPIC = {
    "send": "send", "swap": "swap", "wrap": "swap", "unwrap": "swap", "bridge": "networks", "contact_add": "contacts", "contact_remove": "contacts", "pay": "x402", "agent_find": "agents", "agent_hire": "agents",
    "agent_register": "agents", "prove_balance": "proofs", "loan_apply": "loans", "loan_draw": "loans", "loan_repay": "loans", "schedule": "automations", "when": "automations", "chain_switch": "networks",
}  # fmt: skip

# Intents whose requests, refused, are ambiguous rather than nonsense.
REFUSABLE = set(TOPIC) | {"approve", "revoke", "cancel_tx", "speed_up", "sign_message", "lock", "schedule_cancel", "steps"}

WAITING = 0.3
"""Share of whole messages that come while something unrelated waits."""
CORRECTS = re.compile(r"\b(no|nope|not|actually|instead|rather|wait|sorry|oops|meant|mean|make it|change|other|same|again|it|that|this|them|him|her)\b")
"""What may point to what waits."""

NEIGHBOURS = {}
for _row in ("qwertyuiop", "asdfghjkl", "zxcvbnm"):
    for _i, _c in enumerate(_row):
        NEIGHBOURS[_c] = _row[max(0, _i - 1) : _i] + _row[_i + 1 : _i + 2]


def typo(word: str, rng: random.Random) -> str:
    """One typing error in one word."""
    i = rng.randrange(1, len(word))
    match rng.randrange(5):
        case 0:
            return word[:i] + word[i + 1 :]
        case 1:
            return word[:i] + word[i - 1] + word[i:]
        case 2 if i + 1 < len(word):
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        case 3 if word[i].lower() in NEIGHBOURS:
            return word[:i] + rng.choice(NEIGHBOURS[word[i].lower()]) + word[i + 1 :]
        case _:
            return word[:i] + word[i] + word[i:]


# Errors in these words could turn them into others, or a refusal into a request.
FRAGILE = {"don't", "dont", "not", "nicht", "kein", "keine", "niemals", "nunca", "jamais", "aucun", "nahi", "nahin", "não", "geen", "niet", "hayır", "nessuno", "never", "no", "each", "half", "all", "over", "under", "above", "below", "from", "with", "into", "for"}


def noise(literal: str, rng: random.Random, rate: float) -> str:
    """Typing errors and dropped apostrophes in the words of a frame (never in what fills it)."""
    if rng.random() < 0.25:
        literal = re.sub(r"(\w)'(\w)", r"\1\2", literal)
    if rng.random() >= rate:
        return literal
    words = literal.split(" ")
    able = [i for i, w in enumerate(words) if len(w) >= 4 and w.isascii() and w.isalpha() and w not in FRAGILE]
    if able:
        i = rng.choice(able)
        words[i] = typo(words[i], rng)
    return " ".join(words)


def message(frame: frames.Frame, rng: random.Random, plain: bool = False) -> dict:
    """One refill of a frame: `{"text", "contacts"?, "lenders"?, "pending"?, "intent"}`."""
    scene = Scene(rng)
    text = frames.choose(frame.text, rng)
    label: object = frame.label
    name = label["intent"]
    if not plain and frame.request and not frame.pendings:
        draw = rng.random()
        if draw < 0.05 and name in REFUSABLE and not re.match(r"(don't|do not|never|stop|no|why|keep)\b", text):
            text, label = rng.choice(REFUSALS) + text, {"intent": "unclear", "reason": "ambiguous"}
        elif draw < 0.09 and name in REFUSABLE and not re.match(r"(don't|do not|never|why)\b", text):
            text, label = rng.choice(DOUBTS) + text, {"intent": "unclear", "reason": "ambiguous"}
        elif draw < 0.115 and name in TOPIC:
            text, label = rng.choice(HOW) + text, {"intent": "help", "topic": TOPIC[name]}
        else:
            if rng.random() < 0.4:
                text = rng.choice(BEFORE) + text
            if rng.random() < 0.3:
                text = text.rstrip(".!?") + rng.choice(AFTER)
    if not plain and not frame.pendings and not frame.alone and " " in text:
        if rng.random() < 0.06:
            text = rng.choice(ASIDES) + " " + text
        if rng.random() < 0.04:
            text = text.rstrip(".!?") + rng.choice([".", ",", ""]) + rng.choice(ASIDES_AFTER)
    pending = rng.choice(frame.pendings) if frame.pendings else None
    if not plain and pending is None and rng.random() < WAITING and whole(frame):
        pending = frames.label(rng.choice(lexicon.PENDINGS))
    pieces = re.split(r"(\{[A-Za-z][A-Za-z.]*\d?\})", text)
    written: list[str] = []
    for piece in pieces:
        found = frames.PLACEHOLDER.fullmatch(piece)
        if found:
            filled = scene.fill(found.group(1)).text
            before = "".join(written)
            # "50usdc"
            if not plain and filled[:1].isalpha() and re.search(r"\d $", before) and found.group(1)[0] in "TSV" and rng.random() < 0.1:
                written[-1] = written[-1].removesuffix(" ")
            written.append(filled)
        else:
            written.append(piece if plain else noise(piece, rng, 0.06))
    text = "".join(written)
    if not plain:
        if rng.random() < 0.12:
            text = text[:1].upper() + text[1:]
            if rng.random() < 0.5 and text[-1:].isalnum():
                text += "."
        elif rng.random() < 0.02:
            text = text.rstrip("?.!")
    intent = settle(resolve(label, scene, written, text))
    out: dict = {"text": text}
    waits = settle(resolve(pending, scene, written, text)) if pending else None
    strangers = [f.value for k, f in scene.filled.items() if k.rstrip("0123456789") == "n"]
    crowd = [n for n in rng.sample(lexicon.NAMES, rng.choice([0, 0, 1, 2, 3])) if n.lower() not in text.lower() and n not in strangers]
    contacts = list(dict.fromkeys(scene.contacts + crowd))
    rng.shuffle(contacts)
    if contacts:
        out["contacts"] = contacts
    lenders = list(dict.fromkeys(scene.lenders))
    if not lenders and rng.random() < 0.05:
        lenders = [x for x in [rng.choice(lexicon.LENDERS)] if x.lower() not in text.lower()]
    if lenders:
        out["lenders"] = lenders
    if waits:
        out["pending"] = waits
    out["intent"] = intent
    return out


def whole(frame: frames.Frame) -> bool:
    """Whether a phrasing means the same whatever waits: in a conversation most messages come while something does."""
    name, words = frame.label["intent"], len(frame.text.split())
    if frame.alone or name in ("confirm", "cancel", "amend") or CORRECTS.search(frame.text):
        return False
    if name == "unclear":
        return frame.label.get("reason") in ("out_of_scope", "unsafe", "ambiguous") and words >= 6
    return frame.request or words >= 3


def resolve(label: object, scene: Scene, written: list[str], text: str) -> object:
    """A label with its placeholders filled; what is "as typed" is read back from the text."""
    if isinstance(label, dict):
        return {k: resolve(v, scene, written, text) for k, v in label.items()}
    if isinstance(label, list):
        return [resolve(v, scene, written, text) for v in label]
    if isinstance(label, str):
        whole = frames.PLACEHOLDER.fullmatch(label)
        if whole:
            value = scene.fill(whole.group(1)).value
            capital = value[:1].upper() + value[1:]
            # A sentence that begins with a stranger's name (or task, bank...) writes it with a capital.
            if value in scene.as_typed() and value not in text and text.startswith(capital):
                return capital
            return value
    return label
