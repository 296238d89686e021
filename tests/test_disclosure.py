"""Nothing that names a recipient or a trap gets past the gate, however it was written; the rest does."""

from __future__ import annotations

import base64
import codecs
import hashlib
import html
import time
from datetime import UTC, datetime
from urllib.parse import quote

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from depeer.disclosure import REDACTED, Gate, Tlp, defang
from depeer.tables import TABLES

TRAP = "Otto.Falle77@trap.example"
PERSON = "jdoe@people.example.org"
GATE = Gate(recipients=[PERSON, "info@people.example.org"], traps=[TRAP])


def encodings(address: str) -> dict[str, str]:
    """Every way of writing an address that spam has been seen to use."""
    local, _, domain = address.partition("@")
    forms = {
        "plain": address,
        "upper": address.upper(),
        "angle": f"<{address}>",
        "tagged": f"{local}+tag.7@{domain}",
        "spaced": f"{local} at {domain.replace('.', ' dot ')}",
        "VERP": f"bounce-{local}={domain}@list.example",
        "SRS": f"SRS0=Xx=Yy={domain}={local}@fwd.example",
        "percent": quote(address, safe=""),
        "percent twice": quote(quote(address, safe=""), safe=""),
        "percent all": "".join(f"%{b:02x}" for b in address.encode()),
        "entities": "".join(f"&#{ord(c)};" for c in address),
        "hex entities": "".join(f"&#x{ord(c):x};" for c in address),
        "quoted-printable": address.replace("@", "=40"),
        "escaped": address.replace("@", "\\u0040"),
        "fullwidth": address.replace("@", "＠"),
        "html": html.escape(address),
        "reversed": address[::-1],
        "rot13": codecs.encode(address, "rot13"),
        "base32": base64.b32encode(address.encode()).decode(),
        "base32 bare": base64.b32encode(address.lower().encode()).decode().rstrip("=").lower(),
        "hex": address.encode().hex(),
        "HEX": address.encode().hex().upper(),
        **{f"separated by {s}": f"{local}{s}{domain}" for s in ("=", "-at-", "_at_", "#", "%", "!", "*")},
    }
    for shift in range(3):
        blob = b"u:="[:shift] + address.encode() + b";x"
        forms[f"base64, alignment {shift}"] = base64.b64encode(blob).decode()
        forms[f"base64 url-safe, alignment {shift}"] = base64.urlsafe_b64encode(blob).decode().rstrip("=")
    forms["base64 bare"] = base64.b64encode(address.encode()).decode().rstrip("=")
    for name in ("md5", "sha1", "sha256"):
        for kind, typed in (("typed", address), ("lower", address.lower())):
            digest = hashlib.new(name, typed.encode())
            forms[f"{name} of {kind}"] = digest.hexdigest()
            forms[f"{name} upper of {kind}"] = digest.hexdigest().upper()
            forms[f"{name} base64 of {kind}"] = base64.b64encode(digest.digest()).decode()
            forms[f"{name} url base64 of {kind}"] = (
                base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
            )
        forms[f"{name} cut"] = hashlib.new(name, address.encode()).hexdigest()[:20]
    return forms


PLACES = (
    "{}",
    "see {} now",
    "Subject: {}!",
    "http://x.example/u?e={}&z=1",
    "id-{}.html",
    "(“{}”)",
    "\n{}\t",
    "a/{}/b",
)


@pytest.mark.parametrize("form", encodings(TRAP))
@pytest.mark.parametrize("address", [TRAP, PERSON])
def test_an_address_is_redacted_in_every_encoding(address: str, form: str) -> None:
    written = encodings(address)[form]
    for place in PLACES:
        out = GATE.text(place.format(written))
        assert REDACTED in out, place
        assert written.lower() not in out.lower(), (place, out)


LOCAL = st.from_regex(r"[a-z][a-z0-9]{3,8}([._-][a-z0-9]{3,6})?", fullmatch=True)
DOMAIN = st.from_regex(r"[a-z][a-z0-9]{2,8}(\.[a-z]{3,6})?\.(example|com|co\.uk)", fullmatch=True)


@given(LOCAL, DOMAIN, st.text(max_size=30), st.sampled_from(PLACES), st.data())
def test_planted_traps_never_leave(
    local: str, domain: str, noise: str, place: str, data: st.DataObject
) -> None:
    address = f"{local}@{domain}"
    assume(local not in noise and "{" not in noise and "}" not in noise)
    gate = Gate(traps=[address])
    forms = encodings(address)
    name = data.draw(st.sampled_from(sorted(forms)))
    out = gate.text(f"{noise} {place.format(forms[name])} {noise}")
    assert REDACTED in out
    for left in forms.values():
        assert left.lower() not in out.lower(), (name, out)
    assert GATE.text(out) == out or REDACTED in GATE.text(out)


@given(LOCAL, DOMAIN, st.data())
def test_links_tell_nothing_of_a_trap(local: str, domain: str, data: st.DataObject) -> None:
    address = f"{local}@{domain}"
    assume(local not in "evil.example" and local not in "https")
    form = data.draw(st.sampled_from(sorted(encodings(address).values())))
    token = base64.b32encode(address.encode()).decode().rstrip("=").lower()[:63]
    gate = Gate(traps=[address])
    for link in (
        f"https://u.{token}.evil.example/{form}",
        f"https://{form}@evil.example",
        f"https://evil.example?{form}",
    ):
        out = gate.link(link)
        assert out.startswith("https://")
        assert form not in out
        assert token not in out
        assert local not in out.lower()


LINKS = [
    ("http://evil.example/a/b?c=d#e", "http://evil.example/…"),
    ("http://user:pw@evil.example:8080/x", "http://evil.example:8080/…"),
    ("http://evil.example", "http://evil.example"),
    ("http://evil.example/", "http://evil.example/"),
    ("http:\\\\evil.example\\x", "http://evil.example/…"),
    ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/…"),
    ("http://u.otto.falle77.evil.example/x", "http://u.redacted.evil.example/…"),
    ("mailto:a@b.example", "mailto:…"),
    ("192.0.2.0/24", "192.0.2.0/24"),
    ("2001:db8::/32", "2001:db8::/32"),
    ("2001:db8::1", "2001:db8::1"),
    ("evil.example", "evil.example"),
    ("evil.example/path", "evil.example/…"),
    ("192.0.2.1:8080", "192.0.2.1:8080"),
    ("AS64496", "AS64496"),
    ("", ""),
]


@pytest.mark.parametrize(("link", "expected"), LINKS)
def test_links_are_cut_to_scheme_and_host(link: str, expected: str) -> None:
    assert GATE.link(link) == expected


HARMLESS = [
    "Cheap meds! Order now at http://pills.example/x?id=1234567890abcdef1234567890abcdef",
    "people.example.org is a domain; info for all; write to jane@other.example",
    "dGhpcyBpcyBub3QgYSBzZWNyZXQ= 5d41402abc4b2a76b9719d911017c592 NBSWY3DPEB3W64TMMQ======",
    "1 June 2007, 50% off & more; a=b %zz &#bad; \\x",
    "messages/inbox-2007.mbox.xz: message 31",
    "",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert GATE.text(text) == text


@given(st.text())
def test_text_that_names_nobody_is_unchanged(text: str) -> None:
    assert Gate(recipients=["zqxjkvbpyw@zqxjkv.example"]).text(text) == text


def test_a_traps_local_part_is_a_secret_by_itself_and_a_persons_in_a_greeting() -> None:
    assert GATE.text("for otto.falle77 only") == f"for {REDACTED} only"
    assert GATE.text("Dear jdoe, your order") == f"Dear {REDACTED}, your order"
    assert GATE.text("jdoe, your order") == f"{REDACTED}, your order"
    assert GATE.text("jdoe@elsewhere.example") == f"{REDACTED}@elsewhere.example"
    assert GATE.text("the name of jdoe in prose") == "the name of jdoe in prose"
    assert GATE.text("more info") == "more info"


def test_private_lets_all_through() -> None:
    gate = Gate(traps=[TRAP], private=True)
    batch = pa.record_batch({"recipients": [[TRAP]], "subject": [TRAP]})
    assert gate.text(TRAP) == TRAP
    assert gate.link(f"http://x.example/{TRAP}") == f"http://x.example/{TRAP}"
    assert gate.batch("mails", batch).equals(batch)
    assert gate.value({"a": TRAP}) == {"a": TRAP}


def test_times_are_rounded_down_to_the_hour() -> None:
    when = datetime(2007, 6, 1, 13, 59, 59, 999999, tzinfo=UTC)
    assert GATE.time(when) == datetime(2007, 6, 1, 13, tzinfo=UTC)
    assert GATE.micros(int(when.timestamp()) * 1_000_000) == 1180702800000000


def test_a_batch_is_treated_by_the_sensitivities_of_its_table() -> None:
    when = datetime(2007, 6, 1, 13, 59, tzinfo=UTC)
    batch = pa.record_batch(
        {
            "locator": pa.array([f"inbox of {TRAP}"]),
            "subject": pa.array(["Hello otto.falle77!"]),
            "recipients": pa.array([[TRAP]], pa.list_(pa.string())),
            "claimed": pa.array([when], TABLES["mails"].schema.field("claimed").type),
            "size": pa.array([5]),
            "sha256": pa.array([b"x"]),
            "flags": pa.array([["a", None]], pa.list_(pa.string())),
            "added": pa.array([TRAP]),
            "unknown": pa.array([TRAP.encode()]),
        }
    )
    for given_ in (batch, pa.Table.from_batches([batch])):
        out = GATE.batch("mails", given_)
        assert out.schema == batch.schema
        assert out.to_pylist() == [
            {
                "locator": f"inbox of {REDACTED}",
                "subject": f"Hello {REDACTED}!",
                "recipients": None,
                "claimed": datetime(2007, 6, 1, 13, tzinfo=UTC),
                "size": 5,
                "sha256": b"x",
                "flags": ["a", None],
                "added": REDACTED,
                "unknown": None,
            }
        ]


def test_every_column_of_every_table_passes_and_private_ones_are_empty() -> None:
    for name, table in TABLES.items():
        rows = pa.Table.from_arrays([pa.nulls(2, f.type) for f in table.schema], schema=table.schema)
        assert GATE.batch(name, rows).schema == table.schema


def test_links_in_a_batch_are_cut_and_hosts_are_searched() -> None:
    batch = pa.record_batch({"url": [f"http://x.example/?{TRAP}"], "hostname": ["otto.falle77.x.example"]})
    assert GATE.batch("links", batch).to_pylist() == [
        {"url": "http://x.example/…", "hostname": f"{REDACTED}.x.example"}
    ]


def test_values_are_walked() -> None:
    value = {
        "a": [TRAP, 1, None, 2.5, True],
        TRAP: {"u": "http://x.example/y z", "l": "http://x.example/y"},
        "b": b"x",
    }
    assert GATE.value(value) == {
        "a": [REDACTED, 1, None, 2.5, True],
        REDACTED: {"u": "http://x.example/y z", "l": "http://x.example/…"},
        "b": None,
    }


DEFANG = [
    ("see http://evil.example/x.", "see hxxp://evil[.]example/x."),
    ("HTTPS://evil.example", "hxxpS://evil[.]example"),
    ("192.0.2.1 and 2001:db8::1 at 12:30:45", "192[.]0[.]2[.]1 and 2001[:]db8[:][:]1 at 12:30:45"),
    ("write to a.b@evil.example", "write to a.b[@]evil[.]example"),
    ("no link. Only prose, 3.5 %", "no link. Only prose, 3.5 %"),
]


@pytest.mark.parametrize(("text", "expected"), DEFANG)
def test_indicators_are_defanged_in_prose_and_only_once(text: str, expected: str) -> None:
    assert defang(text) == expected
    assert defang(expected) == expected


def test_labels_are_those_of_tlp_2() -> None:
    assert [label.removeprefix("TLP:") for label in Tlp] == ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]


def test_cost_does_not_grow_with_the_number_of_recipients() -> None:
    many = Gate(recipients=(f"person{i}x@mail{i % 50}.example" for i in range(20_000)))
    few = Gate(recipients=["person1x@mail1.example"])
    text = "Cheap meds, order now: http://pills.example/buy?id=31f0c9 or write to sales@pills.example today"
    seconds = []
    for gate in (few, many):
        begin = time.process_time()
        for _ in range(200):
            assert gate.text(text) == text
        seconds.append(time.process_time() - begin)
    assert seconds[1] < 4 * seconds[0] + 0.05


HOSTILE = [
    *(
        "a@" * 50_000,
        "A" * 200_000,
        "%25" * 60_000,
        "&#64;" * 40_000,
        "f" * 200_001,
        "a." * 100_000,
        "+" * 200_000,
    ),
    *("jdoe " * 40_000, "::1" * 60_000, "é" * 100_000, "a+b" * 60_000, "=" * 200_000, "hello " * 40_000),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:5])
def test_time_is_linear_on_hostile_strings(text: str) -> None:
    begin = time.process_time()
    GATE.text(text)
    GATE.link(text)
    defang(text)
    assert time.process_time() - begin < 5


def test_a_mail_does_not_call_its_recipient_by_the_local_part() -> None:
    row = {
        "recipients": ["kris@example.org"],
        "subject": "Kris, the krisp price",
        "message_id": "<1.kris@x.example>",
    }
    rows = pa.RecordBatch.from_pylist(
        [row],
        schema=pa.schema(
            [("recipients", pa.list_(pa.string())), ("subject", pa.string()), ("message_id", pa.string())]
        ),
    )
    (left,) = Gate().batch("mails", rows).to_pylist()
    assert left["subject"] == "[redacted], the krisp price"
    assert "kris" not in left["message_id"]
    assert left["recipients"] is None
    assert Gate(private=True).batch("mails", rows).to_pylist() == [row]
