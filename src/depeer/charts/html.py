"""HTML in which nothing can be forgotten to be escaped: children are escaped unless they are ``Html``.

Only this module makes ``Html`` out of plain strings, and ``drawing`` is the one way in for markup that
another writer made. Attribute names and tags come from the code, values are escaped too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from depeer.charts.clean import LONGEST, clean
from depeer.disclosure import defang


class Html(str):
    """A string that is markup already."""

    __slots__ = ()


Node = Html | str | int | None | Iterable["Node"]

_VOID = frozenset({"meta", "br", "hr"})
_DRAWING = re.compile(r"<svg [^>]*>")


def escape(text: str) -> Html:
    """``text`` cleaned and the five characters of HTML replaced: fit for content and quoted values."""
    safe = clean(text, longest=2000).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Html(safe.replace('"', "&quot;").replace("'", "&#39;"))


def element(tag: str, *children: Node, **attributes: str) -> Html:
    """``<tag …>children</tag>``; ``class_`` becomes ``class``, ``aria_label`` ``aria-label``."""
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"' for name, value in attributes.items()
    )
    if tag in _VOID:
        return Html(f"<{tag}{named}>")
    return Html(f"<{tag}{named}>{join(children)}</{tag}>")


def join(node: Node) -> Html:
    """Markup of any nesting of nodes: strings escaped, None left out."""
    if node is None:
        return Html("")
    if isinstance(node, Html):
        return node
    if isinstance(node, str):
        return escape(node)
    if isinstance(node, int):
        return Html(str(node))
    return Html("".join(join(child) for child in node))


def drawing(svg: str, label: str) -> Html:
    """An ``<svg>`` of ``picture.to_svg`` as one image for a screen reader, scaling with the page.

    Raises ValueError for anything that does not begin as the renderer begins its drawings.
    """
    opening = _DRAWING.match(svg)
    if opening is None:
        raise ValueError("what was drawn is no svg element")
    head = f'<svg role="img" aria-label="{escape(label)}" {opening[0][5:]}'
    return Html(head + svg[opening.end() :])


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: its heading, and whether it holds figures (set flush right)."""

    title: str
    figures: bool = False


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Node]],
    head: Node = None,
    slim: bool = False,
) -> Html:
    """A table that scrolls in its own box on narrow screens; the first cell of a row is its heading.

    ``slim``: one that is narrow enough to be squeezed instead. ``head`` is put between the column headings and the
    rows (what is unknown, say).
    """
    titles = [element("th", c.title, scope="col", class_="n" if c.figures else "t") for c in columns]
    body = [element("tr", _cells(row, columns)) for row in rows]
    whole = element(
        "table",
        element("caption", element("span", caption, class_="held")),
        element("thead", element("tr", titles), head),
        element("tbody", body),
        **({"class_": "slim"} if slim else {}),
    )
    return element("div", whole, class_="scroll", role="region", tabindex="0", aria_label=caption)


def _cells(row: Sequence[Node], columns: Sequence[Column]) -> list[Html]:
    cells = []
    for place, (value, column) in enumerate(zip(row, columns, strict=True)):
        kind = "n" if column.figures else "t"
        if place == 0:
            cells.append(element("th", value, scope="row", class_=kind))
        else:
            cells.append(element("td", value, class_=kind))
    return cells


def foreign(text: str | None, otherwise: str = "unknown", longest: int = LONGEST) -> Html:
    """A stranger's words, kept from rearranging the text around them (HTML, bdi element)."""
    return element("bdi", defang(clean(text, longest))) if text else element("span", otherwise, class_="dim")
