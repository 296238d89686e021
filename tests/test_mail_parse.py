"""The lenient mail parser: real oddities as tables, what is put in comes out, and nothing takes long."""

from __future__ import annotations

import base64
import importlib.util
import quopri
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.sources.mail import charsets, words
from depeer.sources.mail.addresses import all_addresses, first_address
from depeer.sources.mail.bodies import base64_bytes, quoted_printable_bytes, unflowed, uu_bytes
from depeer.sources.mail.dates import claimed_time
from depeer.sources.mail.entity import entity_of_fields
from depeer.sources.mail.headers import read_block
from depeer.sources.mail.parse import MAX_DEPTH, MAX_PARTS, MAX_TEXT, Mail, parse

HEAD = b"From: Ann <ann@sender.example>\nTo: bob@trap.example\nSubject: hello\n"


def mail(*lines: bytes) -> Mail:
    return parse(b"\n".join(lines))


# ------------------------------------------------------------------------------------------- headers

HEADERS = [
    ("plain", b"A: 1\nB: 2", [(b"a", b"1"), (b"b", b"2")], ()),
    ("folded by blank and tab", b"A: 1\n 2\n\t3\nB: 4", [(b"a", b"1 2\t3"), (b"b", b"4")], ()),
    ("blank line in a fold", b"A: 1\n \n 2\nB: 4", [(b"a", b"1  2"), (b"b", b"4")], ()),
    ("no blank after the colon", b"A:1", [(b"a", b"1")], ()),
    ("colons in the value", b"A: b: c", [(b"a", b"b: c")], ()),
    ("empty value", b"A:\nB: 2", [(b"a", b""), (b"b", b"2")], ()),
    ("blank before the colon", b"Subject : x", [(b"subject", b"x")], ()),
    ("duplicates stay", b"A: 1\na: 2", [(b"a", b"1"), (b"a", b"2")], ()),
    ("NUL and 8-bit in a value", b"A: x\0\xe4", [(b"a", b"x\0\xe4")], ()),
    (
        "stray line between fields",
        b"A: 1\njunk line\nB: 2",
        [(b"a", b"1"), (b"b", b"2")],
        ("header-stray-line",),
    ),
    (
        "quoted From line",
        b"A: 1\n>From someone Mon\nB: 2",
        [(b"a", b"1"), (b"b", b"2")],
        ("header-stray-line",),
    ),
    ("8-bit in a name", b"A: 1\nS\xfcb: x\nB: 2", [(b"a", b"1"), (b"b", b"2")], ("header-stray-line",)),
    ("empty name", b": x\nB: 2", [(b"b", b"2")], ("header-stray-line",)),
    ("body without a blank line", b"A: 1\nDear friend,\nplease", [(b"a", b"1")], ("header-unended",)),
    ("a URL is no field", b"http://a.example/\nx: y", [(b"x", b"y")], ("header-stray-line",)),
    ("a body of a URL", b"http://a.example/\nhttp://b.example/", [], ("header-unended",)),
    ("no header at all", b"Dear friend,\nplease read", [], ("header-unended",)),
]


@pytest.mark.parametrize(
    ("block", "fields", "flags"), [row[1:] for row in HEADERS], ids=[r[0] for r in HEADERS]
)
def test_header_blocks(block, fields, flags):
    got = read_block(block)
    assert (got.fields, got.flags) == (fields, flags)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_line_ends_of_every_kind_say_the_same(newline):
    source = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\n"
    )
    got = parse(source.replace(b"\n", newline))
    assert got.subject == "hello"
    assert [(t.place, t.data) for t in got.texts] == [("text", b"one"), ("html", b"two")]


def test_mixed_line_ends_in_one_header():
    got = parse(b"Subject: a\r\nFrom: x@y.example\rTo: z@y.example\nX: 1\r\n\r\nbody")
    assert [name for name, _ in got.headers] == [b"subject", b"from", b"to", b"x"]
    assert got.texts[0].data == b"body"
    assert got.flags == ["bare-cr"]


@pytest.mark.parametrize(
    ("before", "flag"),
    [
        (b"\xef\xbb\xbf", "byte-order-mark"),
        (b"\n\n\n", "leading-blank-lines"),
        (b"From x@y.example Thu May 31 20:03:55 2007\n", "from-line"),
        (b">From x@y.example Thu May 31 20:03:55 2007\n", "from-line"),
    ],
)
def test_what_stands_before_the_header_is_stepped_over(before, flag):
    got = parse(before + HEAD + b"\nbody")
    assert (got.subject, got.texts[0].data, got.flags) == ("hello", b"body", [flag])


def test_a_body_without_header_is_read_as_text():
    got = parse(b"\nBuy at http://shop.example/ now\n")
    assert got.headers == []
    assert got.texts[0].data == b"Buy at http://shop.example/ now\n"
    assert got.flags == ["header-missing"]


def test_repeated_fields_are_flagged_and_the_first_counts():
    got = parse(b"Subject: one\nSubject: two\nReceived: a\nReceived: b\n\n")
    assert (got.subject, got.received, got.flags) == ("one", [b"a", b"b"], ["field-repeated"])


# --------------------------------------------------------------------------------------- encoded-words

WORDS = [
    ("plain", b"hello  world", "hello  world", []),
    ("Q", b"=?iso-8859-1?Q?Caf=E9_au_lait?=", "Café au lait", []),
    ("B", b"=?utf-8?b?R3LDvMOfZQ==?=", "Grüße", []),
    ("two joined", b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab", []),
    ("two joined over a fold", b"=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab", []),
    ("text between", b"=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b", []),
    ("text around without blanks", b"[=?utf-8?q?a?=]", "[a]", []),
    ("character straddles two words", b"=?utf-8?b?w6nDqcM=?= =?utf-8?b?qQ==?=", "ééé", []),
    ("charsets differ", b"=?koi8-r?B?8NLJ18XU?= =?utf-8?q?!?=", "Привет!", []),
    ("language tag", b"=?utf-8*en?q?x=C3=A9?=", "xé", []),
    ("blanks in Q", b"=?utf-8?q?two words?=", "two words", []),
    ("question mark in Q", b"=?utf-8?q?really??=", "really?", []),
    ("no padding in B", b"=?utf-8?b?R3LDvMOfZQ?=", "Grüße", ["encoded-word-broken"]),
    ("unknown charset", b"=?x-nope?q?abc?=", "abc", ["encoded-word-charset"]),
    ("not closed", b"=?utf-8?q?abc", "=?utf-8?q?abc", ["encoded-word-broken"]),
    ("unknown encoding", b"=?utf-8?x?abc?=", "=?utf-8?x?abc?=", ["encoded-word-broken"]),
    ("gb2312 as senders mean it", b"=?GB2312?B?xOO6ww==?=", "你好", []),
    ("iso-2022-jp", b"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本", []),
    ("raw utf-8", "naïve".encode(), "naïve", ["header-8bit"]),
    ("raw western", b"na\xefve", "naïve", ["header-8bit"]),
    ("controls", b"a\0b\x07c\td", "a\ufffdb\ufffdc d", []),
]


@pytest.mark.parametrize(
    ("value", "text", "flags"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS]
)
def test_header_text(value, text, flags):
    seen: list[str] = []
    assert words.header_text(value, seen) == text
    assert sorted(set(seen)) == flags


def test_raw_bytes_in_a_subject_follow_the_charset_of_the_text():
    got = mail(b"Subject: \xc4\xe3\xba\xc3", b"Content-Type: text/plain; charset=gb2312", b"", b"x")
    assert got.subject == "你好"


def test_more_words_than_the_cap_stay_as_written():
    seen: list[str] = []
    text = words.header_text(b" ".join([b"=?utf-8?q?a?="] * (words.MAX_WORDS + 5)), seen, limit=100_000)
    assert text.startswith("a" * words.MAX_WORDS + " =?utf-8")
    assert "encoded-words-cut" in seen


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40), min_size=1, max_size=6
    )
)
def test_encoded_words_come_back(texts):
    value = b" ".join(b"=?utf-8?b?" + base64.b64encode(text.encode()) + b"?=" for text in texts)
    assert words.header_text(value, []) == words.tidy("".join(texts), 998)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40), st.integers(1, 12))
def test_a_text_cut_into_words_anywhere_comes_back(text, size):
    data = text.encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    value = b" ".join(b"=?UTF-8?Q?" + b"".join(b"=%02X" % byte for byte in piece) + b"?=" for piece in pieces)
    assert words.header_text(value, []) == words.tidy(text, 998)


@given(st.binary(max_size=300))
def test_any_bytes_make_a_storable_text(value):
    text = words.header_text(value, [])
    text.encode()
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in text)


# ------------------------------------------------------------------------------------------- addresses

FROM = [
    (b"ann@a.example", "ann@a.example", "a.example"),
    (b"Ann <Ann@A.Example>", "Ann@A.Example", "a.example"),
    (b'"Ann, B." <ann@a.example>', "ann@a.example", "a.example"),
    (b'"bank@bank.example" <x@evil.example>', "x@evil.example", "evil.example"),
    (b'"<bank@bank.example>" <x@evil.example>', "x@evil.example", "evil.example"),
    (b"bank@bank.example <x@evil.example>", "x@evil.example", "evil.example"),
    (b"ann@a.example (Ann)", "ann@a.example", "a.example"),
    (b'"john doe"@a.example', '"john doe"@a.example', "a.example"),
    (b'"Ann <ann@a.example>', "ann@a.example", "a.example"),
    (b"<@relay.example:ann@a.example>", "ann@a.example", "a.example"),
    (b"ann@[192.0.2.7]", "ann@[192.0.2.7]", "[192.0.2.7]"),
    (b"ann@a.example.", "ann@a.example", "a.example"),
    (b"=?utf-8?q?A?= <ann@a.example>", "ann@a.example", "a.example"),
    (b"<>", None, None),
    (b"undisclosed-recipients:;", None, None),
    (b"@", None, None),
    (b"", None, None),
]


@pytest.mark.parametrize(("value", "address", "domain"), FROM)
def test_from_address(value, address, domain):
    assert first_address(value) == (address, domain)


def test_recipients_are_lower_case_and_distinct_over_all_their_fields():
    got = mail(
        b"To: Bob <BOB@trap.example>, <carol@trap.example>",
        b"Cc: bob@trap.example",
        b"Delivered-To: dave@trap.example",
        b"X-Original-To: erin@trap.example",
        b"",
    )
    assert got.recipients == [f"{name}@trap.example" for name in ("bob", "carol", "dave", "erin")]


def test_a_group_of_recipients():
    assert all_addresses([b"friends: a@x.example, B <b@x.example>;"]) == ["a@x.example", "b@x.example"]


# ----------------------------------------------------------------------------------------------- dates

DATES = [
    (b"Fri, 1 Jun 2007 08:21:53 +0800", "2007-06-01 00:21:53", []),
    (b"1 Jun 2007 08:21:53 GMT", "2007-06-01 08:21:53", []),
    (b"Fri, 1 Jun 2007 08:21:53 -0400 (EDT)", "2007-06-01 12:21:53", []),
    (b"Fri, 1 Jun 2007 08:21 +0000", "2007-06-01 08:21:00", []),
    (b"Fri, 1 Jun 07 08:21:53 EDT", "2007-06-01 12:21:53", []),
    (b"Fri, 1 Jun 107 08:21:53 +0000", "2007-06-01 08:21:53", []),
    (b"Fri Jun  1 08:21:53 2007", "2007-06-01 08:21:53", ["date-odd", "date-zone"]),
    (b"2007-06-01 08:21:53", "2007-06-01 08:21:53", ["date-odd", "date-zone"]),
    (b"2007-06-01T08:21:53.5Z", "2007-06-01 08:21:53", ["date-odd"]),
    (b"Fri, 01 Jun 2007 08:21:53 --300 (EET)", "2007-06-01 11:21:53", ["date-odd"]),
    (b"Fri, 01 Jun 2007 08:21:53 +05-30", "2007-06-01 02:51:53", ["date-odd"]),
    (b"Fri, 01 Jun 2007 08:21:53 -0060", "2007-06-01 08:21:53", ["date-odd", "date-zone"]),
    (b"June 1st, 2007 8:21:53 PM +0000", "2007-06-01 20:21:53", ["date-odd"]),
    (b"Fri, 01 Jun 2007 08:21:74 +0800", None, ["date-broken", "date-odd"]),
    (b"Fri, 31 Jun 2007 08:21:53 +0800", None, ["date-broken", "date-odd"]),
    (b"Wed, 27 Jun 1900 11:57:30 -0800", None, ["date-odd", "date-range"]),
    (b"Thu, 16 Mar 2102 23:16:56 +0800", None, ["date-odd", "date-range"]),
    (b"%M5DATE", None, ["date-broken", "date-odd"]),
    (b"", None, ["date-broken", "date-odd"]),
]


@pytest.mark.parametrize(("value", "moment", "flags"), DATES)
def test_claimed_time(value, moment, flags):
    seen: list[str] = []
    time_ = claimed_time(value, seen)
    want = None if moment is None else int(datetime.fromisoformat(moment + "+00:00").timestamp() * 1e6)
    assert (time_, sorted(set(seen))) == (want, flags)


@given(st.datetimes(datetime(1981, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_every_time_as_the_rfc_writes_it_comes_back(moment, east):
    moment = moment.replace(microsecond=0)
    zone = f"{'+' if east >= 0 else '-'}{abs(east) // 60:02d}{abs(east) % 60:02d}"
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[moment.month * 3 - 3 : moment.month * 3]
    seen: list[str] = []
    got = claimed_time(f"{moment.day} {month} {moment:%Y %H:%M:%S} {zone}".encode(), seen)
    assert got == int(moment.replace(tzinfo=UTC).timestamp() - east * 60) * 1_000_000
    assert seen == []


@given(st.binary(max_size=80))
def test_any_bytes_as_date_give_a_sane_time_or_none(value):
    got = claimed_time(value, [])
    assert got is None or 300_000_000_000_000 < got < 4_110_000_000_000_000


# -------------------------------------------------------------------------------------- content types

TYPES = [
    (b"text/html", "text/html", None, None, ()),
    (b'Text/HTML; Charset="KOI8-R"', "text/html", "koi8-r", None, ()),
    (b"text/plain; charset=us-ascii (plain)", "text/plain", "us-ascii", None, ()),
    (b"text/plain; charset = utf-8 ; x=y", "text/plain", "utf-8", None, ()),
    (b"text/html charset=utf-8", "text/html", "utf-8", None, ()),
    (b"text/plain; charset*=us-ascii'en'utf-8", "text/plain", "utf-8", None, ()),
    (b"text/plain; charset='utf-8'", "text/plain", "utf-8", None, ()),
    (b'multipart/mixed; boundary="a b "', "multipart/mixed", None, b"a b", ()),
    (b"multipart/mixed; boundary=ab; type=x", "multipart/mixed", None, b"ab", ()),
    (b'multipart/mixed; boundary*0="ab"; boundary*1="cd"', "multipart/mixed", None, b"abcd", ()),
    (b"multipart/mixed; boundary*0*=''a%62; boundary*1=cd", "multipart/mixed", None, b"abcd", ()),
    (b'multipart/mixed; boundary="a\\"b"', "multipart/mixed", None, b'a"b', ()),
    (b'multipart/mixed; boundary="one"; boundary="two"', "multipart/mixed", None, b"one", ()),
    (b'multipart/mixed; boundary="open', "multipart/mixed", None, b"open", ()),
    (b'multipart/mixed; boundary=""', "multipart/mixed", None, None, ()),
    (b"text", "text/plain", None, None, ("content-type-broken",)),
    (b"html", "text/html", None, None, ("content-type-broken",)),
    (b";;;", "text/plain", None, None, ("content-type-broken",)),
]


@pytest.mark.parametrize(("value", "kind", "charset", "boundary", "flags"), TYPES)
def test_content_type(value, kind, charset, boundary, flags):
    got = entity_of_fields({b"content-type": value})
    assert (got.kind, got.charset, got.boundary, got.flags) == (kind, charset, boundary, flags)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_content_type(value):
    entity_of_fields({b"content-type": value, b"content-transfer-encoding": value})


# ------------------------------------------------------------------------------------------- multipart


def multi(*lines: bytes, kind: bytes = b"mixed", boundary: bytes = b"b") -> Mail:
    return parse(
        HEAD + b"Content-Type: multipart/" + kind + b"; boundary=" + boundary + b"\n\n" + b"\n".join(lines)
    )


MULTIPARTS = [
    (
        "good",
        (b"preamble", b"--b", b"", b"one", b"--b", b"", b"two", b"--b--", b"epilogue"),
        [b"one", b"two"],
        [],
    ),
    ("unclosed", (b"--b", b"", b"one"), [b"one"], ["multipart-unclosed"]),
    ("blanks behind", (b"--b \t", b"", b"one", b"--b-- "), [b"one"], []),
    ("boundary begins another", (b"--b", b"", b"--bc", b"--b--"), [b"--bc"], []),
    ("header only", (b"--b", b"Content-Type: text/plain", b"--b--"), [b""], []),
    (
        "no header, no blank",
        (b"--b", b"Dear friend", b"x", b"--b--"),
        [b"Dear friend\nx"],
        ["header-unended"],
    ),
    ("empty body", (b"",), [], ["multipart-empty"]),
    ("no delimiter", (b"just text",), [b"just text"], ["multipart-empty"]),
    (
        "another boundary than said",
        (b"--x", b"Content-Type: text/plain", b"", b"one", b"--x--"),
        [b"one"],
        ["boundary-guessed"],
    ),
]


@pytest.mark.parametrize(
    ("lines", "texts", "flags"), [r[1:] for r in MULTIPARTS], ids=[r[0] for r in MULTIPARTS]
)
def test_multipart(lines, texts, flags):
    got = multi(*lines)
    assert ([text.data for text in got.texts], got.flags) == (texts, flags)


def test_a_boundary_that_is_missing_altogether_is_guessed():
    got = mail(
        b"Content-Type: multipart/mixed", b"", b"--zz", b"content-type: text/html", b"", b"x", b"--zz--"
    )
    assert ([t.place for t in got.texts], got.flags) == (["html"], ["boundary-missing"])


def test_nested_parts_are_counted_and_read_in_order():
    got = multi(
        b"--b",
        b"Content-Type: multipart/alternative; boundary=b2",
        b"",
        b"--b2",
        b"Content-Type: text/plain; charset=utf-8",
        b"",
        b"one",
        b"--b2",
        b"Content-Type: text/html; charset=KOI8-R",
        b"",
        b"two",
        b"--b2--",
        b"--b",
        b"Content-Type: image/png",
        b"Content-Transfer-Encoding: base64",
        b"",
        b"AAAA",
        b"--b--",
    )
    assert got.kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/png"]
    assert (got.parts, got.depth, got.text_bytes, got.charsets) == (5, 2, 6, ["utf-8", "koi8-r"])


def test_the_same_boundary_inside_loses_nothing():
    got = multi(
        b"--b", b"Content-Type: multipart/mixed; boundary=b", b"", b"--b", b"", b"one", b"--b--", b"--b--"
    )
    assert [text.data for text in got.texts] == [b"one"]


@pytest.mark.parametrize("encoding", [b"7bit", b"base64", b"quoted-printable"])
def test_a_message_inside_is_read_whatever_its_encoding(encoding):
    inner = b"Subject: in\nContent-Type: text/html\n\n<a href=http://in.example/>"
    body = {b"base64": base64.encodebytes, b"quoted-printable": quopri.encodestring}.get(encoding, bytes)(
        inner
    )
    got = multi(
        b"--b",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: " + encoding,
        b"",
        body,
        b"--b--",
    )
    assert got.kinds == ["multipart/mixed", "message/rfc822", "text/html"]
    assert got.texts[0].data.strip() == b"<a href=http://in.example/>"
    assert got.subject == "hello"


def test_a_multipart_that_is_base64_itself():
    inner = base64.encodebytes(b"--b\n\none\n--b--\n")
    got = parse(
        HEAD + b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n" + inner
    )
    assert ([t.data for t in got.texts], got.flags) == ([b"one"], ["multipart-encoded"])


def test_parts_of_a_digest_are_messages():
    got = multi(b"--b", b"", b"Subject: in", b"", b"text", b"--b--", kind=b"digest")
    assert got.kinds == ["multipart/digest", "message/rfc822", "text/plain"]


def test_undeclared_html_is_taken_for_what_it_is():
    got = mail(b"Subject: x", b"", b"<HTML><body>x")
    assert (got.texts[0].place, got.flags) == ("html", ["html-undeclared"])


# -------------------------------------------------------------------------------------------- encodings

BASE64 = [
    ("good", b"aGVs\nbG8=\n", b"hello", []),
    ("junk", b"aG!Vs\n bG*8=", b"hello", []),
    ("no padding", b"aGVsbG8", b"hello", ["base64-broken"]),
    ("one digit too many", b"aGVsbG8hQ", b"hello!", ["base64-broken"]),
    ("two bodies glued", b"aGVsbG8=\nd29ybGQ=\n", b"helloworld", ["base64-broken"]),
    ("footer in the clear", b"aGVsbG8=\n____\nlist footer here\n", b"hello", ["base64-broken"]),
    ("nothing", b"", b"", []),
    ("only padding", b"====", b"", []),
]


@pytest.mark.parametrize(
    ("body", "data", "flags"), [row[1:] for row in BASE64], ids=[row[0] for row in BASE64]
)
def test_base64(body, data, flags):
    seen: list[str] = []
    assert (base64_bytes(body, seen), sorted(set(seen))) == (data, flags)


QUOTED = [
    (b"a=3Db", b"a=b"),
    (b"soft=\nbreak", b"softbreak"),
    (b"soft=  \nbreak", b"softbreak"),
    (b"soft=\t\nbreak", b"softbreak"),
    (b"lower=e4", b"lower\xe4"),
    (b"broken=ZZ", b"broken=ZZ"),
    (b"end=", b"end"),
    (b"under_score", b"under_score"),
]


@pytest.mark.parametrize(("body", "data"), QUOTED)
def test_quoted_printable(body, data):
    assert quoted_printable_bytes(body, []) == data


@pytest.mark.parametrize(
    ("body", "data", "flags"),
    [
        (b"see\nbegin 644 a.txt\n%:&5L;&\\\n`\nend\n", b"hello", []),
        (b"begin 644 a.txt\n%:&5L;&\\###\nend\n", b"hello", ["uu-broken"]),
        (b"nothing here", b"nothing here", ["uu-broken"]),
    ],
)
def test_uuencode(body, data, flags):
    seen: list[str] = []
    assert (uu_bytes(body, seen), seen) == (data, flags)


FLOWED = [
    (b"one \ntwo\nthree", False, b"one two\nthree"),
    (b"http://a.example/lo \nng", True, b"http://a.example/long"),
    (b"one \n stuffed", False, b"one stuffed"),
    (b"text\n-- \nname", False, b"text\n-- \nname"),
    (b"> quoted \n> more", False, b"> quoted \n> more"),
    (b"one \n\ntwo", False, b"one \n\ntwo"),
]


@pytest.mark.parametrize(("body", "delsp", "text"), FLOWED)
def test_format_flowed(body, delsp, text):
    assert unflowed(body, delsp) == text


def test_a_flowed_part_reads_as_paragraphs():
    got = mail(b"Content-Type: text/plain; format=flowed; delsp=yes", b"", b"http://a.example/lo ", b"ng")
    assert (got.texts[0].data, got.texts[0].read()) == (b"http://a.example/lo \nng", "http://a.example/long")


# --------------------------------------------------------------------------------------------- charsets

CHARSETS = [
    ("utf-8", "naïve".encode(), "naïve"),
    ("us-ascii", "naïve".encode(), "naïve"),
    ("us-ascii", b"na\xefve", "naïve"),
    ("iso-8859-1", b"\x93x\x94", "“x”"),
    (None, b"\x80", "€"),
    ("x-unknown", b"\x80", "€"),
    ("gb2312", "你好".encode("gb18030"), "你好"),
    ("hz-gb-2312", "你好".encode("hz"), "你好"),
    ("big5", "你好".encode("big5"), "你好"),
    ("ks_c_5601-1987", "안녕".encode("cp949"), "안녕"),
    ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
    ("shift_jis", "日本①".encode("cp932"), "日本①"),
    ("windows-1251", "мир".encode("cp1251"), "мир"),
    ("cp-1251", "мир".encode("cp1251"), "мир"),
    ("koi8-r", "мир".encode("koi8_r"), "мир"),
    ("utf-16", "hi".encode("utf_16_le"), "hi"),
    ("utf-16", "hi".encode("utf_16_be"), "hi"),
    ("utf-16", "hi".encode("utf_16"), "hi"),
    ("unicode-1-1-utf-7", b"+AOk-", "é"),
    ("utf-8", b"a\xffb", "a\ufffdb"),
]


@pytest.mark.parametrize(("label", "data", "text"), CHARSETS)
def test_charsets(label, data, text):
    assert charsets.decode(data, label) == text


@pytest.mark.parametrize(
    "label", ["zlib", "punycode", "idna", "unicode_escape", "os", "../x", "a" * 99, "", "\0"]
)
def test_what_is_no_charset_is_never_looked_up(label):
    assert charsets.codec_for(label) is None


def test_every_codec_of_the_table_exists_and_reads_any_bytes():
    for codec in {codec for codec in charsets._CODECS.values() if codec}:
        for data in (b"", b"\x1b$B\xff~{\x80", bytes(range(256)), b"+AAA-\xd8\x00"):
            assert isinstance(charsets.decode(data, codec), str)


@given(st.binary(max_size=200), st.sampled_from(sorted(charsets._CODECS)))
def test_any_bytes_in_any_charset_are_text(data, label):
    assert isinstance(charsets.decode(data, label), str)


def test_unknown_charset_is_flagged_and_still_read():
    got = mail(b"Content-Type: text/plain; charset=x-nope", b"", b"na\xefve")
    assert (got.texts[0].read(), got.flags) == ("naïve", ["charset-unknown"])


# ------------------------------------------------------------------------------------------- properties

_body = st.text(st.characters(exclude_categories=["C"]), max_size=60).map(lambda text: text + ".")
_leaf = st.tuples(
    st.sampled_from(["plain", "html"]), st.sampled_from(["8bit", "base64", "quoted-printable"]), _body
)
_tree = st.recursive(_leaf, lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=8)


def render(tree, number: list[int]) -> bytes:
    """A message of the tree: a list is a multipart, a triple a text part."""
    if isinstance(tree, list):
        number[0] += 1
        boundary = b"=_%d_" % number[0]
        parts = b"".join(b"--" + boundary + b"\n" + render(part, number) + b"\n" for part in tree)
        return (
            b'Content-Type: multipart/mixed;\n boundary="'
            + boundary
            + b'"\n\n'
            + parts
            + b"--"
            + boundary
            + b"--"
        )
    subtype, encoding, text = tree
    encode = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)
    head = f"Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.encode() + encode(text.encode())


def leaves(tree):
    return [leaf for inner in tree for leaf in leaves(inner)] if isinstance(tree, list) else [tree]


def containers(tree):
    return 1 + sum(map(containers, tree)) if isinstance(tree, list) else 0


@given(_tree, st.sampled_from([b"\n", b"\r\n"]))
def test_what_is_put_in_comes_out(tree, newline):
    got = parse((HEAD + render(tree, [0])).replace(b"\n", newline))
    want = [({"plain": "text", "html": "html"}[kind], text) for kind, _, text in leaves(tree)]
    assert [(text.place, text.read().strip("\n")) for text in got.texts] == want
    assert got.parts == len(want) + containers(tree)
    assert (got.subject, got.recipients) == ("hello", ["bob@trap.example"])
    assert got.flags == []


@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail(data):
    check(parse(data))


_BITS = rb"""\n|\r|\0|:|--b|--b--\n|=?utf-8?q?|?=|From: <|@|>|"| |=|Date: 1 Jan 1999 1:|Subject: |\xff\xfe|\x80
Content-Type: multipart/mixed; boundary=b\n|Content-Type: message/rfc822\n|; charset=|begin 644 x\n
Content-Transfer-Encoding: base64\n|Content-Transfer-Encoding: quoted-printable\n|Received: from x\n|;|\t"""
_bits = st.sampled_from(
    [
        bit.decode("unicode_escape").encode("latin-1")
        for line in _BITS.split(b"\n")
        for bit in line.split(b"|")
    ]
)


@settings(max_examples=300)
@given(st.lists(_bits, max_size=60))
def test_any_pieces_of_mail_are_a_mail(pieces):
    check(parse(b"".join(pieces)))


def check(got: Mail) -> None:
    assert got.parts == len(got.kinds) <= MAX_PARTS
    assert got.depth <= MAX_DEPTH
    assert got.text_bytes == sum(len(text.data) for text in got.texts)
    assert got.flags == sorted(set(got.flags))
    for text in (got.subject, got.from_address, got.from_domain, got.message_id, got.mailer, *got.recipients):
        assert text is None or len(text.encode()) <= 4 * 998
    for part in got.texts:
        part.read()


# ---------------------------------------------------------------------------------------------- hostile

_MULTI = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
_NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_000))
HOSTILE = {
    "1,000 parts deep": (HEAD + _NESTED, "depth-cut"),
    "100,000 messages deep": (HEAD + b"Content-Type: message/rfc822\n\n" * 100_000, "depth-cut"),
    "100,000 parts": (_MULTI + b"--b\n\nx\n" * 100_000, "parts-cut"),
    "1 MB header line": (b"Subject: " + b"a" * 1_000_000 + b"\n\nx", "header-cut"),
    "500,000 fields": (b"a: b\n" * 500_000, "header-cut"),
    "500,000 folds": (b"Subject: a\n" + b" b\n" * 500_000, "header-cut"),
    "10 MB of encoded-words": (b"Subject: " + b"=?utf-8?q?a?= " * 750_000 + b"\n\nx", "header-cut"),
    "encoded-words never closed": (b"Subject: " + b"=?a?q?" * 500_000, "encoded-word-broken"),
    "a million false delimiters": (_MULTI + b"\n--bx" * 1_000_000, "multipart-empty"),
    "the same boundary nested": (
        _MULTI + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 20_000,
        "parts-cut",
    ),
    "base64 of padding": (
        HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"A=\n" * 2_000_000,
        "base64-broken",
    ),
    "base64 beyond the cap": (
        HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QUFB" * (MAX_TEXT // 4 + 9),
        "text-cut",
    ),
    "blanks behind =": (HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n=" + b" =" * 2_000_000, None),
    "uuencode of nothing": (
        HEAD + b"Content-Transfer-Encoding: x-uue\n\nbegin 644 a\n" + b"#\n" * 400_000,
        None,
    ),
    "quotes never closed": (b"From: " + b'"\\' * 60_000 + b"\nTo: " + b'"\\' * 60_000, None),
    "angles never closed": (b"From: " + b"<" * 120_000 + b"\nTo: " + b"<" * 120_000, None),
    "a word of 250,000": (b"To: " + b"a" * 250_000, None),
    "parameters never closed": (b"Content-Type: text/plain" + b';a="' * 60_000 + b"\n\nx", None),
    "blanks between parameters": (b"Content-Type: text/plain;" + b" a" * 120_000 + b"\n\nx", None),
    "digits in a date": (b"Date: " + b"1 Jan " * 40_000, "date-broken"),
    "a million CR": (b"\r" * 1_000_000, "bare-cr"),
    "a million NUL": (b"\0" * 1_000_000, "header-missing"),
    "flowed blanks": (b"Content-Type: text/plain; format=flowed\n\n" + b" \n" * 1_000_000, None),
    "boundaries to guess": (b"Content-Type: multipart/mixed\n\n--" + b"a \t" * 500_000, "multipart-empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_takes_less_than_a_second(name):
    data, flag = HOSTILE[name]
    start = time.process_time()
    got = parse(data)
    texts = [text.read() for text in got.texts]
    assert time.process_time() - start < 1
    assert flag is None or flag in got.flags
    assert sum(map(len, texts)) <= MAX_TEXT


@pytest.fixture
def target():
    """The fuzz target as a module; it is no part of the package."""
    path = Path(__file__).parent.parent / "fuzz" / "mail_parse.py"
    spec = importlib.util.spec_from_file_location("fuzz_mail_parse", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_small_run_of_the_fuzz_target_finds_nothing(target):
    """The long run is made by hand: ``python -m fuzz.mail_parse`` (a million mutants of real mail)."""
    assert target.run(target.OWN, target.read_text, first=0, count=2_000) == 0
    assert target.run(target.OWN, target.kernel_reader(), first=2_000, count=300) == 0


def test_the_fuzz_target_tells_of_what_raises(target, capsys):
    assert target.run(target.OWN, lambda data: data.decode("ascii"), first=0, count=50) == 1
    assert "seed" in capsys.readouterr().out
