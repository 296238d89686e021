"""Every mailing program, by name. Adding one is adding it to a file and to a line here."""

from __future__ import annotations

from depeer.world.mail.dialects.dialect import Dialect
from depeer.world.mail.dialects.express import ALDER, BIRCH, CEDAR, HAZEL
from depeer.world.mail.dialects.honest import (
    APPLE_MAIL,
    CRON,
    JAVA_SHOP,
    MUTT,
    OUTLOOK,
    THUNDERBIRD,
    WEBMAIL,
)
from depeer.world.mail.dialects.others import ELM, LARCH, MAPLE, YEW
from depeer.world.mail.dialects.own import FIR, OAK, PINE, ROWAN, SORREL

__all__ = ["BOT_DIALECTS", "DIALECTS", "HONEST_DIALECTS", "Dialect"]

_BOTS = (ALDER, BIRCH, CEDAR, ELM, FIR, HAZEL, LARCH, MAPLE, OAK, PINE, ROWAN, SORREL, YEW)
_HONEST = (THUNDERBIRD, MUTT, OUTLOOK, APPLE_MAIL, WEBMAIL, JAVA_SHOP, CRON)

BOT_DIALECTS = {each.name: each for each in _BOTS}
"""Thirteen that botnets write in."""
HONEST_DIALECTS = {each.name: each for each in _HONEST}
"""Seven of legitimate mailers."""
DIALECTS = BOT_DIALECTS | HONEST_DIALECTS
