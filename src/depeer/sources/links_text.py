"""Links in running text, found by their anchors: ``://``, ``www.``, a defanged dot, a domain with a path.

`bytes.find` on an anchor costs a tenth of a regular expression that must try every byte, so the anchors
are found first and only their surroundings are read. Each byte is read a bounded number of times.

What counts: ``http``, ``https`` and ``ftp`` (hxxp, h**p); hosts that begin with ``www.``; defanged hosts
(``[.]``, ``(dot)``); and a bare domain only with a known top-level domain *and* a path or port
(``pills.example/buy``), because ``end.So`` and ``Yahoo.com`` in prose are no links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from depeer.sources.links_charset import decode
from depeer.sources.links_marks import DEFANGED, Marks, unmark
from depeer.sources.links_url import LONGEST_RAW, Link, links_of
from depeer.sources.names import hostname, known_tld, read_host

Inside = Callable[[bytes, int], bool]
"""Whether a position of the (lower-case) bytes is markup, where text is not looked for."""


def text_links(data: bytes, charset: str, inside: Inside | None = None) -> Iterator[tuple[int, Link]]:
    """(offset, link) in order of appearance. ``data`` may hold marks; ``charset`` holds ASCII as itself."""
    data, marks = unmark(refang(data))
    low = data.lower()
    end = 0
    for start, prefix, meaning in _anchors(low, marks):
        if start < end or (inside is not None and inside(low, start)):
            continue
        if "no-scheme" in meaning:
            host = _HOST.match(data, start)
            if host is None or not _confident(decode(host.group(), charset)):
                end = host.end() if host else start
                continue
        body = _BODY.match(data, start)
        if body is None:
            continue
        end = body.end()
        url, flags = _read(prefix, body.group(), charset, start, marks)
        for link in links_of(url, (*meaning, *flags)):
            yield start, link


# ------------------------------------------------------------------------------------------ defanged

_DOT = re.compile(rb"[ ]?[\[({][ ]?(?:\.|[dD][oO][tT])[ ]?[\])}][ ]?(?=[A-Za-z0-9\x80-\xff])")
_COLON = re.compile(rb"[\[({]:(//)?[\])}]|:[\[({]//[\])}]")
_SIGNS = [re.compile(re.escape(b) + rb"(?:[ ]?(?:\.|[dD][oO][tT])|:|//)") for b in (b"[", b"(", b"{")]
"""One a bracket: a pattern that begins with one literal byte is searched ten times as fast."""


def refang(data: bytes) -> bytes:
    """Undo ``[.]``, ``(dot)``, ``[:]``, ``[://]`` and leave a mark at each place."""
    if not any(sign.search(data) for sign in _SIGNS):
        return data
    data = _DOT.sub(b"." + DEFANGED, data)
    return _COLON.sub(lambda m: (b"://" if b"//" in m.group() else b":") + DEFANGED, data)


# ------------------------------------------------------------------------------------------- anchors

_BODY = re.compile(rb"[^\x00-\x20\x7f<>\"`]{1,%d}" % LONGEST_RAW)
_HOST = re.compile(rb"[A-Za-z0-9._\-\x80-\xff]{1,1024}")
_BARE = re.compile(rb"\.[a-z]{2,24}(?=/[a-z0-9~?_%-]|:[0-9]{2,5}/)")
_HOST_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789-._"
_LONGEST_HOST = 255
_NOT_BEFORE_WWW = frozenset(_HOST_BYTES + b"@/\\%")
_NOT_BEFORE_BARE = frozenset(b"@/\\%=&?+~#$'")
_PLAIN_SCHEMES = (b"http", b"https", b"ftp")
_DEFANGED_SCHEMES = (b"hxxp", b"hxxps", b"h**p", b"h**ps")
_Anchor = tuple[int, str, tuple[str, ...]]
"""Where to read from, what to put before it, what that means."""
_BARE_HOST = ("http://", ("no-scheme",))


def _anchors(low: bytes, marks: Marks) -> list[_Anchor]:
    """Starts of what may be links, in order."""
    found = list(_schemes(low, b"://"))
    if b"\\" in low:
        found += _schemes(low, b":\\\\")
    if b"www." in low:
        found += [(start, *_BARE_HOST) for start in _bare_www(low)]
    found += [(start, *_BARE_HOST) for start in _bare_domains(low)]
    if "defanged" in marks.flags:
        found += [(start, *_BARE_HOST) for start in _defanged_hosts(low, marks)]
    found.sort()
    return found


def _schemes(low: bytes, anchor: bytes) -> Iterator[_Anchor]:
    at = low.find(anchor)
    while at >= 0:
        if low.endswith(_PLAIN_SCHEMES, 0, at):
            yield low.rfind(b"ftp" if low[at - 3] == 0x66 else b"http", 0, at), "", ()
        elif low.endswith(_DEFANGED_SCHEMES, 0, at):
            yield at - (low[at - 1] == 0x73), "http", ("defanged",)
        at = low.find(anchor, at + len(anchor))


def _bare_www(low: bytes) -> Iterator[int]:
    at = low.find(b"www.")
    while at >= 0:
        if at == 0 or low[at - 1] not in _NOT_BEFORE_WWW:
            yield at
        at = low.find(b"www.", at + 4)


def _bare_domains(low: bytes) -> Iterator[int]:
    """Domains with a path. Only a dot's neighbours are read, so a text without one costs nothing."""
    for match in _BARE.finditer(low):
        start = _host_start(low, match.start())
        before = low[start - 1] if start else 0x20
        if start == match.start() or before in _NOT_BEFORE_BARE or before >= 0x80:
            continue
        if known_tld(match.group()[1:].decode("ascii")):
            yield start


def _defanged_hosts(low: bytes, marks: Marks) -> Iterator[int]:
    """Hosts around a defanged dot; what stands before an ``@`` is a mail address, not a link."""
    end = 0
    for at, flag in zip(marks.offsets, marks.flags, strict=True):
        if at < end or flag != "defanged" or low[at - 1 : at] != b".":
            continue
        start = _host_start(low, at)
        if start < at - 1 and low[start - 1 : start] not in (b"@", b"/"):
            yield start
        run = _HOST.match(low, at)
        end = run.end() if run else at


def _host_start(low: bytes, end: int) -> int:
    before = low[max(0, end - _LONGEST_HOST) : end]
    return end - len(before) + len(before.rstrip(_HOST_BYTES))


# ------------------------------------------------------------------------------------------- reading

_AUTHORITY_END = re.compile(rb"(?:[a-zA-Z]{0,5}:[/\\]+)?[^/\\?#]*")
_TAIL = ".,;:!?'*_~|\u2026"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_SENTENCE = frozenset((*_TAIL, *_CLOSING))
_LATER_TEXT = re.compile(r"&(?:nbsp|[lg]t|quot|#160|#6[02]|#34|#x[aA]0|#x3[cCeE]|#x22);?")
_ZERO_WIDTH = "\u00ad\u200b\u2060\ufeff"
_STOPS = "\u3002\uff0e\uff61"


def _read(prefix: str, body: bytes, charset: str, start: int, marks: Marks) -> tuple[str, tuple[str, ...]]:
    """(URL, flags) of the link that begins a run of URL characters."""
    flags: tuple[str, ...] = ()
    if marks.offsets:
        authority = _AUTHORITY_END.match(body)
        length = authority.end() if authority else 0
        flags = marks.between(start, start + length)
        if "split-by-tags" in flags:
            body = _unsplit(body, length, [at - start for at in marks.splits(start, start + length)])
    if body.isascii():
        return trim(prefix + body.decode("ascii")), flags
    return trim(_cut_foreign(prefix + decode(body, charset))), flags


def _confident(host: str) -> bool:
    """A host without scheme needs a top-level domain that exists, or at least looks like one after www."""
    read = read_host(_authority(_cut_foreign("http://" + host)).rstrip(_TAIL))
    name = read.name if read and "bad-host" not in read.flags else None
    if name is None or "." not in name:
        return False
    tld = name.rpartition(".")[2]
    return known_tld(tld) or (name.startswith("www.") and name.count(".") > 1 and tld.isalpha())


def _authority(url: str) -> str:
    return re.split(r"[/\\?#]", url.partition("://")[2], maxsplit=1)[0]


def _unsplit(body: bytes, length: int, splits: list[int]) -> bytes:
    """Take back a join that made no sense: ``www.pills.example<b>Click`` is not pills.exampleclick."""
    for end in (length, *reversed(splits[-8:])):
        if known_tld(_last_label(body[:end])):
            return body if end == length else body[:end]
    return body


def _last_label(host: bytes) -> str:
    host = host.rstrip(b".,;!?")
    if host.rpartition(b":")[2].isdigit():
        host = host.rpartition(b":")[0]
    return host.rpartition(b".")[2].lower().decode("latin-1")


def _cut_foreign(text: str) -> str:
    """End a URL where foreign prose goes on without a space: at punctuation, or after a complete host."""
    keep = _ZERO_WIDTH + _STOPS
    end = next((i for i, c in enumerate(text) if c > "\x7f" and not c.isalnum() and c not in keep), len(text))
    text = text[:end].rstrip(keep)
    authority = _authority(text)
    if authority.isascii():
        return text
    name = hostname(authority.partition(":")[0])
    if name is not None and known_tld(name.rpartition(".")[2]):
        return text
    ascii_end = next(i for i, c in enumerate(authority) if c > "\x7f")
    if known_tld(authority[:ascii_end].rpartition(".")[2].lower()):
        return text[: text.index(authority) + ascii_end]
    return text


def trim(url: str) -> str:
    """Drop what belongs to the sentence: final punctuation, and closing brackets that were not opened."""
    later = _LATER_TEXT.search(url) if "&" in url else None
    url = url[: later.start()] if later else url
    if url[-1:] not in _SENTENCE:
        return url
    surplus = {close: url.count(close) - url.count(begin) for close, begin in _CLOSING.items()}
    end = len(url)
    while end and (url[end - 1] in _TAIL or surplus.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in surplus:
            surplus[url[end]] -= 1
    return url[:end]
