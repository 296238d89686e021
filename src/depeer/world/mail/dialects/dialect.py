"""The handwriting of one mailing program: what it writes, in which order, and what it gets wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from depeer.world.mail.clock import DateForm, usual
from depeer.world.mail.template import Template, template

HONEST: Mapping[str, str] = {
    "ascii": "us-ascii",
    "cp1252": "windows-1252",
    "latin_1": "iso-8859-1",
    "utf_8": "utf-8",
    "koi8_r": "koi8-r",
    "koi8-r": "koi8-r",
    "iso2022_jp": "iso-2022-jp",
    "gb2312": "gb2312",
}
"""The true label of each codec that texts are written in."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a program writes. ``header`` is everything from its first field to its last, ends included.

    ``labels`` are charsets that it declares, drawn at random and true or not; empty: the true one; a None
    among them: none declared. Transfer encodings: 7bit, 8bit, quoted-printable, base64; 7bit may be a lie.
    ``fold`` and ``quote`` stand before and around parameters of Content-Type. ``subject`` says what becomes of
    letters beyond ASCII: B, Q, raw, or B-always. ``zones`` are minutes east of Greenwich, ``skew`` the seconds
    by which its clock may be ahead or behind. ``newline`` ends its lines. ``flaw``: unclosed, bare-cr,
    undeclared, or none. ``helo`` are habits of `depeer.world.mail.helo`, ``forging`` one of
    `depeer.world.mail.forging`.
    """

    name: str
    header: Template
    message_id: Template
    boundary: Template
    sender: Template
    to: Template
    mailers: tuple[str, ...]
    date: DateForm
    labels: tuple[str | None, ...]
    plain_transfer: str
    html_transfer: str
    fold: str
    quote: str
    subject: str
    zones: tuple[int, ...]
    skew: int
    newline: str
    flaw: str
    helo: tuple[str, ...]
    forging: str


def dialect(
    name: str,
    *,
    header: str,
    message_id: str,
    boundary: str,
    sender: str = '"{first} {last}" <{address}>',
    to: str = "<{recipient}>",
    mailers: tuple[str, ...] = ("",),
    date: DateForm = usual,
    labels: tuple[str | None, ...] = (),
    plain_transfer: str = "7bit",
    html_transfer: str = "7bit",
    fold: str = "\n\t",
    quote: str = '"',
    subject: str = "B",
    zones: tuple[int, ...] = (0,),
    skew: int = 60,
    newline: str = "\n",
    flaw: str = "",
    helo: tuple[str, ...] = ("rdns",),
    forging: str = "none",
) -> Dialect:
    """A dialect from the sources of its templates."""
    return Dialect(
        name, template(header), template(message_id), template(boundary), template(sender), template(to), mailers,
        date, labels, plain_transfer, html_transfer, fold, quote, subject, zones, skew, newline, flaw, helo, forging,
    )  # fmt: skip
