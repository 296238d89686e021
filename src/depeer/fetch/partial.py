"""A download that was cut off: the bytes so far, and what they are bytes of, so that it can go on.

``NAME.part`` holds the bytes, ``NAME.part.json`` the address and the validator (a strong ETag, else
Last-Modified) that If-Range (RFC 9110, 13.1.5) takes. Without a validator nothing is resumed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import Message
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Partial:
    """Where an unfinished download of ``url`` lives."""

    target: Path
    url: str

    @property
    def data(self) -> Path:
        return self.target.with_name(self.target.name + ".part")

    @property
    def note(self) -> Path:
        return self.target.with_name(self.target.name + ".part.json")

    def have(self) -> int:
        return self.data.stat().st_size if self.data.exists() else 0

    def validator(self) -> str | None:
        """What tells whether the server still has the same bytes; None where that cannot be known."""
        try:
            note = json.loads(self.note.read_text())
        except (OSError, ValueError):
            return None
        known = isinstance(note, dict) and note.get("url") == self.url
        validator = note.get("validator") if known else None
        return validator if isinstance(validator, str) and _is_header(validator) else None

    def headers(self) -> dict[str, str]:
        """Request headers that ask for the rest, where there is something to go on from."""
        validator, have = self.validator(), self.have()
        return {"Range": f"bytes={have}-", "If-Range": validator} if validator and have else {}

    def begin(self, answer: Message) -> None:
        """Start from the first byte: forget what was there, note what the answer's bytes are."""
        self.data.write_bytes(b"")
        etag = str(answer.get("ETag", ""))
        # A weak ETag promises the same meaning, not the same bytes.
        validator = etag if etag.startswith('"') else answer.get("Last-Modified")
        self.note.write_text(json.dumps({"url": self.url, "validator": validator}))

    def drop(self) -> None:
        self.data.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


def _is_header(text: str) -> bool:
    return text.isascii() and text.isprintable()
