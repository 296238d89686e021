"""What a campaign says, compiled: the same for all of its messages."""

from __future__ import annotations

from typing import NamedTuple

from depeer.world.mail.pictures import Picture
from depeer.world.mail.template import Template


class Copy(NamedTuple):
    """Templates of one campaign.

    ``shape`` is plain, html, alternative, related or mixed; ``codec`` what the text is written in. Plain and
    HTML hold the gaps ``{linked}`` (where the link goes) and ``{cid}``; ``call`` is what stands by the link;
    ``dress`` is how the link is disguised (see `depeer.world.mail.dress`).
    """

    shape: str
    codec: str
    subject: Template
    plain: Template
    html: Template
    call: Template
    dress: str
    pictures: tuple[Picture, ...] = ()
