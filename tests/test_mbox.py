"""The mbox splitter: its rule on real oddities, its reversal of what writers do, and hostile input."""

from __future__ import annotations

import io
import itertools
import re
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.sources import mbox
from depeer.sources.piece import Piece

LINE = b"From eve@example.org  Thu May 31 20:03:55 2007\n"


def split(data: bytes, **options: int) -> list[Piece]:
    return list(mbox.split(io.BytesIO(data), **options))


def mail(number: int, body: bytes = b"Hello\n") -> bytes:
    return b"Received: from a.example (192.0.2.1) by b.example\nSubject: %d\n\n%b" % (number, body)


SEPARATORS = [
    b"From eve@example.org  Thu May 31 20:03:55 2007",
    b"From eve@example.org Thu Oct  9 08:01:02 2003",
    b"From - Mon Sep 17 10:00:00 2001",
    b"From nobody Mon Sep 17 10:00 2001",
    b"From MAILER-DAEMON Mon Sep 17 10:00:00 2001",
    b"From eve at example.org  Mon Sep 17 10:00:00 2001",
    b'From "Eve M. Example" <eve@example.org> Mon Sep 17 10:00:00 2001',
    b"From eve@example.org  Sat Jan 12 10:00:00 EST 2002",
    b"From eve@example.org Mon Jan 01 00:00:00 +0000 2018",
    b"From eve@example.org Mon Sep 17 10:00:00 2001 +0200",
    b"From eve Mon Sep 17 10:00:00 2001 remote from host.example",
    b"From eve@example.org Wed, 9 May 2001 11:12:13 +0200",
    b"From eve@example.org 2007-06-01T10:00:00Z",
    b"From  Mon Sep 17 10:00:00 2001",
]
PROSE = [
    b"From what we know, it works.",
    b"From 10:00 on we are open",
    b"From Mon Sep 17 to Tue Sep 18 the shop is closed",
    b"From Monday, 10:00, to May 2007",
    b"From: eve@example.org",
    b"From eve@example.org",
    b"From the desk of Mon 2007 10:00:00",
    b"From a@b.example " + b"x" * 2000 + b" Mon Sep 17 10:00:00 2001",
]


@pytest.mark.parametrize("line", SEPARATORS)
def test_a_dated_from_line_separates(line: bytes) -> None:
    pieces = split(LINE + mail(1) + b"\n" + line + b"\n" + mail(2))
    assert [piece.data for piece in pieces] == [mail(1), mail(2)]
    assert [piece.envelope for piece in pieces] == [LINE[:-1], line]
    assert [piece.place for piece in pieces] == ["message 1", "message 2"]
    assert mbox.is_mbox(line + b"\n" + mail(1))


@pytest.mark.parametrize("line", PROSE)
def test_prose_does_not_separate(line: bytes) -> None:
    message = mail(1, b"text\n\n" + line + b"\nmore\n")
    assert [piece.data for piece in split(LINE + message + b"\n")] == [message]
    assert not mbox.is_mbox(line + b"\n" + mail(1))


def test_another_date_needs_a_header_after_it() -> None:
    message = mail(1, b"text\n\nFrom 9 May 2001 11:12:13 on\nit went wrong\n")
    assert [piece.data for piece in split(LINE + message + b"\n")] == [message]


def test_joined_files_without_a_blank_line_are_told_apart_by_the_header_that_follows() -> None:
    pieces = split(LINE + mail(1) + LINE + mail(2))
    assert [piece.data for piece in pieces] == [mail(1), mail(2)]
    quoted_by_nobody = mail(1, b"he wrote\nFrom a@b.example Thu May 31 20:03:55 2007\nas the first line\n")
    assert [piece.data for piece in split(LINE + quoted_by_nobody + b"\n")] == [quoted_by_nobody]


def test_what_comes_before_the_first_line_of_an_mbox_is_passed_over() -> None:
    for lead in (b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n \n"):
        assert mbox.is_mbox(lead + LINE + mail(1))
        assert [piece.data for piece in split(lead + LINE + mail(1) + b"\n")] == [mail(1)]


def test_an_only_message_has_no_place_of_its_own() -> None:
    (piece,) = split(LINE + mail(1) + b"\n")
    assert (piece.position, piece.place) == (0, "")
    assert split(b"") == [] == split(b"\n\n")


def test_a_from_line_with_nothing_after_it_is_told() -> None:
    pieces = split(LINE + b"\n" + LINE + mail(2))
    assert [piece.trouble is None for piece in pieces] == [False, True]
    assert [piece.trouble is None for piece in split(LINE)] == [False]
    assert [piece.trouble is None for piece in split(LINE[:-1])] == [False]


def test_quoting_is_undone_as_mboxrd_has_it() -> None:
    (piece,) = split(LINE + mail(1, b">From me\n>>From you\n> From x\n>from y\n") + b"\n")
    assert piece.data == mail(1, b"From me\n>From you\n> From x\n>from y\n")


def test_crlf_is_kept_and_its_blank_line_removed() -> None:
    crlf = [mail(n).replace(b"\n", b"\r\n") for n in (1, 2)]
    data = b"".join(LINE.replace(b"\n", b"\r\n") + message + b"\r\n" for message in crlf)
    pieces = split(data)
    assert [piece.data for piece in pieces] == crlf
    assert pieces[0].envelope == LINE[:-1]


def test_a_bare_carriage_return_at_the_end_does_not_tell_a_maildir_from_an_mbox() -> None:
    (single,) = mbox.split(io.BytesIO(mail(1) + b"\r"), single=True)
    (boxed,) = split(LINE + mail(1) + b"\r\n\n")
    assert single.data == boxed.data


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_message_is_the_same_from_a_maildir_and_from_an_mbox(end: bytes, newline: bytes) -> None:
    message = (mail(1, b"last line") + end).replace(b"\n", newline)
    closed = message if end else message + b"\n"
    (single,) = mbox.split(io.BytesIO(message), single=True)
    boxed, _ = split(LINE + closed + b"\n" + LINE + mail(2))
    assert single.data == boxed.data == mail(1, b"last line\n").replace(b"\n", newline)


def test_mboxcl2_is_split_by_lengths_that_prove_true() -> None:
    body = b"see:\n\n" + LINE + b"Subject: inner\n\n>From x\n"
    message = b"Subject: 1\nContent-Length: %d\n\n%b" % (len(body), body)
    for tail, count in ((b"\n" + LINE + mail(2), 2), (b"\n", 1), (b"", 1)):
        pieces = split(LINE + message + tail)
        assert len(pieces) == count
        assert pieces[0].data == message


def test_mboxcl_is_unquoted() -> None:
    body = b">From x\n"
    message = b"Subject: 1\nContent-Length: %d\n\n%b" % (len(body), body)
    first, _ = split(LINE + message + b"\n" + LINE + mail(2))
    assert first.data.endswith(b"\n\nFrom x\n")


@pytest.mark.parametrize(
    "length", [b"0", b"3", b"100", b"150", b"99999", b"67000000", b"9" * 30, b"-1", b"x"]
)
def test_a_forged_length_counts_for_nothing(length: bytes) -> None:
    forged = b"Subject: 1\ncontent-length: %b\n\nBuy now\n" % length
    pieces = split(LINE + forged + b"\n" + LINE + mail(2) + b"\n" + LINE + mail(3))
    assert [piece.data for piece in pieces] == [forged, mail(2), mail(3)]


def test_a_message_over_the_cap_is_cut_told_and_not_held() -> None:
    class Made:
        """30 MB of one message between two small ones, made as it is read."""

        def __init__(self) -> None:
            long = itertools.repeat((b"x" * 999 + b"\n") * 1000, 30)
            self.blocks = itertools.chain([LINE + mail(1) + b"\n" + LINE], long, [b"\n" + LINE + mail(3)])

        def read(self, size: int, /) -> bytes:
            return next(self.blocks, b"")

    tracemalloc.start()
    pieces = list(mbox.split(Made(), max_message=4 * 2**20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [piece.trouble is None for piece in pieces] == [True, False, True]
    assert len(pieces[1].data) == mbox.KEPT
    assert pieces[1].envelope == LINE[:-1]
    assert "longer than 4 MiB" in str(pieces[1].trouble)
    assert pieces[2].data == mail(3)
    assert peak < 40 * 2**20


def test_a_single_message_over_the_cap_is_cut_and_told() -> None:
    (piece,) = mbox.split(io.BytesIO(mail(1, b"x" * 3_000_000)), single=True, max_message=2**20)
    assert len(piece.data) == mbox.KEPT
    assert piece.trouble is not None


MAIL_HEADS = [
    mail(1),
    b"\r\n\r\n" + mail(1),
    b"\xef\xbb\xbf" + mail(1),
    LINE + mail(1),
    b"From eve@example.org\n" + mail(1),
    b">From eve@example.org Mon Sep 17 10:00:00 2001\n" + mail(1),
    b"subject : spaced\n\nx",
    b"X-Mailer: y\n\nx",
    b"an odd first line\nFrom: eve@example.org\n\nx",
    b"HELO a.example\r\nMAIL FROM:<eve@example.org>\r\nRCPT TO:<trap@example.org>\r\nDATA\r\nReceived: x\r\n",
    b"A: 1\rFrom: eve@example.org\r\rold Mac",
    b"Foo: bar\n" * 40 + b"Subject: late\n\nx",
]
NOT_MAIL = [
    b"",
    b"\n",
    b"hello\n",
    b"\n                                 Apache License\n                           Version 2.0\n",
    b"Permission is hereby granted, free of charge, to any person\nobtaining a copy\n\nSubject: none\n",
    b"# depeer\n\nFrom: one place\n",
    b'{\n  "From": "eve@example.org",\n  "Subject": "x"\n}\n',
    b'[{"from": 1}]',
    b"\x7fELF\x02\x01\x01" + bytes(57) + b"\nFrom: x\n",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\nSubject: x\n",
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n",
    b"first_seen,ip,port\n2023-01-01,192.0.2.1,443\n",
    bytes(65536),
    b"name: depeer\nversion: 1\nlicense: MIT\n",
]


@pytest.mark.parametrize("head", MAIL_HEADS)
def test_mail_is_known_as_mail(head: bytes) -> None:
    assert mbox.single_message(head)


@pytest.mark.parametrize("head", NOT_MAIL)
def test_other_things_are_not_mail(head: bytes) -> None:
    assert not mbox.single_message(head)


_WORDS = st.sampled_from(
    [b"From ", b">From ", b">>From ", LINE, b"text", b"\n", b" ", b"> ", b"\xff\0", b"\r"]
)
_BODIES = st.lists(st.lists(_WORDS, max_size=12).map(b"".join), min_size=1, max_size=6)


@given(_BODIES, st.sampled_from([b"\n", b"\r\n"]))
def test_mboxrd_comes_back(bodies: list[bytes], newline: bytes) -> None:
    messages = [mail(n, body.replace(b"\r", b"")).replace(b"\n", newline) for n, body in enumerate(bodies)]
    messages = [m if m.endswith(b"\n") else m + newline for m in messages]
    quoted = [re.sub(rb"(?m)^(>*From )", rb">\1", message) for message in messages]
    data = b"".join(LINE.replace(b"\n", newline) + message + newline for message in quoted)
    assert [piece.data for piece in split(data)] == messages


@given(_BODIES)
def test_mboxcl2_comes_back(bodies: list[bytes]) -> None:
    """Exactly where a separator stands in the message; elsewhere it reads as mboxrd does."""
    bodies = [body.replace(b"\r", b"") + b"\n" for body in bodies]
    messages = [b"Subject: %d\nContent-Length: %d\n\n%b" % (n, len(b), b) for n, b in enumerate(bodies)]
    data = b"".join(LINE + message + b"\n" for message in messages)
    got = [piece.data for piece in split(data)]
    assert len(got) == len(messages)
    for one, message in zip(got, messages, strict=True):
        assert one in (message, re.sub(rb"(?m)^>(>*From )", rb"\1", message))
        assert one == message or re.search(rb"(?m)^>+From ", message)


@given(st.binary(max_size=3000) | st.lists(_WORDS, max_size=200).map(b"".join), st.integers(1, 400))
def test_any_bytes_in_blocks_of_any_size_give_the_same_pieces(data: bytes, size: int) -> None:
    class Dribble(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(size)

    pieces = split(data)
    assert list(mbox.split(Dribble(data))) == pieces
    assert sum(len(piece.data) for piece in pieces) <= len(data) + 2 * len(pieces)
    assert len(list(mbox.split(io.BytesIO(data), single=True))) == 1
    mbox.is_mbox(data)
    mbox.single_message(data)


@settings(max_examples=30)
@given(st.integers(0, 3000))
def test_a_truncated_mbox_gives_what_is_there(cut: int) -> None:
    data = b"".join(LINE + mail(n, b"x" * 200 + b"\n") + b"\n" for n in range(9))
    pieces = split(data[:cut])
    whole = split(data)
    assert [piece.data for piece in pieces[:-1]] == [piece.data for piece in whole[: max(len(pieces) - 1, 0)]]


@pytest.mark.parametrize(
    "hostile",
    [
        b"\nFrom " * 700_000,
        b"\n\n" + LINE * 90_000,
        (b"\nFrom " + b"Mon Jan 1 1:11 " * 66) * 4_000,
        (LINE + b"Content-Length: 60000000\n\nx\n\n") * 50_000,
        b"x" * 4_000_000,
        b"\n" * 4_000_000,
        b"From " * 800_000,
        b">" * 4_000_000,
    ],
)
def test_hostile_mboxes_take_linear_time(hostile: bytes) -> None:
    started = time.process_time()
    for _ in mbox.split(io.BytesIO(LINE + hostile)):
        pass
    mbox.single_message(hostile[:65536])
    mbox.is_mbox(hostile[:65536])
    assert time.process_time() - started < 5
