"""A batch of raw mail becomes rows of exactly the schemas that the tables promise."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.model import pack_address
from depeer.sources.mail import kernel
from depeer.sources.mail.kernel import MailTables, read_mails
from depeer.sources.mail.links import SUFFIX_LIST
from depeer.tables import TABLES

COLUMNS = ["batch", "delivery", "sha256", "locator", "sensor", "label", "size", "envelope", "bytes"]

SPAM = b"""Received: from mail.sender.example (mail.sender.example [192.0.2.7])
\tby mx.trap.example (8.12.8/8.12.8) with ESMTP id x1
\tfor <Carol@Trap.Example>; Thu, 31 May 2007 20:03:55 -0400
Received: from evil (unknown [198.51.100.9]) by mail.sender.example with SMTP; Thu, 31 May 2007 20:03:50 -0400
From: "Shop" <win@Shop.Example>
To: Bob <bob@trap.example>
Subject: =?utf-8?q?Ch=C3=A9ap?=
Message-ID: <1@shop.example>
Date: Fri, 1 Jun 2007 08:21:53 +0800
X-Mailer: Bulk 1.0
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=us-ascii

Go to http://www.shop.example/a or http://203.0.113.5/x and http://www.shop.example/a
--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<a href=3D"http://www.shop.example/a">x</a> <a href=3D"http://other.example/">y</a>
--b--
"""


def raw(messages: list[bytes], envelope: bytes | None = None) -> pa.RecordBatch:
    rows = []
    for at, data in enumerate(messages):
        sha = hashlib.sha256(data).digest()
        row = {
            "batch": 3,
            "delivery": sha[:16],
            "sha256": sha,
            "locator": f"pile.mbox, message {at}",
            "sensor": "trap",
        }
        rows.append(
            row | {"sensor": "trap", "label": "spam", "size": len(data), "envelope": envelope, "bytes": data}
        )
    return pa.RecordBatch.from_pylist(
        rows, schema=pa.schema([TABLES["raw"].schema.field(c) for c in COLUMNS])
    )


def check_schemas(got: MailTables) -> None:
    for table in ("mails", "hops", "links"):
        batch = getattr(got, table)
        batch.validate(full=True)
        assert batch.schema.equals(TABLES[table].schema, check_metadata=True)


def test_one_message_gives_the_rows_that_a_person_would_write():
    got = read_mails(raw([SPAM], envelope=b"From win@shop.example Thu May 31 20:03:55 2007"))
    check_schemas(got)
    (mail,) = got.mails.to_pylist()
    assert mail["batch"] == 3
    assert mail["locator"] == "pile.mbox, message 0"
    assert mail["size"] == len(SPAM)
    assert mail["subject"] == "Chéap"
    assert (mail["from_address"], mail["from_domain"]) == ("win@Shop.Example", "shop.example")
    assert (mail["message_id"], mail["mailer"]) == ("<1@shop.example>", "Bulk 1.0")
    assert mail["recipients"] == ["bob@trap.example", "carol@trap.example"]
    assert mail["claimed"].isoformat() == "2007-06-01T00:21:53+00:00"
    assert mail["enveloped"].isoformat() == "2007-05-31T20:03:55+00:00"
    assert (mail["parts"], mail["depth"], mail["charsets"]) == (3, 1, ["us-ascii", "utf-8"])
    assert (mail["nature"], mail["hops"], mail["links"], mail["flags"]) == ("direct", 2, 3, [])


def test_hops_are_newest_first_and_point_to_their_mail():
    got = read_mails(raw([b"Subject: no hops\n\n", SPAM, SPAM + b" "]))
    hops = got.hops.to_pylist()
    deliveries = got.mails.column("delivery").to_pylist()
    assert [(hop["delivery"], hop["position"]) for hop in hops] == [
        (deliveries[1], 0), (deliveries[1], 1), (deliveries[2], 0), (deliveries[2], 1)
    ]  # fmt: skip
    assert hops[0]["from_ip"] == pack_address("192.0.2.7")
    assert (hops[0]["by_host"], hops[0]["for_domain"]) == ("mx.trap.example", "trap.example")
    assert hops[0]["time"].isoformat() == "2007-06-01T00:03:55+00:00"
    assert got.mails.column("hops").to_pylist() == [0, 2, 2]


def test_links_are_distinct_in_order_and_keep_the_place_they_stood_first():
    links = read_mails(raw([SPAM])).links.to_pylist()
    assert [(link["position"], link["hostname"], link["place"]) for link in links] == [
        (0, "www.shop.example", "text"), (1, "203.0.113.5", "text"), (2, "other.example", "html")
    ]  # fmt: skip
    assert links[1]["address"] == pack_address("203.0.113.5")
    assert {link["suffix_list"] for link in links} == {SUFFIX_LIST}


def test_a_flowed_link_is_whole():
    flowed = b"Content-Type: text/plain; format=flowed; delsp=yes\n\nhttp://shop.example/a/long- \npath\n"
    assert read_mails(raw([flowed])).links.column("url").to_pylist() == ["http://shop.example/a/long-path"]


def test_more_links_than_the_cap_are_cut_and_flagged(monkeypatch):
    monkeypatch.setattr(kernel, "MAX_LINKS", 3)
    got = read_mails(raw([b"\n" + b" ".join(b"http://h%d.example/" % n for n in range(9))]))
    assert got.links.num_rows == 3
    assert "links-cut" in got.mails.column("flags").to_pylist()[0]


def test_an_empty_batch_gives_three_empty_tables():
    got = read_mails(raw([]))
    check_schemas(got)
    assert [batch.num_rows for batch in got] == [0, 0, 0]


def test_columns_of_another_width_are_cast():
    wide = raw([SPAM])
    at = wide.schema.get_field_index("locator")
    wide = wide.set_column(at, "locator", wide.column("locator").cast(pa.large_string()))
    check_schemas(read_mails(wide))


BAD = [
    b"",
    b"\0",
    b"\r",
    b"Subject: \xed\xa0\x80\n\n",
    b"From: \xff@\xfe\n\n",
    b"To: \xed\xb2\x80@x\n\n",
    b"Message-ID: \xff\nX-Mailer: =?utf-7?q?+2AA-?=\n\n",
    b"Received: \xff\xfe\x80 [\xff]\n\nhttp://\xff.example/\xed\xa0\x80",
]


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_message_costs_its_own_row_only(bad):
    got = read_mails(raw([SPAM, bad, SPAM + b" "]))
    check_schemas(got)
    assert got.mails.column("subject").to_pylist()[::2] == ["Chéap", "Chéap"]


_line = st.one_of(
    st.sampled_from(
        [b"Subject: ", b"From: ", b"To: ", b"Date: ", b"Received: from ", b"Message-ID: ", b"", b"http://"]
    ),
    st.sampled_from([b"Content-Type: text/html; charset=utf-16", b"Content-Type: text/plain; charset=\xff"]),
)


@settings(max_examples=150)
@given(st.lists(st.lists(st.tuples(_line, st.binary(max_size=30)), max_size=8), max_size=4))
def test_any_bytes_become_valid_rows(messages):
    data = [b"\n".join(start + rest for start, rest in message) for message in messages]
    got = read_mails(raw(data, envelope=b"From \xff"))
    check_schemas(got)
    assert got.mails.num_rows == len(data)
    assert sum(got.mails.column("hops").to_pylist()) == got.hops.num_rows
    assert sum(got.mails.column("links").to_pylist()) == got.links.num_rows
