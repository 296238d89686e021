"""Parts → Content-Type, and a body in the hand of a dialect (RFC 2045, RFC 2046). Lines end in ``\\n``."""

from __future__ import annotations

from typing import NamedTuple

from depeer.world.mail.dialects.dialect import HONEST, Dialect
from depeer.world.mail.dice import Random
from depeer.world.mail.encode import base64_lines, transferred
from depeer.world.mail.template import Facts


class Part(NamedTuple):
    """``type`` is the value of Content-Type, ``lines`` further header lines with their ends."""

    type: str
    lines: str
    body: bytes


def text_part(dialect: Dialect, facts: Facts, subtype: str, text: str, codec: str) -> Part:
    """A text in a charset and a transfer encoding as the dialect has them, true or not."""
    data = text.encode(codec, "xmlcharrefreplace" if subtype == "html" else "replace")
    label = facts["label"] if dialect.labels else HONEST[codec]
    transfer = dialect.html_transfer if subtype == "html" else dialect.plain_transfer
    if not dialect.labels and transfer == "7bit" and not data.isascii():
        transfer = "8bit"
    charset = f";{dialect.fold}charset={dialect.quote}{label}{dialect.quote}" if label else ""
    line = "" if dialect.flaw == "undeclared" else f"Content-Transfer-Encoding: {transfer}\n"
    return Part(f"text/{subtype}{charset}", line, transferred(data, transfer))


def file_part(kind: str, name: str, data: bytes, cid: str = "") -> Part:
    """A file in base64, inline where ``cid`` is given."""
    where = f"Content-ID: <{cid}>\n" if cid else f'Content-Disposition: attachment;\n\tfilename="{name}"\n'
    return Part(
        f'{kind};\n\tname="{name}"', "Content-Transfer-Encoding: base64\n" + where, base64_lines(data)
    )


def multipart(
    dialect: Dialect, dice: Random, facts: Facts, subtype: str, parts: list[Part], extra: str = ""
) -> Part:
    """Parts between boundaries; the last one may be missing, where that is the dialect's flaw."""
    boundary = dialect.boundary.write(dice, facts)
    delimiter = f"--{boundary}\n".encode("ascii")
    pieces = [_intro(subtype)]
    for part in parts:
        pieces += (delimiter, f"Content-Type: {part.type}\n{part.lines}\n".encode("ascii"), part.body, b"\n")
    if dialect.flaw != "unclosed":
        pieces.append(f"--{boundary}--\n".encode("ascii"))
    kind = f"multipart/{subtype};{extra}{dialect.fold}boundary={dialect.quote}{boundary}{dialect.quote}"
    return Part(kind, "", b"".join(pieces))


def _intro(subtype: str) -> bytes:
    return b"" if subtype in {"report", "signed"} else b"This is a multi-part message in MIME format.\n\n"
