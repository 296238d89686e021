"""The one gate for strings that leave: recipients and traps, times, links, private columns.

A spam trap whose address gets out is burnt, and the recipients of real mail are persons. So everything
that is shown to others goes through a `Gate`, which knows the addresses and finds them however a sender
wrote them back: plain, VERP (``user=example.org``), percent or entity, base64 and base32 (any alignment),
hexadecimal, MD5, SHA-1 or SHA-256, reversed, ROT13. What was found is replaced; the rest stays as it is.

Strings are cut into tokens that are looked up, so the cost does not grow with the number of addresses.
Escaping for HTML and the like is the renderer's own duty, with or without the gate.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import hashlib
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from depeer.tables import Sensitivity, sensitivities

REDACTED = "[redacted]"
REDACTED_LABEL = "redacted"
"""Stands for a host label, where brackets would make the name unreadable to machines."""


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0 (FIRST, August 2022)."""

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"


_Arrow = TypeVar("_Arrow", pa.RecordBatch, pa.Table)


@dataclass(frozen=True, slots=True)
class Gate:
    """What may not leave; ``private`` lets everything through unchanged.

    A trap's local part is a secret by itself, unless it is a role name that every domain has (RFC 2142);
    an ordinary recipient's only with a digit in it, in a greeting, or before an ``@`` or ``=``.
    """

    recipients: InitVar[Iterable[str | None]] = ()
    traps: InitVar[Iterable[str | None]] = ()
    private: bool = False
    secrets: Secrets = field(init=False, repr=False)

    def __post_init__(self, recipients: Iterable[str | None], traps: Iterable[str | None]) -> None:
        object.__setattr__(self, "secrets", _secrets(recipients, traps))

    def text(self, text: str) -> str:
        """Words by strangers: every recipient and trap becomes ``[redacted]``."""
        if self.private or not text or not self.secrets.addresses:
            return text
        return _replace(text, sorted(_found(text, self.secrets)))

    def host(self, host: str) -> str:
        """A host name: labels that name a recipient or trap become ``redacted``."""
        return self.text(host).replace(REDACTED, REDACTED_LABEL)

    def link(self, link: str) -> str:
        """``scheme://host[:port]/…``: user part, path, query and fragment may all name the recipient."""
        if self.private:
            return link
        return _cut_link(link.strip(), self.host)

    def time(self, when: datetime) -> datetime:
        """The hour that has begun: minutes and seconds would tell an operator which delivery it was."""
        return when if self.private else when.replace(minute=0, second=0, microsecond=0)

    def micros(self, when: int) -> int:
        """`time` for µs since 1970."""
        return when if self.private else when - when % 3_600_000_000

    def value(self, value: Any) -> Any:
        """A JSON-able structure: strings (keys too) and times pass the gate, bytes do not leave at all."""
        if self.private:
            return value
        if isinstance(value, str):
            return self.link(value) if _LINK.match(value) and " " not in value else self.text(value)
        if isinstance(value, dict):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        if isinstance(value, datetime):
            return self.time(value)
        return None if isinstance(value, bytes | bytearray | memoryview) else value

    def batch(self, table: str, batch: _Arrow) -> _Arrow:
        """A batch of a lake table (or of columns made from it), by the sensitivity of each column.

        Private columns stay but are null, so that the schema holds. Open strings are searched too: a host
        name may carry a recipient in a label. Columns that the table does not have are treated as text,
        times as times; unknown bytes become null.
        """
        if self.private:
            return batch
        known = sensitivities(table)
        columns = [
            self._column(column, known.get(name))
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        clean = type(batch).from_arrays(columns, schema=batch.schema)
        return _without_own_names(clean, batch, known)

    def _column(self, column: Any, sensitivity: Sensitivity | None) -> Any:
        kind = column.type
        unknown_bytes = sensitivity is None and (pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
        if sensitivity is Sensitivity.PRIVATE or unknown_bytes:
            return pa.nulls(len(column), kind)
        if pa.types.is_timestamp(kind):
            return (
                pc.floor_temporal(column, unit="hour") if sensitivity in (None, Sensitivity.TIME) else column
            )
        change = self.link if sensitivity is Sensitivity.LINK else self.text
        if _is_text(kind):
            return _each(column, change)
        if pa.types.is_list(kind) and _is_text(kind.value_type):
            return pa.array([v and [i and change(i) for i in v] for v in column.to_pylist()], kind)
        return column


# ------------------------------------------------------------------------------------------- secrets

_PREFIX = 9
"""Bytes of a digest that are compared: 12 base64 and 18 hexadecimal digits, so truncated digests are found."""
_SHORTEST = 4
_ROLE_NAMES = """
abuse admin administrator billing contact enquiries feedback hello help home hostmaster info inquiries jobs list
mail mailer-daemon marketing news newsletter noc nobody noreply office orders post postmaster press root sales
security service spam subscribe support team test user usenet uucp webmaster www
"""
_ROLES = frozenset(_ROLE_NAMES.split())


@dataclass(frozen=True, slots=True)
class Secrets:
    """Lower-case addresses and what is looked up instead of them; all sets, so a look-up costs the same."""

    addresses: frozenset[str] = frozenset()
    words: dict[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    """First word of an address → its words, in the orders that senders write them."""
    names: frozenset[str] = frozenset()
    """Local parts that are secret by themselves."""
    greeted: frozenset[str] = frozenset()
    """Local parts that are secret in a greeting or before an ``@``."""
    digests: frozenset[bytes] = frozenset()
    domains: frozenset[str] = frozenset()
    domain_lengths: tuple[int, ...] = ()
    local_lengths: tuple[int, ...] = ()
    name_lengths: tuple[int, ...] = ()
    shortest_code: int = 12
    """Characters of the shortest encoding that is looked for."""


def _secrets(recipients: Iterable[str | None], traps: Iterable[str | None]) -> Secrets:
    declared = _tidy(traps)
    typed = _tidy(recipients) | declared
    full = {a.lower() for a in typed if "@" in a}
    names = {n for n in map(_local_part, declared) if len(n) >= _SHORTEST - 1 and n not in _ROLES}
    names |= {n for n in map(_local_part, typed) if _TELLING.fullmatch(n)}
    encoded = [n for n in names | full if len(n) > _SHORTEST]
    names |= {disguise(n) for n in names if len(n) > _SHORTEST for disguise in _DISGUISES}
    chains = [chain for address in full for chain in _word_orders(address)] + [
        tuple(_words(n)) for n in names
    ]
    return Secrets(
        addresses=frozenset(full | names),
        words=_by_first(chains),
        names=frozenset(names),
        greeted=frozenset(n for n in map(_local_part, typed) if len(n) >= _SHORTEST and n not in _ROLES),
        digests=frozenset(d for a in typed | full | names for d in _digests(a)),
        domains=frozenset(a.rpartition("@")[2] for a in full),
        domain_lengths=_lengths(a.rpartition("@")[2] for a in full),
        local_lengths=_lengths(a.rpartition("@")[0] for a in full),
        name_lengths=tuple(n for n in _lengths(names) if n > _SHORTEST),
        shortest_code=min((12, *((4 * len(n) + 2) // 3 for n in encoded))),
    )


_TELLING = re.compile(r"(?=.*[0-9])(?=.*[^\W\d_]).{5,}")
"""Local parts with digits among letters: nobody's word, and many a list's account number."""


def _tidy(addresses: Iterable[str | None]) -> set[str]:
    return {address.strip().strip("<>") for address in addresses if address} - {""}


def _local_part(address: str) -> str:
    local, at, rest = address.lower().rpartition("@")
    return local if at else rest


def _lengths(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({len(text) for text in texts}, reverse=True))


def _word_orders(address: str) -> Iterator[tuple[str, ...]]:
    """``user@example.org`` as (user, example, org), as SRS puts it (example, org, user), and disguised."""
    local, _, domain = address.rpartition("@")
    for mailbox in {local, local.partition("+")[0]}:
        yield (*_words(mailbox), *_words(domain))
        yield (*_words(domain), *_words(mailbox))
    for disguise in _DISGUISES:
        yield tuple(_words(disguise(address)))


def _reversed(text: str) -> str:
    return text[::-1]


def _rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


_DISGUISES = (_reversed, _rot13)


def _by_first(chains: Iterable[tuple[str, ...]]) -> dict[str, frozenset[tuple[str, ...]]]:
    grouped: dict[str, set[tuple[str, ...]]] = {}
    for chain in chains:
        if len(chain) > 1:
            grouped.setdefault(chain[0], set()).add(chain)
    return {first: frozenset(group) for first, group in grouped.items()}


def _digests(address: str) -> Iterator[bytes]:
    data = address.encode("utf-8", "replace")
    for algorithm in ("md5", "sha1", "sha256"):
        yield hashlib.new(algorithm, data, usedforsecurity=False).digest()[:_PREFIX]


# --------------------------------------------------------------------------------------------- views


class _View(NamedTuple):
    """A string as somebody would decode it; ``origin[i]`` is where its character i began (one entry more)."""

    text: str
    origin: Sequence[int]


_ESCAPE = re.compile(
    r"%([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})|&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z]{2,8};)|[^\x00-\x7f]"
)
_QUOTED = re.compile(r"=([0-9A-F]{2})")
_SIGNS = re.compile(r"[%&\\]|[^\x00-\x7f]")


def _views(text: str) -> Iterator[_View]:
    plain = _View(text, range(len(text) + 1))
    yield plain
    view = plain
    for _ in range(3):
        if not _SIGNS.search(view.text):
            break
        view = _decoded(view, _ESCAPE)
        yield view
    if "=" in text and _QUOTED.search(text):
        yield _decoded(plain, _QUOTED)


def _decoded(view: _View, pattern: re.Pattern[str]) -> _View:
    pieces: list[str] = []
    origin: list[int] = []
    at = 0
    for match in pattern.finditer(view.text):
        plain = _character(match)
        pieces += [view.text[at : match.start()], plain]
        origin += [*view.origin[at : match.start()], *([view.origin[match.start()]] * len(plain))]
        at = match.end()
    pieces.append(view.text[at:])
    origin += view.origin[at:]
    return _View("".join(pieces), origin)


def _character(match: re.Match[str]) -> str:
    digits = next((group for group in match.groups() if group), None)
    if digits is not None:
        return chr(int(digits, 16))
    found = match.group()
    return html.unescape(found) if found[0] == "&" else unicodedata.normalize("NFKC", found)


# --------------------------------------------------------------------------------------------- search

_Span = tuple[int, int]


def _found(text: str, secrets: Secrets) -> set[_Span]:
    """Where ``text`` names a secret, in any view or encoding."""
    spans: set[_Span] = set()
    for view in _views(text):
        for start, end in _named(view.text, secrets):
            spans.add((view.origin[start], view.origin[end]))
        for match in _RUN.finditer(view.text):
            if match.end() - match.start() >= secrets.shortest_code and _encodes(match.group(), secrets):
                spans.add((view.origin[match.start()], view.origin[match.end()]))
    return spans


_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"\+[^\s@=<>]{0,64}(?=[@=])")
_BETWEEN = frozenset(("at", "dot"))
_GREETING = re.compile(
    r"(?:\b(?:hi|hello|hey|dear|attn|attention|welcome|to|for)[\s:,]{1,8}|\A\s{0,8})([\w.+-]{4,64})(?![\w@])"
)
_BEFORE_AT = re.compile(r"(?<![\w.+-])([\w.+-]{4,64}+)(?=[@=])")


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in _BETWEEN]


def _named(text: str, secrets: Secrets) -> Iterator[_Span]:
    """Spans of addresses and local parts that stand in the open."""
    low = text.lower() if text.isascii() else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    yield from _chains(low, secrets)
    yield from _around_at(low, secrets)
    if secrets.names:
        yield from _bare_names(low, secrets.names)
    for pattern in (_GREETING, _BEFORE_AT) if secrets.greeted else ():
        for match in pattern.finditer(low):
            name = match.group(1).rstrip(".-+")
            if name in secrets.greeted:
                yield match.start(1), match.start(1) + len(name)


def _chains(low: str, secrets: Secrets) -> Iterator[_Span]:
    """The words of an address one after the other, whatever stands between them, tags left out."""
    tags = [match.span() for match in _TAG.finditer(low)] if "+" in low else []
    words = [m for m in _WORD.finditer(low) if m.group() not in _BETWEEN]
    for kept in (
        words,
        [m for m in words if not any(s <= m.start() < e for s, e in tags[:64])] if tags else [],
    ):
        texts = [m.group() for m in kept]
        for at, word in enumerate(texts):
            for chain in secrets.words.get(word, ()):
                end = at + len(chain)
                if tuple(texts[at:end]) == chain and _near(kept[at:end]):
                    yield kept[at].start(), kept[end - 1].end()


def _near(words: list[re.Match[str]]) -> bool:
    return all(after.start() - before.end() <= _FAR for before, after in pairwise(words))


_FAR = 72
"""Characters between two words of an address: a tag of 64 and a separator."""


def _around_at(low: str, secrets: Secrets) -> Iterator[_Span]:
    """Addresses glued to other letters, as decoding leaves them."""
    at = low.find("@")
    while at >= 0:
        for size in secrets.domain_lengths:
            domain = low[at + 1 : at + 1 + size]
            if len(domain) < size or domain not in secrets.domains:
                continue
            for length in secrets.local_lengths:
                if length <= at and f"{low[at - length : at]}@{domain}" in secrets.addresses:
                    yield at - length, at + 1 + size
        at = low.find("@", at + 1)


def _bare_names(low: str, names: frozenset[str]) -> Iterator[_Span]:
    for match in _NAME.finditer(low):
        name = match.group().strip(".-+")
        if name in names:
            start = low.index(name, match.start())
            yield start, start + len(name)
            continue
        for part in _WORD.finditer(name):
            if part.group() in names:
                start = low.index(name, match.start()) + part.start()
                yield start, start + len(part.group())


_NAME = re.compile(r"[\w.+-]{3,320}")


# ------------------------------------------------------------------------------------------- encoded

_RUN = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,6}")
_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_BASE32 = re.compile(r"[A-Za-z2-7]{16,}")
_LONGEST_RUN = 65536
_SURELY_NO_WORD = 12
"""Shorter runs of small letters are words: base64 of anything has capitals or digits."""


def _encodes(run: str, secrets: Secrets) -> bool:
    """Whether a run of letters and digits is an encoding of a secret, or of something that holds one."""
    run = run.rstrip("=")[:_LONGEST_RUN]
    if len(run) < _SURELY_NO_WORD and run.isalpha() and run[1:].islower():
        return False
    return any(_holds(data, secrets) for data in _decodings(run))


def _decodings(run: str) -> Iterator[bytes]:
    for match in _HEX.finditer(run):
        digits = match.group()
        for start in (0, 1):
            yield bytes.fromhex(digits[start : start + (len(digits) - start) // 2 * 2])
    standard = run.replace("-", "+").replace("_", "/")
    for start in range(4):
        yield _base64(standard[start:])
    for piece in {*re.split(r"[+/_-]", run)} - {run}:
        for start in range(4 if len(piece) >= 6 else 0):
            yield _base64(piece[start:])
    for match in _BASE32.finditer(run):
        letters = match.group().upper()
        for start in range(8):
            yield _base32(letters[start:])


def _base64(text: str) -> bytes:
    usable = len(text) - (len(text) % 4 == 1)
    try:
        return binascii.a2b_base64(text[:usable] + "=" * (-usable % 4))
    except binascii.Error:
        return b""


def _base32(text: str) -> bytes:
    usable = len(text) // 8 * 8 + (0, 0, 2, 2, 4, 5, 5, 7)[len(text) % 8]
    try:
        return base64.b32decode(text[:usable] + "=" * (-usable % 8))
    except binascii.Error:
        return b""


def _holds(data: bytes, secrets: Secrets) -> bool:
    if not secrets.digests.isdisjoint([data[i : i + _PREFIX] for i in range(len(data) - _PREFIX + 1)]):
        return True
    low = data.lower().decode("latin-1")
    if "@" in low and next(_around_at(low, secrets), None):
        return True
    if low in secrets.addresses or (
        low.isascii() and low.isprintable() and next(_chains(low, secrets), None)
    ):
        return True
    return any(low[i : i + n] in secrets.names for n in secrets.name_lengths for i in range(len(low) - n + 1))


# ------------------------------------------------------------------------------------------ rendering


def _replace(text: str, spans: list[_Span]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        if end <= at:
            continue
        if start >= at and (start > at or not pieces):
            pieces += [text[at:start], REDACTED]
        at = end
    return "".join((*pieces, text[at:]))


_LINK = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):([/\\]*)")
_AUTHORITY = re.compile(r"[^/\\?#]*")
_PREFIX_OF_NETWORK = re.compile(r"[0-9A-Fa-f.:]+/[0-9]{1,3}")


def _cut_link(link: str, clean: Callable[[str], str]) -> str:
    scheme = _LINK.match(link)
    if scheme and not scheme.group(2) and not link[scheme.end() : scheme.end() + 5].isdigit():
        return f"{scheme.group(1)}:…" if not re.fullmatch(r"[0-9A-Fa-f:.]+", link) else link
    if scheme is None and _PREFIX_OF_NETWORK.fullmatch(link):
        return link
    begin = scheme.end() if scheme and scheme.group(2) else 0
    authority = _AUTHORITY.match(link, begin)
    end = authority.end() if authority else len(link)
    host = link[begin:end].rpartition("@")[2]
    tail = "/…" if len(link) > end + 1 else link[end:].replace("\\", "/")
    return (f"{clean(scheme.group(1))}://" if begin and scheme else "") + clean(host) + tail


_DEFANG_SCHEME = re.compile(r"\b(?:[hH][tT]{2}[pP]|[fF][tT][pP])(?=[sS]?://)")
_DEFANG_DOTTED = re.compile(
    r"(?<![\w.])(?:(?:[\w-]{1,63}\.){1,126}(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{1,59})|(?:[0-9]{1,3}\.){3}[0-9]{1,3})(?!\w)"
)
_DEFANG_V6 = re.compile(r"(?<![\w:])(?=[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:)[0-9A-Fa-f:]{2,39}(?![\w:])")
_DEFANG_AT = re.compile(r"(?<=[\w.+-])@(?=[\w\[])")


def defang(text: str) -> str:
    """For prose: ``hxxp://evil[.]example``, ``192[.]0[.]2[.]1``, ``2001[:]db8[:][:]1``, ``user[@]evil[.]example``.

    Every dotted name is taken for a host, also ``report.html``: a live link in a report gets it blocked.
    """
    text = _DEFANG_SCHEME.sub(lambda m: "hxxp" if m.group()[0] in "hH" else "fxp", text)
    text = _DEFANG_DOTTED.sub(lambda m: m.group().replace(".", "[.]"), text)
    text = _DEFANG_V6.sub(lambda m: m.group().replace(":", "[:]") if _is_v6(m.group()) else m.group(), text)
    return _DEFANG_AT.sub("[@]", text)


def _is_v6(text: str) -> bool:
    return "::" in text or text.count(":") == 7


# --------------------------------------------------------------------------------------------- arrow


def _without_own_names(batch: _Arrow, told: _Arrow, known: Mapping[str, Sensitivity]) -> _Arrow:
    """A mail's own recipients by their local parts: offers are addressed by name, and that name is the address.

    ``told`` is the batch as it was, with its recipients.
    """
    if "recipients" not in told.schema.names:
        return batch
    named = [_locals(one) for one in told["recipients"].to_pylist()]
    for place, name in enumerate(batch.schema.names):
        if known.get(name) is Sensitivity.TEXT and pa.types.is_string(batch.schema.field(name).type):
            texts = batch[name].to_pylist()
            clean = [_unnamed(text, names) for text, names in zip(texts, named, strict=True)]
            batch = batch.set_column(place, batch.schema.field(name), pa.array(clean, pa.string()))
    return batch


def _locals(recipients: list[str] | None) -> tuple[str, ...]:
    return tuple(
        {one.partition("@")[0].lower() for one in recipients or () if len(one.partition("@")[0]) >= 3}
    )


def _unnamed(text: str | None, names: tuple[str, ...]) -> str | None:
    if not text or not any(name in text.lower() for name in names):
        return text
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", REDACTED, text, flags=re.IGNORECASE)
    return text


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _each(column: Any, change: Callable[[str], str]) -> Any:
    """``change`` once for each distinct value: hosts, sensors and labels repeat."""
    changed: dict[str | None, str | None] = {None: None}
    for value in pc.unique(column).to_pylist():
        if value is not None:
            changed[value] = change(value)
    if all(before == after for before, after in changed.items()):
        return column
    return pa.array([changed[value] for value in column.to_pylist()], column.type)
