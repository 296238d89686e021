"""Generated mail beside real corpora: size, parts, charsets, links, hops, header, subjects, files, copies.

    python bench/marginals.py --data ../shared/data     a Markdown table on standard output
    python bench/marginals.py --speed                   messages written a second

All are read by depeer's own parser. Of the corpora, which are read from their archives, only shares are printed.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import re
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from depeer.sources.mail.charsets import codec_for
from depeer.sources.mail.links import links_in_html, links_in_text
from depeer.sources.mail.parse import Mail, parse
from depeer.world.mail import default_mixture, write_message

COUNT = 4_000
SPAM = {"spam": 97.0, "delivery-report": 1, "forwarded": 1, "auto-reply": 1}
HAM = {"ham": 1.0}
_QUANTILES = (0.1, 0.5, 0.9)
_NO_LETTERS = re.compile(rb"[^a-z]+")
_SHARES = (
    "first part multipart", "plain text only", "with HTML", "with a picture", "with another file", "with links",
    "8-bit text", "8-bit text undeclared or as US-ASCII", "declared charset does not decode it",
    "unknown charset label", "subject in encoded words", "subject in raw 8 bits", "odd or broken date",
    "text seen before in the sample",
)  # fmt: skip
_SIZES = ("bytes", "parts", "bytes of text", "links a mail", "Received lines", "header fields")


@dataclass
class Marginals:
    """Shares and quantiles of one heap of messages."""

    count: int = 0
    shares: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in _SIZES})
    texts: set[bytes] = field(default_factory=set)

    def share(self, name: str) -> float:
        """Of the messages, between 0 and 1."""
        return self.shares[name] / max(self.count, 1)

    def quantile(self, name: str, at: float) -> int:
        """The nearest observation."""
        values = sorted(self.sizes[name])
        return values[min(int(len(values) * at), len(values) - 1)]

    def add(self, data: bytes) -> None:
        """Take in one message."""
        mail = parse(data)
        urls = {link.url for text in mail.texts for link in _links(text.place, text.lines, text.charset)}
        self.count += 1
        numbers = (len(data), mail.parts, mail.text_bytes, len(urls), len(mail.received), len(mail.headers))
        for name, number in zip(_SIZES, numbers, strict=True):
            self.sizes[name].append(number)
        self.shares.update(name for name, holds in self._traits(mail, bool(urls)) if holds)

    def _traits(self, mail: Mail, linked: bool) -> Iterator[tuple[str, bool]]:
        bare = [text for text in mail.texts if not text.data.isascii()]
        subject = dict(mail.headers).get(b"subject", b"")
        files = [kind for kind in mail.kinds if not kind.startswith(("text/", "multipart/", "message/"))]
        pictures = [kind for kind in files if kind.startswith("image/")]
        labels = [text.charset for text in bare]
        answers = (
            mail.kinds[0].startswith("multipart/"), set(mail.kinds) == {"text/plain"}, "text/html" in mail.kinds,
            bool(pictures), len(files) > len(pictures), linked,
            bool(bare), any((label or "us-ascii").lower() == "us-ascii" for label in labels),
            any(_misdeclared(text.data, text.charset) for text in bare), "charset-unknown" in mail.flags,
            b"=?" in subject, not subject.isascii(),
            bool({"date-odd", "date-zone", "date-broken"} & set(mail.flags)), self._seen(mail),
        )  # fmt: skip
        return zip(_SHARES, answers, strict=True)

    def _seen(self, mail: Mail) -> bool:
        """Whether the first 400 letters of the text have come before."""
        joined = b" ".join(text.data for text in mail.texts)[:4096].lower()
        letters = _NO_LETTERS.sub(b"", re.sub(rb"<[^>]*>|http\S+", b"", joined))[:400]
        key = hashlib.blake2b(letters, digest_size=8).digest()
        known = len(letters) > 40 and key in self.texts
        self.texts.add(key)
        return known


def _links(place: str, data: bytes, charset: str | None) -> Iterable[object]:
    return (links_in_html if place == "html" else links_in_text)(data, charset)


def _misdeclared(data: bytes, label: str | None) -> bool:
    codec = codec_for(label)
    if codec is None or codec == "cp1252":
        return False
    try:
        data.decode(codec)
    except (UnicodeError, LookupError):
        return True
    return False


def measure(messages: Iterable[bytes]) -> Marginals:
    """Marginals of a heap of messages."""
    found = Marginals()
    for data in messages:
        found.add(data)
    return found


def generated(natures: dict[str, float], count: int = COUNT, seed: int = 1) -> Iterator[bytes]:
    """Messages of the default mixture, restricted to some natures."""
    return (write_message(envelope, seed) for envelope in default_mixture(count, seed, natures))


def archived(path: Path, part: str, every: int = 1) -> Iterator[bytes]:
    """Every so many-th file below a folder of an archive."""
    with tarfile.open(path) as archive:
        files = (member for member in archive if member.isfile() and part in member.name)
        for member in itertools.islice(files, 0, None, every):
            stream = archive.extractfile(member)
            if stream is not None:
                yield stream.read()


def corpora(data: Path) -> dict[str, Marginals]:
    """The real ones and, beside each, what is generated to be like it."""
    trec = data / "mail" / "trec07p_spam_2007-06.tar.xz"
    assassin = data / "mail" / "spamassassin_public_corpus.tar.xz"
    return {
        "TREC 2007 spam": measure(archived(trec, "inmail.", 4)),
        "generated spam": measure(generated(SPAM)),
        "SpamAssassin spam": measure(archived(assassin, "/spam-")),
        "SpamAssassin ham": measure(archived(assassin, "-ham-")),
        "generated ham": measure(generated(HAM)),
    }


def table(columns: dict[str, Marginals]) -> str:
    """Markdown: shares in per cent, then quantiles 10 / 50 / 90."""
    lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    lines.append("| messages | " + " | ".join(f"{each.count:,}" for each in columns.values()) + " |")
    for name in _SHARES:
        cells = (f"{100 * each.share(name):.1f}" for each in columns.values())
        lines.append(f"| {name}, % | " + " | ".join(cells) + " |")
    for name in _SIZES:
        cells = (" / ".join(f"{each.quantile(name, at):,}" for at in _QUANTILES) for each in columns.values())
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def speed(count: int = 20_000) -> float:
    """Messages of the default mixture written in a second of one core, templates made before."""
    envelopes = list(default_mixture(count, 1))
    for envelope in envelopes[: count // 4]:
        write_message(envelope, 1)
    start = time.process_time()
    for envelope in envelopes:
        write_message(envelope, 1)
    return count / (time.process_time() - start)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--speed", action="store_true")
    chosen = arguments.parse_args()
    print(
        f"{speed():,.0f} messages a second of one core" if chosen.speed else table(corpora(chosen.data)),
        end="\n",
    )


if __name__ == "__main__":
    main()
