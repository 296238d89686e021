"""The pictures of a scorecard as files: in a folder by name, or all in one file."""

from __future__ import annotations

from pathlib import Path

from depeer.charts.effect.pictures import effect_spec, effect_specs
from depeer.charts.effect.text import Event
from depeer.judgement.effect import Scorecard
from depeer.lake.pictures import draw, drawable
from depeer.lake.store import disk_errors


def is_file(out: Path) -> bool:
    """Whether one picture is meant, not a folder. Raises BadUsage for a name that ends as some other file's,
    NotFound where its folder is missing."""
    if out.is_dir() or not out.suffix:
        return False
    drawable(out)
    return True


def draw_effect(card: Scorecard, event: Event, out: Path) -> list[Path]:
    """What was drawn: ``out`` where its name ends as a picture's, else SVG files in the folder of that name.

    Raises BadUsage, NotFound, NoRoom.
    """
    if is_file(out):
        spec = effect_spec(card, event)
        return [draw(spec, out)] if spec else []
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    return [draw(spec, out / f"effect-{name}.svg") for name, spec in effect_specs(card, event).items()]
