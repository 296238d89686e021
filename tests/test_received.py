# ruff: noqa: E501 - header lines are kept as long as their servers write them
"""Received lines as real servers write them; names and addresses are invented or of TEST-NET."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.model import pack_address, show_address
from depeer.sources.mail.clock import envelope_time, read_time
from depeer.sources.mail.received import MAX_LINE, Hop, is_private, read_hop

# line; from_ip, from_helo, from_rdns, by_host, protocol, for_address, flags. The date is checked apart.
NOON = "Tue, 05 Jun 2007 12:00:00 +0000"
LINES = {
    "sendmail": (
        "from mail.example.org (relay.example.org [192.0.2.1])\tby mx.example.net (8.12.8/8.12.5) with ESMTP id l51"
        "\tfor <a@example.net>;",
        ("192.0.2.1", "mail.example.org", "relay.example.org", "mx.example.net", "ESMTP", "a@example.net", ()),
    ),
    "sendmail, no reverse name": (
        "from 3C5006F8 ([192.0.2.1]) by MX.Example.NET (8.13.8+Sun/8.9.3) with SMTP id x;",
        ("192.0.2.1", "3C5006F8", None, "mx.example.net", "SMTP", None, ()),
    ),
    "sendmail doubts the name": (
        "from a.example (dsl-1.example.org [192.0.2.1] (may be    forged)) by mx.example.net (8.9.3/8.9.3) with ESMTP id x;",
        ("192.0.2.1", "a.example", None, "mx.example.net", "ESMTP", None, ("may-be-forged",)),
    ),
    "sendmail with ident": (
        "from a.example (IDENT:root@r.example.org [192.0.2.1]) by mx.example.net (8.9.3/8.9.3) with ESMTP id x;",
        ("192.0.2.1", "a.example", "r.example.org", "mx.example.net", "ESMTP", None, ()),
    ),
    "sendmail, HELO is another address": (
        "from 198.51.100.9 ([192.0.2.1]) by mx.example.net (8.12.8/8.12.5) with SMTP id x;",
        ("192.0.2.1", "198.51.100.9", None, "mx.example.net", "SMTP", None, ()),
    ),
    "sendmail, HELO is a literal": (
        "from [198.51.100.9] (r.example.org [192.0.2.1]) by mx.example.net (8.12.8/8.12.5) with ESMTP id x;",
        ("192.0.2.1", "[198.51.100.9]", "r.example.org", "mx.example.net", "ESMTP", None, ()),
    ),
    "sendmail, TLS clause": (
        "from a.example (a.example [192.0.2.1]) by mx.example.net (8.12.5/8.12.5) with ESMTP id x"
        " (version=TLSv1/SSLv3 cipher=EDH-RSA bits=168 verify=NO) for <b@example.net>;",
        ("192.0.2.1", "a.example", "a.example", "mx.example.net", "ESMTP", "b@example.net", ()),
    ),
    "sendmail, local submission": (
        "(from apache@localhost)\tby www.example.org (8.12.11/8.12.11/Submit) id l59;",
        (None, None, None, "www.example.org", None, None, ("hand-over", "no-from")),
    ),
    "sendmail, own report": (
        "from localhost (localhost) by mx.example.net (8.12.8/8.12.5) id l5N;",
        (None, "localhost", None, "mx.example.net", None, None, ("hand-over", "no-ip")),
    ),
    "sendmail, unix socket": (
        "from localhost (localhost [[UNIX: localhost]]) by a.example.org (8.11.6/8.11.6) id g79;",
        (None, "localhost", None, "a.example.org", None, None, ("hand-over", "no-ip")),
    ),
    "Postfix": (
        "from a.example (unknown [192.0.2.1])\tby mx.example.net (Postfix) with ESMTP id 5D7\tfor <b@example.net>;",
        ("192.0.2.1", "a.example", None, "mx.example.net", "ESMTP", "b@example.net", ()),
    ),
    "Postfix, IPv6": (
        "from a.example (a.example [IPv6:2001:db8::c05:248]) (using TLSv1.2 with cipher X (128/128 bits))"
        " (No client certificate requested) by mx.example.net (Postfix) with UTF8SMTPS id 4;",
        ("2001:db8::c05:248", "a.example", "a.example", "mx.example.net", "UTF8SMTPS", None, ()),
    ),
    "Postfix, authenticated": (
        "from pc (unknown [192.0.2.1])\t(Authenticated sender: u@198.51.100.7)\tby mx.example.net (Postfix) with ESMTPA;",
        ("192.0.2.1", "pc", None, "mx.example.net", "ESMTPA", None, ()),
    ),
    "Postfix, pickup": (
        "by a.example.org (Postfix, from userid 501)\tid 66A;",
        (None, None, None, "a.example.org", None, None, ("hand-over", "no-from")),
    ),
    "Exim, HELO differs": (
        "from dsl.example.org ([192.0.2.1] helo=455scott.example) by mx.example.net with esmtp (Exim 3.31 #1 (Debian)) id 17W;",
        ("192.0.2.1", "455scott.example", "dsl.example.org", "mx.example.net", "ESMTP", None, ()),
    ),
    "Exim, no reverse name": (
        "from [192.0.2.1] (port=36638 helo=[198.51.100.7])\tby mx.example.net with esmtp (Exim 4.63)\tid x\tfor b@example.net;",
        ("192.0.2.1", "[198.51.100.7]", None, "mx.example.net", "ESMTP", "b@example.net", ()),
    ),
    "Exim, port and ident": (
        "from a.example.org ([192.0.2.1]:45321 helo=User ident=exim)\tby mx.example.net with esmtpa (Exim 4.87)"
        "\t(envelope-from <c@example.org>)\tid 1ba;",
        ("192.0.2.1", "User", "a.example.org", "mx.example.net", "ESMTPA", None, ()),
    ),
    "Exim, bare address": (
        "from murphy.example.org [192.0.2.1] by mx.example.net with esmtp (Exim 3.12 1 (Debian)) id 18i;",
        ("192.0.2.1", None, "murphy.example.org", "mx.example.net", "ESMTP", None, ()),
    ),
    "Exim, local": (
        "from nobody by a.example.org with local (Exim 4.63)\t(envelope-from <nobody@a.example.org>)\tid 1I4\tfor b@example.net;",
        (None, "nobody", None, "a.example.org", "LOCAL", "b@example.net", ("hand-over", "no-ip")),
    ),
    "qmail": (
        "from r.example.org (HELO mail.example.org) (192.0.2.1)  by mx.example.net with SMTP;",
        ("192.0.2.1", "mail.example.org", "r.example.org", "mx.example.net", "SMTP", None, ()),
    ),
    "qmail, unknown": (
        "from unknown (HELO 192.168.15.15) (192.0.2.1)  by mx.example.net with SMTP;",
        ("192.0.2.1", "192.168.15.15", None, "mx.example.net", "SMTP", None, ()),
    ),
    "qmail, empty HELO": (
        "from unknown (HELO ) (192.0.2.1)  by mx.example.net with SMTP;",
        ("192.0.2.1", None, None, "mx.example.net", "SMTP", None, ()),
    ),
    "qmail, authenticated": (
        "from unknown (HELO pc) (user@example.org@[192.0.2.1])  (envelope-sender <u@example.org>)  by 0 (magicmail) with SMTP;",
        ("192.0.2.1", "pc", None, "0", "SMTP", None, ()),
    ),
    "qmail, user at address": (
        "from unknown (HELO x) (u@192.0.2.1) by mx.example.net with SMTP;",
        ("192.0.2.1", "x", None, "mx.example.net", "SMTP", None, ()),
    ),
    "qmail hands over": (
        "(qmail 14278 invoked by uid 0);",
        (None, None, None, None, None, None, ("hand-over", "no-by", "no-from")),
    ),
    "qmail with the network told": (
        "(qmail 6129 messnum 1196429 invoked from    network[192.0.2.1/ts01.example.org]);",
        ("192.0.2.1", None, "ts01.example.org", None, None, None, ("no-by",)),
    ),
    "qmail-scanner": (
        "from 192.0.2.1 by mx.example.net (envelope-from <c@example.org>, uid 0) with qmail-scanner-1.24"
        " (4.4. Clear:RC:0(192.0.2.1):. Processed in 2.04 secs);",
        (None, "192.0.2.1", None, "mx.example.net", "QMAIL-SCANNER-1", None, ("hand-over", "helo-address-only", "no-ip")),
    ),
    "qpsmtpd": (
        "from a.example.org (HELO b.example.org) (192.0.2.1)\n    by mx.example.net (qpsmtpd/0.28) with ESMTP;",
        ("192.0.2.1", "b.example.org", "a.example.org", "mx.example.net", "ESMTP", None, ()),
    ),
    "CommuniGate": (
        "from [192.0.2.1] (account u@example.org HELO pc)\tby mail.example.net (CommuniGate Pro SMTP 5.1)\twith ESMTPA id 2;",
        ("192.0.2.1", "pc", None, "mail.example.net", "ESMTPA", None, ()),
    ),
    "Exchange 5.5": (
        "from pc (h1.example.org [192.0.2.1]) by mx.example.net with SMTP (Microsoft Exchange Internet Mail Service Version"
        " 5.5.2653.13) id R3B;",
        ("192.0.2.1", "pc", "h1.example.org", "mx.example.net", "SMTP", None, ()),
    ),
    "IIS": (
        "from mx14.example.com ([192.0.2.1]) by mx.example.net with Microsoft SMTPSVC(5.0.2195.2966);\t ",
        ("192.0.2.1", "mx14.example.com", None, "mx.example.net", "SMTPSVC", None, ()),
    ),
    "IIS pickup": (
        "from mail pickup service by mx.example.net with Microsoft SMTPSVC;",
        (None, "mail pickup service", None, "mx.example.net", "SMTPSVC", None, ("hand-over", "no-ip")),
    ),
    "Exchange 2010": (
        "from a.example.org (192.0.2.1) by HUB11.corp.local (172.18.31.175) with Microsoft SMTP Server id 14.3.498.0;",
        ("192.0.2.1", "a.example.org", None, "hub11.corp.local", "SMTP", None, ()),
    ),
    "Exchange, link-local": (
        "from EX1.corp.local ([fe80::1%eth0]) by EX2.corp.local ([fe80::2%3]) with mapi id 14.03;",
        ("fe80::1", "EX1.corp.local", None, "ex2.corp.local", "MAPI", None, ("private-address",)),
    ),
    "Exchange Online": (
        "from A.outlook.example (2001:db8:111:f400:7e49::205) by B.office.example (2001:db8:910:89::28) with Microsoft SMTP"
        " Server (version=TLS1_2, cipher=X) id 15.20.1185.23 via Frontend Transport;",
        ("2001:db8:111:f400:7e49::205", "A.outlook.example", None, "b.office.example", "SMTP", None, ()),
    ),
    "webmail, one word": (
        "from [192.0.2.1] by web28416.mail.example.com via HTTP;",
        ("192.0.2.1", None, None, "web28416.mail.example.com", "HTTP", None, ("literal",)),
    ),
    "webmail, bare address": (
        "from 192.0.2.1 by f11.law11.example.com with HTTP;",
        ("192.0.2.1", None, None, "f11.law11.example.com", "HTTP", None, ()),
    ),
    "SquirrelMail": (
        "from 192.0.2.1 (SquirrelMail authenticated user jm) by example.org with HTTP;",
        ("192.0.2.1", None, None, "example.org", "HTTP", None, ()),
    ),
    "Gmail, inner": (
        "by 10.1.2.3 with SMTP id f21-v6so3811271wmc.5        for <b@example.com>;",
        (None, None, None, "10.1.2.3", "SMTP", "b@example.com", ("hand-over", "no-from")),
    ),
    "fetchmail": (
        "from pop.example.org [192.0.2.1]\tby localhost with POP3 (fetchmail-6.2.1 polling p account m)\tfor m@localhost (single-drop);",
        ("192.0.2.1", None, "pop.example.org", "localhost", "POP3", "m@localhost", ()),
    ),
    "Domino": (
        "from pc ([192.0.2.1])          by mx.example.net (Lotus Domino Release 8.5)          with ESMTP id 2017-4 ;",
        ("192.0.2.1", "pc", None, "mx.example.net", "ESMTP", None, ()),
    ),
    "MailEnable": (
        "from  (127.0.0.1 [127.0.0.1]) by MailEnable Inbound Mail Agent    with ESMTP;",
        ("127.0.0.1", None, None, "mailenable", "ESMTP", None, ("private-address",)),
    ),
    "MDaemon without an address": (
        "from 192.168.0.0 by mx.example.net\twith SMTP (MDaemon.PRO.v6.0.7.R)\tfor <b@example.net>;",
        (None, "192.168.0.0", None, "mx.example.net", "SMTP", "b@example.net", ("helo-address-only", "no-ip")),
    ),
    "Cyrus": (
        "from www.example.org (server1.internal [10.202.2.132]) by s2.example.org (Cyrus v2.1.5) with LMTP;",
        ("10.202.2.132", "www.example.org", "server1.internal", "s2.example.org", "LMTP", None, ("private-address",)),
    ),
    "InterMail": (
        "from dsl.example.org ([192.0.2.1]) by imf17.example.net (InterMail vM.5.01.04.19    201-253) with ESMTP id"
        " <2002.F@dsl.example.org> for <b@example.net>;",
        ("192.0.2.1", "dsl.example.org", None, "imf17.example.net", "ESMTP", "b@example.net", ()),
    ),
    "Smail": (
        "from mx6.example.org from [192.0.2.1] by mail5.example.net (/\\##/\\ Smail3.1.30.16 #30.12) with esmtp sender: <c@d.example>;",
        ("192.0.2.1", None, "mx6.example.org", "mail5.example.net", "ESMTP", None, ()),
    ),
    "IronPort": (
        "from a.example.org ([192.0.2.1])  by mx.example.net with ESMTP/TLS/ECDHE-RSA;",
        ("192.0.2.1", "a.example.org", None, "mx.example.net", "ESMTP", None, ()),
    ),
    "forged: no by": (
        "from 198.51.100.9 by ;",
        (None, "198.51.100.9", None, None, None, None, ("helo-address-only", "no-by", "no-ip")),
    ),
    "forged: integers for addresses": (
        "from a.example (-1211917808 [-1208080272]) by dsl.example.org (Qmailv1) with ESMTP id 197;",
        (None, "a.example", None, "dsl.example.org", "ESMTP", None, ("no-ip",)),
    ),
    "forged: address out of range": (
        "from a.example (a.example [256.1.1.1]) by mx.example.net (8.9.3/8.9.3) with SMTP id x;",
        (None, "a.example", "a.example", "mx.example.net", "SMTP", None, ("no-ip",)),
    ),
    "forged: octal or decimal": (
        "from a.example (a.example [010.1.1.1]) by mx.example.net (8.9.3/8.9.3) with SMTP id x;",
        (None, "a.example", "a.example", "mx.example.net", "SMTP", None, ("no-ip",)),
    ),
    "a comment with by in it": (
        "from a.example (sent by hand [192.0.2.1]) by mx.example.net with SMTP;",
        ("192.0.2.1", "a.example", "hand", "mx.example.net", "SMTP", None, ()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_each_server(name: str) -> None:
    line, (ip, helo, rdns, by_host, protocol, recipient, flags) = LINES[name]
    hop = read_hop(f"{line} {NOON}".encode())
    shown = show_address(hop.from_ip) if hop.from_ip else None
    assert (shown, hop.from_helo, hop.from_rdns, hop.by_host) == (ip, helo, rdns, by_host)
    assert (hop.protocol, hop.for_address, hop.flags) == (protocol, recipient, flags)
    assert hop.for_domain == (recipient.rpartition("@")[2] if recipient else None)
    assert hop.time == int(datetime(2007, 6, 5, 12, tzinfo=UTC).timestamp()) * 1_000_000


def _utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "expected", "odd"),
    [
        ("Thu, 31 May 2007 20:03:55 -0400", _utc(2007, 6, 1, 0, 3, 55), ""),
        ("31 May 2007 20:03 -0000", _utc(2007, 5, 31, 20, 3), ""),
        ("Tue,  5 Jun 2007 15:09:38 +0200 (CEST)", _utc(2007, 6, 5, 13, 9, 38), ""),
        ("Tue, 23 Jul 2002 15:58:55 -08:00", _utc(2002, 7, 23, 23, 58, 55), ""),
        ("Tue, 24 Dec 91 08:14:38 EST", _utc(1991, 12, 24, 13, 14, 38), ""),
        ("1 Jan 49 00:00:00 GMT", _utc(2049, 1, 1), ""),
        ("22 Jul 102 06:02:09 +0200", _utc(2002, 7, 22, 4, 2, 9), ""),
        ("Fri, 06 Sep 2002 11:24:17 BST", _utc(2002, 9, 6, 10, 24, 17), ""),
        ("Fri, 06 Sep 2002 11:24:17 IST", _utc(2002, 9, 6, 11, 24, 17), "odd-zone"),
        (
            "Sat, 2 Jun 2007 08:37:47 +0900 (JST) (envelope-from c@example.org)",
            _utc(2007, 6, 1, 23, 37, 47),
            "",
        ),
        ("Thu May 31 20:03:55 2007", _utc(2007, 5, 31, 20, 3, 55), "odd-zone"),
        ("30 Jun 2007 23:59:60 +0000", _utc(2007, 7, 1), ""),
        ("29 Feb 2008 00:00:00 Z", _utc(2008, 2, 29), ""),
        ("29 Feb 2007 00:00:00 Z", None, "bad-time"),
        ("22 Jul 0102 06:02:09 +0200", None, "bad-time"),
        ("1 Jan 1979 00:00:00 GMT", None, "bad-time"),
        ("1 Jan 2101 00:00:00 GMT", None, "bad-time"),
        ("Fri, 1 Jun 2007 03:28:14 +0480", None, "bad-time"),
        ("1 Jun 2007 24:00:00 GMT", None, "bad-time"),
        ("Aug, 24 2002 12:01:28 PM -0000", None, "bad-time"),
        ("24/09/2002 12:29:38", None, "bad-time"),
        ("", None, "no-time"),
    ],
)
def test_dates(text: str, expected: int | None, odd: str) -> None:
    assert read_time(text) == (expected, odd)
    hop = read_hop(f"from a.example ([192.0.2.1]) by mx.example.net with SMTP; {text}".encode())
    assert hop.time == expected
    assert hop.flags == ((odd,) if odd else ())


def test_a_date_before_the_last_semicolon_is_found() -> None:
    line = b"by mx.example.net with SMTP; Thu, 31 May 2007 20:03:55 +0000 (envelope-from <a;b@example.org>)"
    assert read_hop(line).time == _utc(2007, 5, 31, 20, 3, 55)


def test_envelope_time() -> None:
    assert envelope_time(b"From a@example.org  Thu May 31 20:03:55 2007") == _utc(2007, 5, 31, 20, 3, 55)
    assert envelope_time(b"From a@example.org") is None
    assert envelope_time(None) is None


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.0.0.1", True), ("172.15.255.255", False), ("172.16.0.0", True), ("172.32.0.0", False),
        ("192.168.1.1", True), ("127.0.0.1", True), ("169.254.1.1", True), ("100.64.0.1", True), ("100.128.0.1", False),
        ("192.0.2.1", False), ("198.51.100.1", False), ("203.0.113.1", False), ("::1", True), ("fe80::1", True),
        ("fc00::1", True), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private(pack_address(address)) is private


def _sane(hop: Hop) -> bool:
    texts = [t for t in (hop.from_helo, hop.from_rdns, hop.by_host, hop.protocol) if t is not None]
    return (
        (hop.from_ip is None or len(hop.from_ip) == 16)
        and all(t and len(t) <= 255 for t in texts)
        and hop.flags == tuple(sorted(set(hop.flags)))
        and ((hop.time is None) == bool({"bad-time", "no-time"} & set(hop.flags)))
    )


PIECES = st.sampled_from(
    [
        "from ", " by ", " with ", " for <", "(", ")", "[", "]", ";", "HELO ", "helo=", "192.0.2.1", "a.example",
        "may be forged", "unknown", " id ", "@", "IPv6:", "::1", "qmail 1 invoked from network[", "\t", "\u00e9", "\0",
        "Tue, 05 Jun 2007 12:00:00 +0000", "-0000", "via ", "((", "))",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join).map(str.encode) | st.binary(max_size=300))
def test_anything_is_read(line: bytes) -> None:
    assert _sane(read_hop(line))


@pytest.mark.parametrize(
    "unit",
    [b"(", b")", b"( by ", b"((a)", b"from ", b"[1.2.3.4", b"1.", b"0:", b" for <a@", b"(helo ", b";", b"(a(b(c", b"1 Jan ", b"[",
     b"from x (a) ", b" with (", b"\xff", b"(())", b"(()"],
)  # fmt: skip
def test_hostile_lines_stay_linear(unit: bytes) -> None:
    for start in (b"", b"from a ", b"from a (", b"from a by b "):
        begun = time.perf_counter()
        hop = read_hop(start + unit * (2 * MAX_LINE // len(unit)))
        assert time.perf_counter() - begun < 0.25
        assert "long" in hop.flags


@given(st.ip_addresses(), st.ip_addresses(v=4))
def test_the_recorded_address_beats_the_one_in_helo(ip: object, helo: object) -> None:
    text = f"IPv6:{ip}" if ":" in str(ip) else str(ip)
    hop = read_hop(
        f"from [{helo}] (h.example.org [{text}]) by mx.example.net (Postfix) with ESMTP id 1; {NOON}".encode()
    )
    assert hop.from_ip == pack_address(str(ip))
    assert hop.from_helo == f"[{helo}]"
