"""What spam does to its own text so that no two copies are alike and no word is found: tricks on templates.

Each works on the source of a template, before it is compiled, and leaves what stands in braces intact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from depeer.world.mail.dice import pick

_HOT = re.compile(
    r"\b(pills?|tablets?|pharmacy|prescription|watch(?:es)?|replica|casino|bonus|loan|stock|shares|account|software"
    r"|licen[cs]e|dating|single|degree|invest(?:ors?|ment)?|price|order|Vigorix|Cialorin|Chronova)\b",
    re.IGNORECASE,
)
"""Words that filters look for; brand names are invented."""
_LEET = str.maketrans("aeiost", "@3!05t")
_TWINS = str.maketrans("aeopcxi", "аеорсхі")
"""Cyrillic letters that look like Latin ones."""
_TAGGED = re.compile(r"(<[^<>]*>|\{[a-z_]+[0-9]*\})")


def _outside(text: str, change: Callable[[str], str]) -> str:
    """Change what is neither markup nor the name of a gap."""
    parts = _TAGGED.split(text)
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))


def _on_hot_words(text: str, change: Callable[[str], str]) -> str:
    return _outside(text, lambda part: _HOT.sub(lambda match: change(match[0]), part))


def leet(text: str, _dice: Random) -> str:
    """``p!lls``"""
    return _on_hot_words(text, lambda word: f"{{{word.translate(_LEET)}|{word}}}")


def gapped(text: str, dice: Random) -> str:
    """``p i l l s``, ``p.i.l.l.s``"""
    sign = pick(dice, (" ", ".", "_", "-"))
    return _on_hot_words(text, lambda word: f"{{{sign.join(word)}|{word}}}")


def twins(text: str, _dice: Random) -> str:
    """Homoglyphs."""
    return _on_hot_words(text, lambda word: word[0] + word[1:].translate(_TWINS))


def commented(text: str, _dice: Random) -> str:
    """Random comments inside words; HTML only."""
    return _on_hot_words(text, lambda word: f"{word[:2]}<!--{{low6}}-->{word[2:]}")


def empty_tags(text: str, _dice: Random) -> str:
    """Tags that mean nothing inside words; HTML only."""
    return _on_hot_words(text, lambda word: f"{word[:1]}<{{low5}}></{{low5}}>{word[1:]}")


def dropped(text: str, _dice: Random) -> str:
    """A letter lost or doubled."""
    return _on_hot_words(text, lambda word: f"{{{word[:2]}{word[3:]}|{word[:2]}{word[1:]}|{word}}}")


PLAIN_TRICKS: dict[str, Callable[[str, Random], str]] = {
    "leet": leet,
    "gapped": gapped,
    "twins": twins,
    "dropped": dropped,
}
HTML_TRICKS: dict[str, Callable[[str, Random], str]] = {"commented": commented, "empty-tags": empty_tags}


def hidden(dice: Random) -> str:
    """HTML that readers do not see: white on white, tiny, or not displayed at all."""
    style = pick(
        dice,
        (
            "color:#fffff{dig1}",
            "display:none",
            "font-size:1px;color:white",
            "visibility:hidden;line-height:0",
        ),
    )
    return f'<span style="{style}">{{words{dice.randrange(12, 40)}}}</span>'


def buster(dice: Random) -> str:
    """Plain text that makes each copy's hash its own."""
    return pick(
        dice, ("{low7} {low5} {low9}", "{hex16}", "{words9}", "[{dig7}]", "{words14}.", "-- {mix10} --")
    )


def noise(dice: Random) -> str:
    """HTML that changes nothing: attributes and comments with random values."""
    return pick(
        dice, ("<!-- {hex12} -->", '<p id="{low8}"></p>', '<a name="{mix6}"></a>', "<br><!--{words4}-->")
    )
