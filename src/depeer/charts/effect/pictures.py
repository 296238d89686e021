"""All pictures of one scorecard, each by itself or one below the other."""

from __future__ import annotations

from depeer.charts.effect.forest import forest_spec
from depeer.charts.effect.paths import paths_spec
from depeer.charts.effect.survival import survival_spec
from depeer.charts.effect.text import Event
from depeer.charts.theme import WIDE
from depeer.charts.vega import Spec, stacked
from depeer.judgement.effect import Scorecard

DRAWN = {"counts": paths_spec, "forest": forest_spec, "survival": survival_spec}


def effect_specs(card: Scorecard, event: Event, width: int = WIDE) -> dict[str, Spec]:
    """By name, those that there is something to draw of."""
    specs = {name: draw(card, event, width) for name, draw in DRAWN.items()}
    return {name: spec for name, spec in specs.items() if spec is not None}


def effect_spec(card: Scorecard, event: Event, width: int = WIDE) -> Spec | None:
    """All in one."""
    specs = effect_specs(card, event, width)
    return stacked([*specs.values()]) if specs else None
