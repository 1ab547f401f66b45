"""Refills: what stands in the place of `{A}`, `{R}` and the others, with its canonical value."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from . import lexicon

DOLLAR_STABLE = {"USDC", "USDT", "DAI", "USDS", "FRAX", "LUSD", "PYUSD", "GHO", "USDE", "TUSD", "CRVUSD"}
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()


@dataclass(frozen=True)
class Filled:
    """What was written, and what it means."""

    text: str
    value: str


def words(n: int) -> str:
    """An integer below 10,000 in English words."""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + ("" if n % 10 == 0 else " " + ONES[n % 10])
    if n < 1000:
        rest = n % 100
        return ONES[n // 100] + " hundred" + ("" if rest == 0 else " " + words(rest))
    rest = n % 1000
    return words(n // 1000) + " thousand" + ("" if rest == 0 else " " + words(rest))


def plain(x: float) -> str:
    """Digits without an exponent or trailing zeros."""
    return f"{x:.8f}".rstrip("0").rstrip(".")


def number(rng: random.Random, round_only: bool = False) -> Filled:
    """A positive amount: digits, separators, shorthand or words."""
    kind = rng.random()
    if kind < 0.45 or round_only:
        n = rng.choice([rng.randint(1, 20), rng.randint(2, 99), 5 * rng.randint(1, 40), 50 * rng.randint(1, 40), 1000 * rng.randint(1, 20)])
        if round_only and kind > 0.75:
            n = 1000 * rng.randint(1, 50)
            return Filled(f"{n // 1000}k", str(n))
        if n >= 1000 and rng.random() < 0.5:
            return Filled(f"{n:,}", str(n))
        return Filled(str(n), str(n))
    if kind < 0.72:
        x = rng.choice([f"0.{rng.randint(1, 9)}", f"0.0{rng.randint(1, 9)}", f"{rng.randint(1, 9)}.{rng.randint(1, 9)}", f"{rng.randint(1, 99)}.{rng.randint(11, 99)}", "0.25", "0.001"])
        value = plain(float(x))
        if x.startswith("0.") and rng.random() < 0.15:
            return Filled(x[1:], value)
        return Filled(x, value)
    if kind < 0.78:
        n = rng.randint(1000, 9999)
        return Filled(f"{n:,}.50", f"{n}.50")
    if kind < 0.87:
        k = rng.choice(["1k", "2k", "5k", "10k", "1.5k", "2.5k", "20k"])
        return Filled(k, plain(float(k[:-1]) * 1000))
    n = rng.choice([rng.randint(1, 20), 10 * rng.randint(1, 9), rng.randint(21, 99), 100 * rng.randint(1, 9), 1000 * rng.randint(1, 9)])
    text = words(n)
    if n in (100, 1000) and rng.random() < 0.6:
        text = text.replace("one", "a", 1)
    return Filled(text, str(n))


def dollars(rng: random.Random) -> Filled:
    """A sum of dollars, `$n`."""
    n = number(rng, round_only=rng.random() < 0.7)
    if n.text.startswith("."):
        n = Filled("20", "20")
    shape = rng.random()
    digits = n.text[0].isdigit()
    if shape < 0.5 and digits:
        return Filled("$" + n.text, "$" + n.value)
    unit = rng.choice(["dollars", "bucks", "usd", "dollars", "bucks"])
    return Filled(f"{n.text} {unit}", "$" + n.value)


def target_price(rng: random.Random) -> Filled:
    """A sum that a field carries as plain digits."""
    n = number(rng, round_only=True)
    if n.text.isdigit() and int(n.text) < 100:
        n = Filled(str(int(n.text) * 100), str(int(n.text) * 100))
    shape = rng.random()
    if shape < 0.45:
        return Filled("$" + n.text, n.value)
    if shape < 0.6:
        return Filled(f"{n.text} {rng.choice(['dollars', 'usd', 'bucks'])}", n.value)
    if shape < 0.7:
        k = rng.randint(2, 50)
        return Filled(f"{rng.choice([words(k), str(k)])} {rng.choice(['grand', 'thousand'])}", str(k * 1000))
    return n


def loan_sum(rng: random.Random) -> Filled:
    """A sum with or without a currency."""
    if rng.random() < 0.6:
        return dollars(rng)
    n = number(rng, round_only=True)
    return n


def hexadecimal(rng: random.Random, digits: int) -> str:
    """`0x` and so many digits, lower case."""
    return "0x" + "".join(rng.choice("0123456789abcdef") for _ in range(digits))


def address(rng: random.Random) -> Filled:
    """A 20-byte address, lower case (which carries no checksum)."""
    text = hexadecimal(rng, 40)
    return Filled(text, text)


def malformed(rng: random.Random) -> Filled:
    """What looks like an address and can't be one."""
    good = hexadecimal(rng, 40)
    text = rng.choice([good[:-1], good + "f", good[:-2], good[:20], good[:8] + "..." + good[-4:], good[:10] + "O" + good[11:], good[:15] + "g" + good[16:]])
    return Filled(text, text)


def ens(rng: random.Random) -> Filled:
    """An ENS name."""
    stem = rng.choice([rng.choice(lexicon.NAMES).lower(), rng.choice(lexicon.ENS_STEMS)])
    stem = re.sub(r"[^a-z0-9]", "", stem) or "vault"
    text = rng.choice([f"{stem}.eth", f"{stem}.eth", f"{stem}{rng.randint(1, 99)}.eth", f"pay.{stem}.eth", f"{stem}-{rng.choice(lexicon.ENS_STEMS)}.eth"])
    return Filled(text, text)


def invented(rng: random.Random) -> str:
    """A name that nobody has seen."""
    return "".join(rng.choice(lexicon.SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()


def stranger(rng: random.Random) -> Filled:
    """A name that is not in the book, as typed."""
    name = rng.choice(lexicon.NAMES) if rng.random() < 0.6 else invented(rng)
    shape = rng.random()
    if shape < 0.45:
        name = name.lower()
    elif shape < 0.5:
        name = f"{name} {rng.choice(lexicon.SURNAMES)}"
    elif shape < 0.54:
        name = rng.choice(lexicon.ROLE_NAMES)
    return Filled(name, name)


class Scene:
    """One message in the making: placeholders keep their fill, names fill the address book."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.filled: dict[str, Filled] = {}
        self.contacts: list[str] = []
        self.lenders: list[str] = []

    def fill(self, name: str) -> Filled:
        """The fill of a placeholder; the same each time."""
        if name not in self.filled:
            taken = {f.value for f in self.filled.values()}
            fresh = self._draw(name)
            for _ in range(8):
                if fresh.value not in taken:
                    break
                fresh = self._draw(name)
            self.filled[name] = fresh
        return self.filled[name]

    def as_typed(self) -> set[str]:
        """Values that an intent carries in the person's own spelling."""
        return {f.value for f in self.filled.values() if f.value == f.text and f.value not in self.contacts and f.value not in self.lenders}

    def _draw(self, name: str) -> Filled:
        rng = self.rng
        kind = name.rstrip("0123456789")
        if kind == "R":
            kind = rng.choices(["N", "X", "E", "n"], [60, 13, 12, 15])[0]
        if kind == "XE":
            kind = rng.choices(["X", "E"], [75, 25])[0]
        if kind == "BR":
            kind = rng.choices(["N", "n"], [85, 15])[0]
        if kind in ("X", "X"):
            return address(rng)
        match kind:
            case "A":
                return number(rng)
            case "D":
                return dollars(rng)
            case "Q":
                return target_price(rng)
            case "Q.a":
                return loan_sum(rng)
            case "P":
                return Filled(*rng.choice(lexicon.SHARES))
            case "p" | "pct":
                n = rng.choice([5, 10, 15, 20, 25, 30, 40, 60, 75, 80, 90]) if kind == "p" else rng.choice(["0.1", "0.3", "0.5", "1", "2", "3", "5"])
                return Filled(rng.choice([f"{n}%", f"{n}%", f"{n} %", f"{n} percent", f"{n} pct"][: 5 if kind == "p" else 4]), f"{n}%")
            case "T":
                return self._token(lexicon.STABLE if rng.random() < 0.4 else lexicon.VOLATILE)
            case "S":
                return self._token(lexicon.STABLE)
            case "V":
                return self._token(lexicon.VOLATILE)
            case "F":
                return Filled(*rng.choice(lexicon.FOREIGN))
            case "N":
                return self._contact()
            case "n":
                return stranger(rng)
            case "E":
                return ens(rng)
            case "B":
                text = "bc1q" + "".join(rng.choice("023456789acdefghjklmnpqrstuvwxyz") for _ in range(38))
                return Filled(text, text)
            case "Xbad":
                return malformed(rng)
            case "H":
                text = hexadecimal(rng, 64)
                return Filled(text, text)
            case "C":
                return Filled(*rng.choice(lexicon.CHAINS))
            case "U":
                host, path = rng.choice(lexicon.HOSTS), rng.choice(lexicon.PATHS)
                text = f"https://{host}{path}"
                return Filled(text, text)
            case "L":
                return self._lender()
            case "K":
                bank = rng.choice(lexicon.BANKS) if rng.random() < 0.7 else invented(rng) + rng.choice(["", " Bank", " Savings"])
                bank = bank.lower() if rng.random() < 0.35 else bank
                return Filled(bank, bank)
            case "G":
                spender = rng.choice(lexicon.PROTOCOLS) if rng.random() < 0.8 else invented(rng).lower() + rng.choice(["swap", "fi", "dex", ""])
                return Filled(spender, spender)
            case "W":
                return Filled(*rng.choice(lexicon.PERIODS))
            case "Y":
                return Filled(*rng.choice(lexicon.RECURRENCES))
            case "O":
                return Filled(*rng.choice(lexicon.CLOCKS))
            case "per":
                return Filled(*rng.choice(lexicon.PER))
            case "task":
                task = f"{rng.choice(lexicon.TASK_VERBS)} {rng.choice(lexicon.TASK_OBJECTS)}" if rng.random() < 0.6 else rng.choice(lexicon.TASKS)
                return Filled(task, task)
            case "agent":
                if rng.random() < 0.25:
                    n = str(rng.randint(2, 9999))
                    return Filled(rng.choice([f"#{n}", f"number {n}", f"agent {n}", f"agent #{n}"]), n)
                agent = rng.choice(lexicon.AGENTS) if rng.random() < 0.5 else invented(rng) + rng.choice(["Bot", "AI", "Agent", ""])
                return Filled(agent, agent)
            case "quote":
                quote = rng.choice(lexicon.QUOTES).replace("#", str(rng.randint(1, 9999)))
                return Filled(quote, quote)
            case "handle":
                stem = re.sub(r"[^a-z0-9]", "", rng.choice(lexicon.NAMES).lower()) or "someone"
                return Filled(stem + rng.choice(["", "_eth", "99", "xyz"]), "")
            case "lev":
                return Filled(rng.choice(["2x", "3x", "5x", "10x", "20x", "50x", "100x"]), "")
            case "gasg":
                return Filled(f"{rng.choice([5, 10, 15, 20, 30, 50])} gwei", "")
            case "sats":
                n = rng.choice([100, 500, 1000, 5000, 21000, 50000, 250000])
                return Filled(f"{n} {rng.choice(['sats', 'satoshis', 'sat'])}", plain(n / 1e8))
            case "gwei":
                n = rng.choice([1000, 5000, 20000, 500000])
                return Filled(f"{n} gwei", plain(n / 1e9))
        raise KeyError(f"unknown placeholder {{{name}}}")

    def _token(self, table: list[tuple[str, str]]) -> Filled:
        rng = self.rng
        text, symbol = rng.choice(table)
        return Filled(text.upper() if text == symbol.lower() and rng.random() < 0.35 else text, symbol)

    def _contact(self) -> Filled:
        rng = self.rng
        name = rng.choice(lexicon.NAMES)
        if rng.random() < 0.12:
            name = f"{name} {rng.choice(lexicon.SURNAMES)}"
        if rng.random() < 0.06:
            name = rng.choice(lexicon.ROLE_NAMES).capitalize()
        self.contacts.append(name)
        return Filled(name.lower() if rng.random() < 0.55 else name, name)

    def _lender(self) -> Filled:
        rng = self.rng
        name = rng.choice(lexicon.LENDERS) if rng.random() < 0.5 else invented(rng) + rng.choice(["", " Finance", " Credit", " Capital"])
        if rng.random() < 0.85:
            self.lenders.append(name)
            return Filled(name.lower() if rng.random() < 0.3 else name, name)
        return Filled(name, name)


def settle(value: object, key: str = "", item: dict | None = None) -> object:
    """Dollar sums beside a dollar stablecoin become plain digits of it (the rule that the grounding follows too)."""
    if isinstance(value, list):
        return [settle(v, key, item) for v in value]
    if isinstance(value, dict):
        return {k: settle(v, k, value) for k, v in value.items()}
    if isinstance(value, str) and value.startswith("$") and item is not None:
        if item.get("intent") == "swap":
            unit = item.get("to") if item.get("side") == "out" else item.get("from")
        else:
            unit = item.get("asset")
        if key in ("amount", "over", "max") and unit in DOLLAR_STABLE:
            return value[1:]
    return value
