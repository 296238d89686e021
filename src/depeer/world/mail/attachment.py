"""Attached files that are files and nothing else: an empty archive whose comment makes it unlike others."""

from __future__ import annotations

import struct

from depeer.world.mail.dice import Random, pick
from depeer.world.mail.mime import Part, file_part

_NAMES = ("invoice", "postcard", "document", "parcel", "price_list")


def attachment(dice: Random) -> Part:
    """A zip archive without entries (the end record alone) and with a comment of random bytes."""
    comment = b"simulated, empty, harmless " + dice.randbytes(200 + int(dice.random() * 20_000))
    archive = b"PK\x05\x06" + bytes(16) + struct.pack("<H", len(comment)) + comment
    return file_part("application/zip", f"{pick(dice, _NAMES)}{dice.getrandbits(10)}.zip", archive)
