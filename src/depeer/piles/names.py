"""What a member is called: the last part of its locator, which formats may look at for a date."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[!/\\]")


def base_name(locator: str) -> str:
    """``spam.zip!lists/drop_v4.json`` is called ``drop_v4.json``; a compressed file keeps its ending."""
    return _BREAKS.split(locator)[-1]
