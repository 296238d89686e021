"""Links in HTML, read by a scanner over bytes: a parser may take seconds for 100,000 attributes.

Attributes are found by ``=`` before something that begins like a URL, then by their name; text by the
anchors of `links_text`, after tags inside words and numeric entities were undone. A link in a comment is
kept with the flag ``comment``: some readers show what conditional comments hold.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from depeer.sources.links_charset import decode
from depeer.sources.links_marks import ENTITY, SPLIT
from depeer.sources.links_text import Inside, text_links
from depeer.sources.links_url import LONGEST_RAW, Link, links_of

ATTRIBUTES = (
    b"href", b"src", b"action", b"background", b"formaction", b"poster", b"data", b"cite", b"longdesc",
    b"usemap", b"url", b"dynsrc", b"lowsrc", b"codebase", b"ping", b"srcset", b"location", b"classid",
    b"archive", b"manifest", b"profile",
)  # fmt: skip
"""Names (or ends of names) of attributes that hold a link; ``url`` for meta refresh, ``location`` for scripts."""


def html_links(data: bytes, charset: str) -> Iterator[Link]:
    """Attributes first, then style sheets, then visible text. ``charset`` must hold ASCII as itself."""
    low = data.lower()
    in_comment = _spans(low, b"<!--", b"-->") if b"<!--" in low else None
    yield from _commented(_attribute_links(data, low, charset), in_comment)
    if b"url(" in low:
        yield from _commented(_style_links(data, low, charset), in_comment)
    yield from _visible_links(data, charset)


Numbered = Iterator[tuple[int, Link]]


def _commented(found: Numbered, in_comment: Callable[[int], bool] | None) -> Iterator[Link]:
    for at, link in found:
        commented = in_comment is not None and in_comment(at)
        yield link._replace(flags=tuple(sorted({*link.flags, "comment"}))) if commented else link


def _spans(low: bytes, begin: bytes, close: bytes) -> Callable[[int], bool]:
    """Whether an offset lies in a comment; one that is never closed hides nothing."""
    starts, ends = [], []
    at = low.find(begin)
    while at >= 0:
        end = low.find(close, at + len(begin))
        if end < 0:
            break
        starts.append(at)
        ends.append(end)
        at = low.find(begin, end)

    def inside(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < ends[index]

    return inside


# ---------------------------------------------------------------------------------------- attributes

_VALUE = re.compile(
    rb"=[\x00-\x20]*+([\"']?+)[\x00-\x20\"']*+(?=[hH][tT&\t\r\n]|[fF][tT&\t\r\n]|[wW][wW]|[/\\]{2}|&)"
)
"""Possessive, or a megabyte of spaces would be tried in every division between the two classes."""
_UNQUOTED = re.compile(rb"[^\x00-\x20>\"]{1,%d}" % LONGEST_RAW)
_NAME_ROOM = 32


def _attribute_links(data: bytes, low: bytes, charset: str) -> Numbered:
    end = 0
    for match in _VALUE.finditer(data):
        if match.start() < end:
            continue
        if not low[max(0, match.start() - _NAME_ROOM) : match.start()].rstrip().endswith(ATTRIBUTES):
            continue
        value, end = _value(data, match)
        for link in _value_links(value, charset):
            yield match.end(), link


def _value(data: bytes, match: re.Match[bytes]) -> tuple[bytes, int]:
    """A value and where to go on. A quote that nobody closes ends at the tag, as readers repair it."""
    start, quote = match.end(), match.group(1)
    close = data.find(quote, start, start + LONGEST_RAW) if quote else -1
    if close < 0:
        unquoted = _UNQUOTED.match(data, start)
        return (unquoted.group(), unquoted.end()) if unquoted else (b"", start)
    markup = data.find(b"<", start, close)
    end = close if markup < 0 else markup
    return data[start:end], end


_REFERENCE = re.compile(r"&(?:#0*[0-9]{1,7};?|#[xX]0*[0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")


def _value_links(value: bytes, charset: str) -> tuple[Link, ...]:
    raw = decode(value, charset)
    flags: tuple[str, ...] = ()
    if "&" in raw:
        text = _REFERENCE.sub(lambda m: html.unescape(m.group()), raw)
        if _head(text) != _head(raw):
            flags = ("entity",)
        raw = text
    return links_of(raw.rstrip(), flags)


def _head(url: str) -> str:
    """Scheme and host, where an entity is a disguise; in a query it is the rule."""
    match = _HEAD.match(url)
    return match.group() if match else ""


_HEAD = re.compile(r"[\x00-\x20]*(?:[^/\\?#]*[:])?[/\\]*[^/\\?]*")
_STYLE_URL = re.compile(
    rb"[uU][rR][lL]\([\x00-\x20\"']*(?:&quot;|&#39;|&#34;|&apos;)?([^\"')\x00-\x20<>]{1,%d})" % LONGEST_RAW
)


def _style_links(data: bytes, low: bytes, charset: str) -> Numbered:
    at = low.find(b"url(")
    while at >= 0:
        match = _STYLE_URL.match(data, at)
        if match is not None:
            for link in _value_links(match.group(1).partition(b"&quot;")[0], charset):
                yield at, link
        at = low.find(b"url(", match.end() if match else at + 4)


# ---------------------------------------------------------------------------------------------- text

_WORD = rb"A-Za-z0-9.:/\-_@%\x80-\xff"
_BREAKING = (
    rb"a|br|p|div|td|tr|th|t(?:able|body|head|foot)|li|ul|ol|dl|d[dt]|h[1-6r]|img|center|blockquote|pre|title|head|body"
    rb"|html|form|input|select|option|script|style|meta|link|iframe|object"
)
_COMMENT = rb"!--[^<>]{0,512}-->"
_INLINE = rb"(?!/?(?:" + _BREAKING + rb")[\s/>])[a-zA-Z/!?][^<>]{0,512}>"
_SPLITTING = re.compile(
    rb"<(?<=[" + _WORD + rb"]<)(?:" + _COMMENT + rb"|" + _INLINE + rb")"
    rb"(?:<(?:" + _COMMENT + rb"|" + _INLINE + rb")){0,64}(?=[" + _WORD + rb"&])",
    re.IGNORECASE,
)
"""Tags and comments between two characters of a word, unless they begin a new line, cell or link."""
_NUMERIC = re.compile(rb"&#(?:0*([0-9]{2,3})|[xX]0*([0-9a-fA-F]{2}));?|&(?:period|colon|sol|commat|lowbar);")
_NAMED = {b"&period;": b".", b"&colon;": b":", b"&sol;": b"/", b"&commat;": b"@", b"&lowbar;": b"_"}
_TAG_ROOM = 4096


def _visible_links(data: bytes, charset: str) -> Iterator[Link]:
    data = _SPLITTING.sub(SPLIT, data)
    if b"&" in data:
        data = _NUMERIC.sub(_plain_character, data)
    for _, link in text_links(data, charset, _hidden(data)):
        yield _unescaped(link)


def _hidden(data: bytes) -> Inside:
    """Text inside tags and comments is not shown, so an address in it is no link."""
    if b"<!--" not in data:
        return _in_tag
    in_comment = _spans(data, b"<!--", b"-->")
    return lambda low, at: in_comment(at) or _in_tag(low, at)


def _plain_character(match: re.Match[bytes]) -> bytes:
    """An entity that spells a character of a URL; others stay, for they end one."""
    decimal, hexadecimal = match.groups()
    if decimal is None and hexadecimal is None:
        return ENTITY + _NAMED[match.group()]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return ENTITY + bytes((code,)) if 0x21 <= code < 0x7F and code not in b'<>"&' else match.group()


def _in_tag(low: bytes, at: int) -> bool:
    start = max(0, at - _TAG_ROOM)
    return low.rfind(b"<", start, at) > low.rfind(b">", start, at)


def _unescaped(link: Link) -> Link:
    return link._replace(url=link.url.replace("&amp;", "&")) if "&amp;" in link.url else link
