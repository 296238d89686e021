"""Where scenarios are found: those that come with depeer by name, others by path."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from depeer.errors import BadInput, NotFound
from depeer.world import strict
from depeer.world.references import check
from depeer.world.scenario import Scenario


def shipped() -> dict[str, str]:
    """Names and texts of the scenarios that come with depeer."""
    folder = resources.files("depeer.world") / "scenarios"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return {f.name.removesuffix(".toml"): f.read_text("utf-8") for f in files}


def read(named: str) -> tuple[Scenario, str]:
    """A shipped scenario by its name, or one from a file by its path; and its text as it stands.

    Raises NotFound where there is neither, BadInput with file, line and key where it does not fit.
    """
    known = shipped()
    if named in known:
        return resolve(known[named], f"{named}.toml"), known[named]
    path = Path(named)
    if not path.is_file():
        raise NotFound(f"there is no scenario {named!r}: name a TOML file, or one of {', '.join(known)}")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{named} is not text in UTF-8 ({error}); a scenario is a TOML file") from error
    return resolve(text, named), text


def resolve(text: str, name: str) -> Scenario:
    """The scenario that a text describes. Raises BadInput, with line and key, for whatever does not fit."""
    source = strict.parse(text, name)
    scenario = strict.build(Scenario, source)
    check(scenario, source)
    return scenario
