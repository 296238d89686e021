"""A trap's address, planted wherever a sender can write it and however it is written, is in no output at all."""

from __future__ import annotations

import base64
import codecs
import hashlib
import html
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest

from depeer.cli import main
from depeer.tables import TABLES, VIEWS
from depeer.verbs.export import export
from depeer.verbs.ingest import Request, ingest
from depeer.verbs.routes import add
from depeer.world import small

TRAP = "zx.catcher9@trapnet.example"
"""Declared in depeer.toml, and nowhere a recipient of its own mails."""
PERSON = "jane.q.publicus77@people.example"
"""A recipient of a mail, never declared."""
SECRETS = (TRAP, PERSON)


def written(address: str) -> dict[str, str]:
    """The ways in which senders write an address back."""
    local, domain = address.split("@")
    data = address.encode()
    return {
        "plain": address,
        "upper": address.upper(),
        "verp": f"{local}={domain}",
        "percent": quote(address, safe=""),
        "hex": data.hex(),
        "base64": base64.b64encode(data).decode(),
        "base64-1": base64.b64encode(b"x" + data).decode(),
        "base64-2": base64.b64encode(b"xy" + data).decode(),
        "urlsafe": base64.urlsafe_b64encode(data).decode().rstrip("="),
        "base32": base64.b32encode(data).decode().rstrip("="),
        "md5": hashlib.md5(data).hexdigest(),
        "sha1": hashlib.sha1(data).hexdigest(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "reversed": address[::-1],
        "rot13": codecs.encode(address, "rot13"),
        "label": f"{local}-{domain.replace('.', '-')}",
    }


def _needles(address: str) -> dict[str, str]:
    """What to look for, in lower case: the middle of the aligned encodings, all of the others."""
    ways = written(address)
    return {
        name: (text[3:-6] if name.startswith(("base64-", "base32")) else text.rstrip("=")).lower()
        for name, text in ways.items()
    } | {"local part": address.split("@")[0]}


NEEDLES = {(address, way): needle for address in SECRETS for way, needle in _needles(address).items()}


def leaks(text: str) -> list[tuple[str, str]]:
    low = text.lower()
    views = {low, html.unescape(low)}
    return [key for key, needle in NEEDLES.items() if any(needle in view for view in views)]


def _mail(number: int, way: str, code: str, address: str) -> bytes:
    """One way of writing, in every place that a sender fills.

    Base64 is not put into host names: they know no upper case, so nobody could read it back.
    """
    label = f"label{number}" if way.startswith(("base64", "urlsafe")) else code
    label = (
        label.replace("@", "-").replace("=", "-").replace("%", "-").replace("/", "-").replace("+", "-")[:60]
    )
    to = address if address == PERSON else "undisclosed-recipients:;"
    return (
        f"Return-Path: <bounce-{code}@bulk.example>\n"
        f"Received: from {label}.bulk.example ({label}.rdns.example [60.0.{number}.7])\n"
        f"\tby mx1.trap.example (Postfix) with SMTP id M{number}\n"
        f"\tfor <{to}>; Thu, 3 Sep 2026 10:0{number % 10}:00 +0000\n"
        f'From: "{code}" <bounce-{code}@{label}.bulk.example>\nTo: {to}\nDelivered-To: {to}\n'
        f"Subject: For {code} only\nMessage-ID: <{number}.{code}@bulk.example>\nX-Mailer: Bulk {code}\n"
        f'Date: Thu, 3 Sep 2026 09:00:00 +0000\nContent-Type: text/html; charset="{label}"\n\n'
        f'<a href="http://u-{code}@shop{number}.example/u/{code}?e={code}#{code}">x</a>\n'
        f'<a href="http://{label}.shop.example/">y</a> Dear {code}, http://60.1.2.{number}/{code}\n'
    ).encode()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake full of traps: mails, file names, quarantine, feeds, names of networks' tables."""
    folder = tmp_path_factory.mktemp("traps")
    pile = folder / "pile"
    pile.mkdir()
    number = 0
    for address in SECRETS:
        for way, code in written(address).items():
            number += 1
            name = code.replace("/", "_") if address == TRAP else way
            (pile / f"{name}.eml").write_bytes(_mail(number, way, code, address))
    (pile / f"{TRAP}.noise").write_bytes(bytes(range(256)) * 3)
    (pile / f"{TRAP}.mbox.gz").write_bytes(b"\x1f\x8b\x08 cut off")
    ways = written(TRAP)
    urls = "".join(
        f'"{n}","2026-09-03 10:00:00","http://shop{n}.example/{code}","online","2026-09-03","malware_download","{code}","x","y"\n'
        for n, code in enumerate(ways.values())
        if '"' not in code
    )
    (pile / f"urlhaus-{ways['hex']}.csv").write_text(
        "# URLhaus\n# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n" + urls
    )
    (pile / "passive-dns.jsonl").write_text(
        f'{{"rrname": "{ways["hex"][:60]}.shop.example", "rrtype": "A", "rdata": "60.0.1.9", '
        f'"time_first": 1788400000, "time_last": 1788500000}}\n{{"rrname": "{TRAP}", "rdata": 7}}\n'
    )
    (folder / f"{ways['verp']}.dat").write_bytes(small.routing_table())
    root = folder / "lake"
    add(root, str(folder / f"{ways['verp']}.dat"))
    (root / "depeer.toml").write_text(f'[sensors.trap-1]\nkind = "pristine"\ntraps = ["{TRAP}"]\n')
    ingest(root, Request([str(pile)], sensor="trap-1", label="spam", jobs=1))
    return root


def test_the_traps_are_planted(lake: Path, tmp_path: Path) -> None:
    """With --private all of them leave: otherwise their absence would say nothing."""
    out = tmp_path / "o.jsonl"
    found: set[tuple[str, str]] = set()
    for name in ("messages", "links", "hops", "raw"):
        export(lake, name, out, private=True)
        found |= set(leaks(out.read_text()))
    assert set(NEEDLES) - found == set()


def _read(path: Path) -> str:
    if path.suffix == ".parquet":
        return repr(pq.read_table(path).to_pylist())
    return path.read_text("utf-8")


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_no_export_holds_one(ending: str, lake: Path, tmp_path: Path) -> None:
    found = {}
    for name in [*TABLES, *VIEWS]:
        out = tmp_path / f"{name}.{ending}"
        export(lake, name, out)
        if leaked := leaks(_read(out)):
            found[name] = leaked
    assert found == {}


BOTH = (
    ("ingest", "PILE", "--sensor", "trap-1", "--jobs", "1"),
    ("routes", "add", "ROUTES"),
    ("routes", "list"),
    ("lookup", "60.0.1.7", "--at", "2026-09-03"),
    ("rank", "--role", "sender"),
    ("network", "64496", "--at", "2026-09-03"),
    ("check",),
    ("verify",),
)
"""As text and as JSON."""
ONCE = (
    ("rank", "--role", "link", "--json"),
    ("rank", "--prefixes"),
    ("ingest", "PILE", "--sensor", "trap-2", "--jobs", "1"),
    ("derive", "--json"),
    ("forget", "--before", "2001-01-01"),
    ("report", "REPORT", "--json"),
)


def _outputs(lake: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """What every verb says, on standard output and error."""
    files = {
        "PILE": lake.parent / "pile",
        "ROUTES": next(lake.parent.glob("*.dat")),
        "REPORT": folder / "r.html",
    }
    for words in (*BOTH, *((*words, "--json") for words in BOTH), *ONCE):
        asked = ["depeer", *(str(files.get(word, word)) for word in words), "--lake", str(lake)]
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(out):
            patch.setattr(sys, "argv", asked)
            code = _ended(main)
        assert code in (0, 65), out.getvalue()
        yield " ".join(words), out.getvalue()
    yield "the report itself", (folder / "r.html").read_text("utf-8")


def _ended(run: Callable[[], None]) -> int:
    try:
        run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_no_verb_says_one(lake: Path, tmp_path: Path) -> None:
    found = {verb: leaked for verb, text in _outputs(lake, tmp_path) if (leaked := leaks(text))}
    assert found == {}
