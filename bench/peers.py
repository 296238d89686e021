"""What the peers do with the same mbox, in two processes: headers, text and links, nothing stored.

``python -m bench.peers compat32|mailparser FILE`` prints how many messages and links it saw.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from email import message_from_bytes
from itertools import islice
from pathlib import Path

LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
SEPARATOR = re.compile(rb"(?:\A|\n)From [^\n]+\n")
BATCH = 250


def messages(path: Path) -> Iterator[bytes]:
    """The cheapest split there is, so that the peers are not charged for ours."""
    data = path.read_bytes()
    starts = [found.end() for found in SEPARATOR.finditer(data)]
    stops = [*(found.start() + 1 for found in SEPARATOR.finditer(data)), len(data)][1:]
    for start, stop in zip(starts, stops, strict=True):
        yield data[start:stop]


def compat32(batch: list[bytes]) -> tuple[int, int]:
    links = 0
    for data in batch:
        message = message_from_bytes(data)
        _ = [(name, str(value)) for name, value in message.items()]
        for part in message.walk():
            if part.get_content_maintype() == "text":
                links += len(
                    LINK.findall(_text(part.get_payload(decode=True) or b"", part.get_content_charset()))
                )
    return len(batch), links


def _text(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "latin-1", "replace")
    except LookupError:
        return data.decode("latin-1")


def mailparser(batch: list[bytes]) -> tuple[int, int]:
    import mailparser as peer

    logging.disable(logging.CRITICAL)
    links = 0
    for data in batch:
        try:
            mail = peer.parse_from_bytes(data)
            _ = mail.headers, mail.received
            links += len(LINK.findall(mail.body))
        except Exception:  # noqa: BLE001 - it does raise on real mail; that is not what is measured
            pass
    return len(batch), links


def main() -> None:
    work = {"compat32": compat32, "mailparser": mailparser}[sys.argv[1]]
    stream = messages(Path(sys.argv[2]))
    batches = iter(lambda: list(islice(stream, BATCH)), [])
    with ProcessPoolExecutor(2) as pool:
        counts = list(pool.map(work, batches))
    print(sum(m for m, _ in counts), sum(k for _, k in counts))


if __name__ == "__main__":
    main()
