"""Charts as figures of the page: drawn twice, for a desk and for a telephone, shown once."""

from __future__ import annotations

from dataclasses import dataclass

from depeer.charts.content import Picture, Ranking, Report
from depeer.charts.html import Html, drawing, element
from depeer.charts.picture import Spec, to_svg
from depeer.charts.ranking import ranking_spec
from depeer.charts.theme import NARROW, WIDE
from depeer.charts.volume import Volume
from depeer.charts.volume_chart import volume_spec
from depeer.disclosure import defang


@dataclass(frozen=True, slots=True)
class Pictures:
    """The same chart at two widths."""

    wide: Spec
    narrow: Spec


def ranking_pictures(report: Report, ranking: Ranking) -> Pictures | None:
    """None where no row can be drawn."""
    wide, narrow = ranking_spec(report, ranking, WIDE), ranking_spec(report, ranking, NARROW)
    return Pictures(wide, narrow) if wide and narrow else None


def volume_pictures(report: Report, volume: Volume) -> Pictures | None:
    """None where there is no day to draw."""
    wide, narrow = volume_spec(report, volume, WIDE), volume_spec(report, volume, NARROW)
    return Pictures(wide, narrow) if wide and narrow else None


def drawn(picture: Picture) -> Html | None:
    """A picture that was made elsewhere."""
    return figure(Pictures(dict(picture.wide), dict(picture.narrow)), defang(picture.label))


def figure(pictures: Pictures | None, label: str) -> Html | None:
    """A figure whose ``label`` tells a screen reader what it shows and where the figures stand."""
    if pictures is None:
        return None
    wide = element("div", drawing(to_svg(pictures.wide), label), class_="wide")
    narrow = element("div", drawing(to_svg(pictures.narrow), label), class_="narrow")
    return element("figure", wide, narrow)
