"""Paragraphs → the source of a plain or an HTML template."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from depeer.world.mail.dice import pick

Paragraphs = list[str]
Layout = Callable[[Random, Paragraphs], str]


def plain(paragraphs: Paragraphs) -> str:
    """Paragraphs with a blank line between."""
    return "\n\n".join(paragraphs) + "\n"


def bare(_dice: Random, paragraphs: Paragraphs) -> str:
    """The least that is HTML."""
    return "<html><body>\n" + "<br>\n".join(paragraphs) + "\n</body></html>\n"


def express(dice: Random, paragraphs: Paragraphs) -> str:
    """As Outlook Express writes it: a DIV and a FONT for each line."""
    font = pick(dice, ("Arial", "Verdana", "Times New Roman"))
    lines = [f"<DIV><FONT face={font} size=2>{text}</FONT></DIV>\n<DIV>&nbsp;</DIV>" for text in paragraphs]
    head = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">\n<HTML><HEAD>\n'
        '<META content="MSHTML 6.00.2900.{dig4}" name=GENERATOR>\n<STYLE></STYLE>\n</HEAD>\n<BODY bgColor=#ffffff>\n'
    )
    return head + "\n".join(lines) + "\n</BODY></HTML>\n"


def table(dice: Random, paragraphs: Paragraphs) -> str:
    """One cell a paragraph, with colours."""
    width, colour = dice.randrange(400, 760, 20), f"#{dice.randrange(0x303030, 0x909090):06x}"
    cells = [
        f'<tr><td align="{pick(dice, ("left", "center"))}" style="padding:{dice.randrange(2, 12)}px;'
        f'color:{colour};font-family:Verdana,sans-serif">{text}</td></tr>'
        for text in paragraphs
    ]
    return (
        f'<html><head><title>{{low8}}</title></head><body bgcolor="#ffffff">\n<table width="{width}" border="0"'
        f' cellspacing="0" cellpadding="0">\n' + "\n".join(cells) + "\n</table>\n</body></html>\n"
    )


def styled(dice: Random, paragraphs: Paragraphs) -> str:
    """Paragraphs with a font tag, as word processors write them."""
    size = dice.randrange(2, 5)
    lines = [
        f'<p class="MsoNormal"><font size="{size}" face="Arial"><span lang="EN-US" style="font-size:{size * 4}.0pt">'
        f"{text}</span></font></p>"
        for text in paragraphs
    ]
    return (
        "<html>\n<head>\n"
        '<meta name="Generator" content="Microsoft Word 11">\n'
        '</head>\n<body lang="EN-US">\n<div class="Section1">\n'
        + "\n".join(lines)
        + "\n</div>\n</body>\n</html>\n"
    )


LAYOUTS: tuple[Layout, ...] = (bare, express, table, styled)
