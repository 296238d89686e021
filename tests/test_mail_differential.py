"""Our parser against the standard library's (``email``, compat32): they agree, or the difference has a reason.

Compared are the names and unfolded values of all header fields, the bytes of all text parts, and
the links found in them. Every difference is put in a category of ``REASONS``; one that fits none
fails the test. ``docs/differential.md`` tells the categories with their reasons and counts.
"""

from __future__ import annotations

import email
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from depeer.sources.mail.links import links_in_html, links_in_text
from depeer.sources.mail.parse import Mail, parse

ROOT = Path(__file__).parent.parent

REASONS = {
    "raised": "the standard library raises; we read the message",
    "stray line in the header": "it ends the header there; we step over the line and keep the fields behind it",
    "header without its blank line": "both end the header, but it drops the line or takes it for a field",
    "leading blank lines": "it reads a header behind blank lines as body",
    "blank before the colon": "it ends the header at `Name : value` (RFC 5322, 4.5 allows it)",
    "bare CR": "it keeps a bare CR of a body, or ends a line where CR CR LF is one line end to us",
    "empty parts of a status report": "it reads the blocks of message/delivery-status as empty text parts",
    "broken base64": "it gives the encoded text back; we read as far as it goes",
    "broken quoted-printable": "it keeps a soft break that has blanks behind it",
    "encoded message": "it does not read a message/rfc822 that is base64 or quoted-printable itself",
    "encoded multipart": "it does not undo a transfer encoding of a whole multipart",
    "no part found": "it drops a multipart whose delimiters are missing; we keep its text",
    "guessed boundary": "it drops a multipart that uses another boundary than it says; we find it",
    "broken content type": "it takes every broken type for text/plain; we read `html` as such",
    "transfer encoding misspelt": "it does not know `quoted-printable ` with a blank behind it, nor `base-64`",
    "undeclared HTML": "it takes a part without a type for plain text; where it starts with markup we do not",
    "empty parts": "two delimiters in a row are one to it, an empty part to us",
    "cut": "a cap of ours",
}


def reference(data: bytes) -> tuple[list[tuple[bytes, bytes]], list[tuple[str, bytes, str | None]]]:
    """Fields and text parts as the standard library has them."""
    message = email.message_from_bytes(data)
    fields = [
        (_bytes(name).lower(), re.sub(rb"[\r\n]", b"", _bytes(value)).strip())
        for name, value in message.raw_items()
    ]
    texts = [_text(part) for part in message.walk() if part.get_content_maintype() == "text"]
    return fields, texts


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(part: Message) -> tuple[str, bytes, str | None]:
    payload = part.get_payload(decode=True)
    return (
        "html" if part.get_content_subtype() == "html" else "text",
        payload if isinstance(payload, bytes) else b"",
        None,
    )


def lines(body: bytes) -> bytes:
    return re.sub(rb"\r+\n|\r", b"\n", body).rstrip(b"\n")


def difference(data: bytes) -> tuple[str, str] | None:
    """What differs (fields, texts or links) and the category it is explained by; None where all is equal."""
    ours = parse(data)
    try:
        fields, texts = reference(data)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        return "raised", "raised"
    if fields != ours.headers:
        return "fields", reason(ours, data, [])
    if [lines(body) for _, body, _ in texts] != [lines(text.data) for text in ours.texts]:
        return "texts", reason(ours, data, texts)
    if links((place, body) for place, body, _ in texts) != links((t.place, t.data) for t in ours.texts):
        return "links", reason(ours, data, texts)
    return None


def links(texts: Iterator[tuple[str, bytes]]) -> set[str]:
    find = {"html": links_in_html, "text": links_in_text}
    return {link.url for place, body in texts for link in find[place](lines(body), None)}


_MISSPELT = re.compile(
    rb"(?im)^content-transfer-encoding:[ \t]*(?:\"|base-64|[a-z-]+(?:[ \t;]+\r?$|\r?\n[ \t]))"
)

BY_FLAG = {
    "header-stray-line": "stray line in the header",
    "header-unended": "header without its blank line",
    "leading-blank-lines": "leading blank lines",
    "bare-cr": "bare CR",
    "boundary-guessed": "guessed boundary",
    "boundary-missing": "guessed boundary",
    "multipart-encoded": "encoded multipart",
    "multipart-empty": "no part found",
    "base64-broken": "broken base64",
    "qp-broken": "broken quoted-printable",
    "content-type-broken": "broken content type",
    "html-undeclared": "undeclared HTML",
    "parts-cut": "cut",
    "depth-cut": "cut",
    "text-cut": "cut",
    "header-cut": "cut",
}


def reason(ours: Mail, data: bytes, texts: list[tuple[str, bytes, str | None]]) -> str:
    """The category that a difference falls in, told by what our parser flagged or saw; '' for none."""
    for flag, category in BY_FLAG.items():
        if flag in ours.flags:
            return category
    if texts and [lines(body) for _, body, _ in texts if lines(body)] == [
        lines(t.data) for t in ours.texts if lines(t.data)
    ]:
        return "empty parts of a status report" if "message/delivery-status" in ours.kinds else "empty parts"
    if re.search(rb"^[!-9;-~]+[ \t]+:", data, re.MULTILINE):
        return "blank before the colon"
    if re.search(rb"(?i)message/(?:rfc822|global)", data) and len(ours.kinds) > 1:
        return "encoded message"
    if _MISSPELT.search(data):
        return "transfer encoding misspelt"
    return ""


def messages(archive: Path, step: int = 1) -> Iterator[tuple[str, bytes]]:
    """Every ``step``-th file of an archive, without its mbox ``From `` line."""
    number = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.isfile():
                continue
            number += 1
            file = tar.extractfile(member)
            if number % step or file is None:
                continue
            data = file.read()
            yield member.name, data.split(b"\n", 1)[-1] if data.startswith(b"From ") else data


def compare(archive: Path, step: int = 1) -> tuple[int, Counter[tuple[str, str]], list[str]]:
    read, found, unexplained = 0, Counter[tuple[str, str]](), []
    for name, data in messages(archive, step):
        read += 1
        told = difference(data)
        if told:
            found[told] += 1
            if told[1] not in REASONS:
                unexplained.append(f"{name}: {told[0]}")
    return read, found, unexplained


CORPORA = [
    ("trec07p_spam_2007-06", 17_193, 0.01),
    ("spamassassin_public_corpus", 6_046, 0.01),
    ("parser_fixtures", 551, 0.10),
]


@pytest.mark.data
def test_fixtures_of_three_tools_differ_only_for_a_reason(data_dir):
    read, found, unexplained = compare(data_dir / "mail" / "parser_fixtures.tar.xz")
    assert read == 551
    assert unexplained == []
    assert found.total() < 0.10 * read


@pytest.mark.data
def test_a_sample_of_real_spam_differs_only_for_a_reason(data_dir):
    read, found, unexplained = compare(data_dir / "mail" / "trec07p_spam_2007-06.tar.xz", step=25)
    assert read > 600
    assert unexplained == []
    assert found.total() < 0.02 * read


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(("corpus", "least", "share"), CORPORA)
def test_all_real_mail_differs_only_for_a_reason(data_dir, corpus, least, share):
    read, found, unexplained = compare(data_dir / "mail" / f"{corpus}.tar.xz")
    assert read >= least
    assert unexplained == []
    assert found.total() < share * read


def test_every_category_is_documented():
    page = (ROOT / "docs" / "differential.md").read_text()
    for category, why in REASONS.items():
        assert f"| {category} | {why} |" in page
