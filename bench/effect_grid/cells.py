"""The cells of the grid, as the file has them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("cells.csv")


@dataclass(frozen=True, slots=True)
class Cell:
    """``noise`` (see ``noise.KINDS``) of AR(1) coefficient ``phi``; ``sensors``; ``rate`` a day;
    ``overdispersion`` α of negative-binomial counts (0: Poisson); share of ``gaps``; ``filter`` at one sensor
    (see ``worlds.FILTERS``); whether a part ``returns``; sd of the sensors' effects (``spread``); share of
    the noise that all have (``common``). ``assumed``: whether some estimator assumes noise of this kind."""

    number: int
    name: str
    assumed: bool
    noise: str
    phi: float
    sensors: int
    rate: float
    overdispersion: float
    gaps: float
    filter: str
    returns: bool
    spread: float
    common: float


def read(path: Path = FILE) -> list[Cell]:
    with path.open(encoding="utf-8", newline="") as file:
        return [_cell(number, row) for number, row in enumerate(csv.DictReader(file))]


def _cell(number: int, row: dict[str, str]) -> Cell:
    return Cell(
        number,
        row["cell"],
        row["assumed"] == "yes",
        row["noise"],
        float(row["phi"]),
        int(row["sensors"]),
        float(row["rate"]),
        float(row["overdispersion"]),
        float(row["gaps"]),
        row["filter"],
        row["returns"] == "yes",
        float(row["spread"]),
        float(row["common"]),
    )
