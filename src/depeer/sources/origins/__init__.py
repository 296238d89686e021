"""The Internet as files tell it: prefix → origin tables and names of networks, one format a file.

``detect`` says which format a file has; its ``read`` turns a binary stream into Arrow batches with the
columns of ``tables.ORIGINS`` or ``tables.AS_NAMES`` (without ``snapshot``), and accounts for every line
that could not be used.
"""

from __future__ import annotations

from depeer.sources.origins.as_rel import AS_REL
from depeer.sources.origins.asnames import ASNAMES
from depeer.sources.origins.asntxt import ASNTXT
from depeer.sources.origins.format import Format
from depeer.sources.origins.iptoasn import IPTOASN
from depeer.sources.origins.mrt_routes import MRT
from depeer.sources.origins.pfx2as import PFX2AS
from depeer.sources.origins.pyasn import PYASN
from depeer.sources.origins.reading import NAMES, ORIGINS, Reading, Skips

FORMATS: tuple[Format, ...] = (MRT, AS_REL, PYASN, PFX2AS, IPTOASN, ASNAMES, ASNTXT)
"""In the order in which they are tried."""

__all__ = ["FORMATS", "NAMES", "ORIGINS", "Format", "Reading", "Skips", "detect"]


def detect(head: bytes, name: str) -> Format | None:
    """The format of a file by its first (unpacked) bytes; a few kilobytes are enough. None: not known."""
    return next((known for known in FORMATS if known.sniff(head, name)), None)
