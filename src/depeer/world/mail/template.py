"""Texts with gaps: ``{a|b}`` is a choice (and may nest), ``{hex8}`` a random token, ``{name}`` a fact.

Compiled once for a campaign or a dialect; writing one out is a join over the pieces.
Tokens: dig, hex, HEX, low, up, mix (letters and digits), each followed by its length; ``words`` by a number of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random

from depeer.world.mail.dice import pick
from depeer.world.mail.words import COMMON

Facts = Mapping[str, str]

_MARK = re.compile(r"[{}|]")
_TOKEN = re.compile(r"(dig|hex|HEX|low|up|mix|words)(\d+)")
_ALPHABETS = {
    "dig": "0123456789",
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "low": "abcdefghijklmnopqrstuvwxyz",
    "up": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "mix": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
}
_TABLES = {
    name: "".join(letters[i % len(letters)] for i in range(256)).encode()
    for name, letters in _ALPHABETS.items()
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that is filled anew in each message; ``source`` is how the template names it."""

    source: str
    fill: Callable[[Random, Facts], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """Several ways to say it."""

    options: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text."""

    pieces: tuple[str | Gap | Choice, ...]

    def write(self, dice: Random, facts: Facts) -> str:
        """The text with every gap filled and every choice made."""
        out: list[str] = []
        _fill(self.pieces, dice, facts, out)
        return "".join(out)

    def thinned(self, dice: Random, keep: int) -> Template:
        """The same with at most ``keep`` ways to say each thing: what one author knows of a language.

        With ``keep`` 1 nothing is left to choose, only tokens and facts vary.
        """
        pieces: list[str | Gap | Choice] = []
        for piece in self.pieces:
            if isinstance(piece, Choice):
                pieces += _thinned_choice(piece, dice, keep)
            else:
                pieces.append(piece)
        return Template(_joined(pieces))

    def settled(self, dice: Random, facts: Facts, *, tokens: bool = False) -> Template:
        """The same with these facts, and with ``tokens`` also the random ones, filled in once and for all."""
        pieces: list[str | Gap | Choice] = []
        for piece in self.pieces:
            if isinstance(piece, Choice):
                pieces.append(Choice(tuple(o.settled(dice, facts, tokens=tokens) for o in piece.options)))
            elif isinstance(piece, Gap) and (
                piece.source in facts or (tokens and _TOKEN.fullmatch(piece.source))
            ):
                pieces.append(piece.fill(dice, facts))
            else:
                pieces.append(piece)
        return Template(_joined(pieces))


def _fill(pieces: tuple[str | Gap | Choice, ...], dice: Random, facts: Facts, out: list[str]) -> None:
    for piece in pieces:
        kind = piece.__class__
        if kind is str:
            out.append(piece)  # type: ignore[arg-type]  # its class is `kind`
        elif kind is Gap:
            out.append(piece.fill(dice, facts))  # type: ignore[union-attr]  # as above
        else:
            _fill(pick(dice, piece.options).pieces, dice, facts, out)  # type: ignore[union-attr]  # as above


def _thinned_choice(choice: Choice, dice: Random, keep: int) -> tuple[str | Gap | Choice, ...]:
    kept = dice.sample(choice.options, min(keep, len(choice.options)))
    options = tuple(option.thinned(dice, keep) for option in kept)
    return options[0].pieces if len(options) == 1 else (Choice(options),)


def _joined(pieces: Iterable[str | Gap | Choice]) -> tuple[str | Gap | Choice, ...]:
    """Neighbouring texts as one."""
    out: list[str | Gap | Choice] = []
    for piece in pieces:
        if isinstance(piece, str) and out and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return tuple(out)


def template(text: str) -> Template:
    """Compile a text; raises ValueError where a brace is not closed."""
    return _sequence(text, 0, inside=False)[0]


def _sequence(text: str, at: int, *, inside: bool) -> tuple[Template, int]:
    """Pieces up to the end, or to the mark that ends an option."""
    pieces: list[str | Gap | Choice] = []
    plain = at
    while match := _MARK.search(text, at):
        at = match.end()
        if match[0] == "{":
            pieces.append(text[plain : at - 1])
            piece, at = _group(text, at)
            pieces.append(piece)
            plain = at
        elif inside:
            return Template(_joined([*pieces, text[plain : at - 1]])), at - 1
    if inside:
        raise ValueError(f"a brace is not closed in {text[:60]!r}")
    return Template(_joined(filter(None, [*pieces, text[plain:]]))), len(text)


def _group(text: str, at: int) -> tuple[Gap | Choice, int]:
    options, start = [], at
    while True:
        option, at = _sequence(text, at, inside=True)
        options.append(option)
        at += 1
        if text[at - 1] == "}":
            break
    return (_gap(text[start : at - 1]) if len(options) == 1 else Choice(tuple(options))), at


def _gap(name: str) -> Gap:
    token = _TOKEN.fullmatch(name)
    if token is None:
        return Gap(name, lambda _, facts: facts[name])
    count = int(token[2])
    if token[1] == "words":
        return Gap(name, lambda dice, _: words(dice, count))
    table = _TABLES[token[1]]
    return Gap(name, lambda dice, _: dice.randbytes(count).translate(table).decode("ascii"))


def words(dice: Random, count: int) -> str:
    """Words in no order, the salad that was fed to filters."""
    rand, most = dice.random, len(COMMON)
    return " ".join([COMMON[int(rand() * most)] for _ in range(count)])
