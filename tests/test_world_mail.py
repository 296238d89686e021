"""Simulated mail: read back by the real readers it says what its envelope meant, and looks like real mail."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import itertools
import json
import os
import re
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.errors import BadUsage
from depeer.measures.arrivals import arrivals
from depeer.measures.trust import Trust
from depeer.model import pack_address
from depeer.sources.mail.clock import read_time
from depeer.sources.mail.kernel import read_mails
from depeer.sources.mail.links import links_in_html, links_in_text
from depeer.sources.mail.nature import nature
from depeer.sources.mail.parse import Mail, parse
from depeer.sources.mail.received import read_hop
from depeer.sources.mbox import split
from depeer.sources.names import registered_domain
from depeer.tables import TABLES
from depeer.world.mail import (
    BOT_DIALECTS,
    CATEGORIES,
    GRAMMARS,
    HONEST_DIALECTS,
    TOPICS,
    default_mixture,
    envelope_line,
    helo,
    write_comment,
    write_mbox,
    write_message,
)
from depeer.world.mail import dress as dresses
from depeer.world.mail.campaigns import campaign
from depeer.world.mail.dice import dice_of, weighted
from depeer.world.mail.pictures import picture
from depeer.world.mail.received import STYLES
from depeer.world.mail.template import template
from depeer.world.nouns import Envelope

SEED = 11
ROOT = Path(__file__).parent.parent
NOON = datetime(2008, 11, 11, 12, 0, tzinfo=UTC)
ENVELOPES = list(default_mixture(1_500, SEED))
MESSAGES = [write_message(envelope, SEED) for envelope in ENVELOPES]
PARSED = [parse(message) for message in MESSAGES]
READ = list(zip(ENVELOPES, MESSAGES, PARSED, strict=True))


def envelope(**changes: Any) -> Envelope:
    plain = Envelope(
        serial=7, nature="spam", sent=NOON, received=NOON + timedelta(seconds=90),
        sender=IPv4Address("198.51.100.23"), helo="pc.home.example", rdns="a23.dyn.home.example",
        recipient="trap@trap.example", category="pharma", dialect="alder", campaign="amber",
        chain=(("mx.trap.example", IPv4Address("203.0.113.1")),), links=("http://www.pills-shop.example/",),
    )  # fmt: skip
    return replace(plain, **changes)


def hosts(mail: Mail) -> set[str | None]:
    return {
        link.hostname
        for text in mail.texts
        for link in (links_in_html if text.place == "html" else links_in_text)(text.lines, text.charset)
    }


# ------------------------------------------------------------------------------- read as it was meant


def test_each_nature_is_read_as_meant() -> None:
    for sent, _, mail in READ:
        meant = {"spam": "direct", "ham": "direct"}.get(sent.nature, sent.nature)
        if sent.category == "newsletter":
            meant = "list"
        assert nature(mail, envelope_line(sent)) == meant, (sent.nature, sent.serial)
    assert {sent.nature for sent in ENVELOPES} == {
        *("spam", "ham", "delivery-report", "auto-reply", "challenge", "list-confirmation", "forwarded")
    }


def test_links_lead_to_the_hosts_of_the_envelope() -> None:
    """Of a report that quotes only the header of the original, the links are gone."""
    with_links = 0
    for sent, message, mail in READ:
        if sent.links and b"text/rfc822-headers" not in message:
            assert {link.split("/")[2] for link in sent.links} <= hosts(mail), (sent.dialect, sent.serial)
            with_links += 1
    assert with_links > 800


def test_the_boundary_is_the_sender_that_was_meant() -> None:
    """Through kernel and walk, forged lines and all; the relays are trusted by address."""
    rows = []
    for sent, message, _ in READ:
        sha = hashlib.sha256(message).digest()
        given = {"batch": 1, "delivery": sha[:16], "sha256": sha, "locator": str(sent.serial), "sensor": "s"}
        rows.append(
            given | {"label": "spam", "size": len(message), "envelope": envelope_line(sent), "bytes": message}
        )
    names = ("batch", "delivery", "sha256", "locator", "sensor", "label", "size", "envelope", "bytes")
    schema = pa.schema([TABLES["raw"].schema.field(name) for name in names])
    mails, hops, _ = read_mails(pa.RecordBatch.from_pylist(rows, schema=schema))
    found = arrivals(mails, hops, {"s": Trust.of(["203.0.113.0/24"])}).to_pylist()
    for sent, row in zip(ENVELOPES, found, strict=True):
        assert row["boundary_ip"] == pack_address(sent.sender)
        assert row["rdns"] == sent.rdns
        assert row["helo"].strip("[]").lower() == sent.helo.strip("[]").lower()
        assert abs((row["received"] - sent.received).total_seconds()) <= 120  # a server's clock may be wrong


@pytest.mark.parametrize("style", list(STYLES))
@pytest.mark.parametrize("rdns", ["a23.dyn.home.example", None])
@pytest.mark.parametrize(
    "said", ["pc", "[198.51.100.23]", "198.51.100.23", "mx.trap.example", "home.example"]
)
def test_each_style_of_received_line_is_read(style: str, rdns: str | None, said: str) -> None:
    sent = envelope(helo=said, rdns=rdns, extra={"styles": style})
    hop = next(hop for hop in map(read_hop, parse(write_message(sent, 1)).received) if hop.from_ip)
    assert hop.from_ip == pack_address(sent.sender)
    assert hop.by_host == "mx.trap.example"
    assert hop.time is not None
    assert abs(hop.time - sent.received.timestamp() * 1e6) <= 120e6
    assert hop.from_rdns == (None if style == "exchange" else rdns)  # Exchange looks nothing up
    assert (hop.from_helo or "").strip("[]") == said.strip("[]")


def test_a_chain_is_written_outermost_first_and_a_wrong_clock_shows() -> None:
    chain = tuple((f"mx{at}.trap.example", IPv4Address(f"203.0.113.{at}")) for at in (1, 2, 3))
    sent = envelope(chain=chain, forged=2, extra={"styles": "postfix,postfix,postfix", "clock": "86400"})
    hops = [read_hop(value) for value in parse(write_message(sent, 1)).received]
    assert [hop.by_host for hop in hops[:3]] == ["mx3.trap.example", "mx2.trap.example", "mx1.trap.example"]
    assert [hop.from_ip for hop in hops[:3]] == [
        pack_address(a) for a in (chain[1][1], chain[0][1], sent.sender)
    ]
    assert len(hops) == 5
    assert hops[2].time is not None
    assert abs(hops[2].time / 1e6 - sent.received.timestamp() - 86_400) <= 120


def test_forged_lines_lie_below_the_boundary_and_some_in_our_name() -> None:
    forged = envelope(dialect="birch", forged=2, extra={"styles": "postfix"})
    hops = [read_hop(value) for value in parse(write_message(forged, 1)).received]
    assert [hop.by_host for hop in hops] == ["mx.trap.example"] * 3
    assert hops[0].from_ip == pack_address(forged.sender)
    assert pack_address(forged.sender) not in {hop.from_ip for hop in hops[1:]}


def test_everything_goes_to_the_trap_and_names_are_invented() -> None:
    for sent, message, mail in READ:
        assert dict(mail.headers)[b"x-depeer-simulated"] == b"yes"
        assert set(mail.recipients) == {sent.recipient}
        head = message.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        named = {name.decode() for name in re.findall(rb"@((?:[a-z0-9-]+\.)+[a-z]+)", head, re.IGNORECASE)}
        for name in named | {host for host in hosts(mail) if host}:
            assert name.lower().endswith((".example", ".test", ".invalid", ".qmail", ".localhost")), name


def test_the_mbox_gives_the_messages_back() -> None:
    written = b"".join(write_mbox(zip(ENVELOPES, MESSAGES, strict=True)))
    pieces = list(split(io.BytesIO(written)))
    assert [piece.data for piece in pieces] == MESSAGES
    assert [piece.envelope for piece in pieces] == [envelope_line(sent) for sent in ENVELOPES]
    tricky = b"Subject: x\n\nFrom here on\n>From there\n>>From\n\n"
    (piece,) = split(io.BytesIO(b"".join(write_mbox([(envelope(), tricky)]))))
    assert piece.data == tricky
    assert read_time(envelope_line(envelope()).decode())[0] == int(envelope().received.timestamp() * 1e6)


# -------------------------------------------------------------------------------------- deterministic


def test_order_and_company_change_nothing() -> None:
    campaign.cache_clear()
    assert [write_message(sent, SEED) for sent in reversed(ENVELOPES[:300])] == MESSAGES[:300][::-1]
    assert write_message(ENVELOPES[0], SEED + 1) != MESSAGES[0]


def test_another_process_writes_the_same_bytes() -> None:
    """Nothing hangs on the salt of hashes."""
    script = (
        "import hashlib; from depeer.world.mail import *;"
        f"print(hashlib.sha256(b''.join(write_message(e, {SEED}) for e in default_mixture(200, {SEED}))).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == hashlib.sha256(b"".join(MESSAGES[:200])).hexdigest()


# ------------------------------------------------------------------------------- campaigns and dialects


@pytest.mark.parametrize("category", list(CATEGORIES))
@pytest.mark.parametrize("grammar", list(GRAMMARS))
def test_every_grammar_writes_every_category(category: str, grammar: str) -> None:
    for serial, language in enumerate(("en", "ru", "de", "es", "ja", "zh")):
        sent = envelope(
            serial=serial,
            category=category,
            campaign=f"c{serial}",
            extra={"grammar": grammar, "language": language},
        )
        mail = parse(write_message(sent, 1))
        assert "www.pills-shop.example" in hosts(mail)
        assert "{" not in (mail.subject or "")
        assert mail.subject


@pytest.mark.parametrize("grammar,least,most", [("fixed", 1, 1), ("spinning", 15, 20)])
def test_copies_of_a_campaign_are_as_alike_as_its_grammar_says(grammar: str, least: int, most: int) -> None:
    subjects = set()
    for serial in range(20):
        sent = envelope(
            serial=serial, category="job", campaign="c", extra={"grammar": grammar, "language": "en"}
        )
        mail = parse(write_message(replace(sent, links=()), 1))
        subjects.add((mail.subject, re.sub(rb"\d{8}", b"", mail.texts[0].data)))
    assert least <= len(subjects) <= most


def test_a_campaign_has_texts_of_its_own() -> None:
    facts = {"linked": "", "tail": "", "user": ""}
    copies = [campaign(1, name, "pharma", "fixed", "en") for name in ("a", "b", "c", "d")]
    texts = {copy.plain.write(dice_of(1), facts) for copy in copies}
    assert len(texts) == 4


@pytest.mark.parametrize("name", list(dresses.DRESSES))
@pytest.mark.parametrize("url", ["http://shop.example/", "http://www.pills.test/a?b=c", "http://abc.invalid"])
def test_disguised_links_are_found(name: str, url: str) -> None:
    dress = dresses.DRESSES[name](url)
    host = url.split("/")[2]
    assert host in {link.hostname for link in links_in_text(f"Go: {dress.plain}\n".encode())}
    anchor = f'<p><a href="{dress.attribute}">{dress.shown}</a></p>'.encode()
    assert host in {link.hostname for link in links_in_html(anchor)}


def test_dialects_can_be_told_apart_but_share_features() -> None:
    """By field names in order and case, the forms of Message-ID and boundary; X-Mailer alone does not do."""
    hands: dict[tuple[object, ...], set[str]] = {}
    mailers: dict[str | None, set[str]] = {}
    for name, serial in itertools.product(BOT_DIALECTS, range(6)):
        message = write_message(envelope(dialect=name, serial=serial, extra={"grammar": "picture"}), 1)
        message = message.replace(b"\r\n", b"\n")
        mail = parse(message)
        own = message.partition(b"X-Depeer-Simulated")[2].partition(b"\n\n")[0]
        fields = tuple(re.findall(rb"^([!-9;-~]+):", own, re.MULTILINE))
        form = re.sub(r"[0-9a-z]+", "x", (mail.message_id or "").partition("@")[0], flags=re.IGNORECASE)
        hands.setdefault((fields, form), set()).add(name)
        mailers.setdefault(mail.mailer, set()).add(name)
    assert all(len(names) == 1 for names in hands.values())
    assert {name for names in hands.values() for name in names} == set(BOT_DIALECTS)
    assert any(len(names) > 1 for mailer, names in mailers.items() if mailer)


def test_there_are_enough_of_each() -> None:
    assert len(BOT_DIALECTS) >= 10
    assert len(HONEST_DIALECTS) >= 5
    assert len(GRAMMARS) >= 3
    asked = "pharma replica stock dating casino phishing malware advance-fee software job"
    assert set(asked.split()) == set(CATEGORIES)


@pytest.mark.parametrize("topic", list(TOPICS))
@pytest.mark.parametrize("dialect", list(HONEST_DIALECTS))
def test_every_honest_program_writes_every_topic(topic: str, dialect: str) -> None:
    sent = envelope(
        nature="ham",
        category=topic,
        dialect=dialect,
        campaign="",
        helo="mail.home.example",
        rdns="mail.home.example",
    )
    mail = parse(write_message(sent, 1))
    assert "www.pills-shop.example" in hosts(mail)
    assert mail.claimed is not None
    assert not {"date-broken", "header-8bit", "charset-unknown"} & set(mail.flags)


def test_helo_follows_the_dialect() -> None:
    address = IPv4Address("198.51.100.23")
    said = {helo("yew", dice_of(at), address, None, "trap@trap.example") for at in range(20)}
    assert said == {"[198.51.100.23]"}
    said = {helo("birch", dice_of(at), address, None, "trap@trap.example") for at in range(20)}
    assert "trap.example" in said
    assert len(said) > 5


def test_unknown_names_are_refused() -> None:
    for changes in (
        {"nature": "rumour"}, {"dialect": "latin"}, {"category": "poetry"}, {"extra": {"grammar": "generative"}},
        {"extra": {"language": "xx"}}, {"extra": {"styles": "uucp"}}, {"chain": ()},
    ):  # fmt: skip
        with pytest.raises(BadUsage):
            write_message(envelope(**changes), 1)


def test_subdomains_may_be_random_below_the_same_domain() -> None:
    seen = set()
    for serial in range(5):
        sent = envelope(serial=serial, dialect="larch", extra={"subdomains": "random", "grammar": "fixed"})
        seen |= hosts(parse(write_message(sent, 1)))
    domains = {
        registered_domain(host) for host in seen if host and not host.startswith(("www.bank", "search."))
    }
    assert domains == {"pills-shop.example"}
    assert len(seen) >= 5


def test_reports_carry_the_original_and_another_origin() -> None:
    origins = set()
    for serial in range(30):
        host = f"mail{serial}.firm.example"
        sent = envelope(
            serial=serial, nature="delivery-report", helo=host, rdns=host, extra={"origin": "192.0.2.99"}
        )
        message = write_message(sent, 1)
        assert b"192.0.2.99" in message
        origins.add(parse(message).kinds[0])
        assert parse(message).recipients == ["trap@trap.example"]
    assert origins == {"multipart/report", "text/plain"}


@pytest.mark.parametrize("serial", range(8))
def test_comments_are_json_lines(serial: int) -> None:
    line = write_comment(envelope(nature="comment", serial=serial), 1)
    row = json.loads(line)
    assert line.count(b"\n") == 1
    assert row["time"] == "2008-11-11T12:01:30Z"
    assert row["ip"] == "198.51.100.23"
    assert row["url"] == "http://www.pills-shop.example/"
    assert row["simulated"] is True
    assert "www.pills-shop.example" in row["text"]
    assert line == write_comment(envelope(nature="comment", serial=serial), 1)


# ------------------------------------------------------------------------------------------ the parts


@given(st.text(st.characters(exclude_characters="{}|", exclude_categories=("Cs",)), max_size=40))
def test_a_template_without_gaps_is_its_text(text: str) -> None:
    assert template(text).write(dice_of(1), {}) == text


@given(st.integers(0, 1000), st.integers(1, 4))
@settings(max_examples=50)
def test_templates_choose_fill_and_thin(seed: int, keep: int) -> None:
    compiled = template("{a|b{c|d}|{dig3}} {name} {hex4}|")
    shape = re.compile(r"(a|b[cd]|\d{3}) Bob [0-9a-f]{4}\|")
    assert shape.fullmatch(compiled.write(dice_of(seed), {"name": "Bob"}))
    thin = compiled.thinned(dice_of(seed), keep)
    assert shape.fullmatch(thin.write(dice_of(seed), {"name": "Bob"}))
    once = compiled.thinned(dice_of(seed), 1).settled(dice_of(seed), {"name": "Bob"}, tokens=True)
    assert len(once.pieces) == 1
    assert shape.fullmatch(once.write(dice_of(0), {}))


def test_an_open_brace_is_refused() -> None:
    with pytest.raises(ValueError, match="not closed"):
        template("a {b|c")


def test_weights_are_kept() -> None:
    dice = dice_of(1)
    drawn = [weighted(dice, {"a": 3.0, "b": 1}) for _ in range(4_000)]
    assert 0.72 < drawn.count("a") / 4_000 < 0.78


@pytest.mark.parametrize("subtype", ["gif", "png"])
def test_pictures_are_real_files(subtype: str) -> None:
    file = picture(dice_of(3), subtype).file(b"simulated 1")
    width, height, pixels = _read_gif(file) if subtype == "gif" else _read_png(file)
    assert len(pixels) == width * height
    assert set(pixels) <= {0, 1, 2, 3}
    assert 0.05 < pixels.count(1) / len(pixels) < 0.6
    assert b"simulated 1" in file


def _read_png(file: bytes) -> tuple[int, int, bytes]:
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(file):
        (length,) = struct.unpack_from(">I", file, at)
        kind, data = file[at + 4 : at + 8], file[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", file, at + 8 + length)[0] == zlib.crc32(kind + data)
        chunks[kind], at = data, at + 12 + length
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    lines = zlib.decompress(chunks[b"IDAT"])
    return width, height, b"".join(lines[y * (width + 1) + 1 : (y + 1) * (width + 1)] for y in range(height))


def _read_gif(file: bytes) -> tuple[int, int, bytes]:
    """A GIF89a decoder of its own (codes of growing width, as the format has them)."""
    width, height, packed = struct.unpack_from("<HHB", file, 6)
    at = 13 + 3 * 2 ** ((packed & 7) + 1)
    while file[at : at + 2] == b"!\xfe":
        at = file.index(b"\0", at + 3 + file[at + 2]) + 1
    assert file[at : at + 1] == b","
    least, at, data = file[at + 10], at + 11, b""
    while file[at]:
        data, at = data + file[at + 1 : at + 1 + file[at]], at + 1 + file[at]
    assert file[at:] == b"\0;"
    return width, height, _lzw(data, least)


def _lzw(data: bytes, least: int) -> bytes:
    clear, stop, bits, used, out = 1 << least, (1 << least) + 1, int.from_bytes(data, "little"), 0, b""
    table: dict[int, bytes] = {}
    size, last = least + 1, b""
    while True:
        code = bits >> used & (1 << size) - 1
        used += size
        if code == stop:
            return out
        if code == clear:
            table, size, last = {value: bytes((value,)) for value in range(clear)}, least + 1, b""
            continue
        word = table.get(code, last + last[:1])
        if last:
            table[stop + 1 + len(table) - clear] = last + word[:1]
        out, last = out + word, word
        if len(table) + 2 >= 1 << size and size < 12:
            size += 1


def test_attachments_are_empty_archives() -> None:
    sent = [m for e, m, p in READ if "application/zip" in p.kinds]
    for message in sent[:3]:
        body = message.partition(b"application/zip")[2].partition(b"\n\n")[2].partition(b"\n--")[0]
        assert base64.b64decode(body)[:12] == b"PK\x05\x06" + bytes(8)
    assert sent


# ------------------------------------------------------------------------------- beside real corpora


def _bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_marginals", ROOT / "bench" / "marginals.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TOLERANCES = {
    "first part multipart": 0.10,
    "plain text only": 0.10,
    "with HTML": 0.10,
    "with a picture": 0.08,
    "with links": 0.10,
    "8-bit text": 0.10,
    "8-bit text undeclared or as US-ASCII": 0.08,
    "subject in encoded words": 0.10,
    "odd or broken date": 0.10,
}
"""Absolute differences of shares."""


@pytest.mark.data
@pytest.mark.parametrize(
    "archive,part,natures",
    [
        pytest.param("trec07p_spam_2007-06", "inmail.", "SPAM", marks=pytest.mark.slow),
        ("spamassassin_public_corpus", "-ham-", "HAM"),
    ],
)
def test_generated_mail_is_near_real_mail(data_dir: Path, archive: str, part: str, natures: str) -> None:
    bench = _bench()
    path = data_dir / "mail" / f"{archive}.tar.xz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    real = bench.measure(bench.archived(path, part, 17 if natures == "SPAM" else 5))
    made = bench.measure(bench.generated(getattr(bench, natures), 1_000, seed=5))
    for name, tolerance in TOLERANCES.items():
        assert abs(real.share(name) - made.share(name)) <= tolerance, name
    for name in ("bytes", "bytes of text", "header fields"):
        assert 0.6 <= made.quantile(name, 0.5) / real.quantile(name, 0.5) <= 1.6, name
    assert abs(made.quantile("Received lines", 0.5) - real.quantile("Received lines", 0.5)) <= 1
    assert made.quantile("links a mail", 0.5) == real.quantile("links a mail", 0.5) == 1
