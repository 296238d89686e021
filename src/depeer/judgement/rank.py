"""Which networks, or prefixes, are the worst for their size: the order, and how sure one may be of it.

In: what was seen in each network (``counts``) and what each announces (``announced``), all networks of the
snapshot, those where nothing was seen too. Out: a :class:`Ranking`, ordered by the probability that the
network's rate is among the worst 1 % of all networks announced. The mathematics is in ``measures/rates.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from depeer.measures import rates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PER = 10_000
"""Rates are bad addresses per this many announced addresses."""
ROUNDING = 6
"""Decimals of ``p_worst`` beyond which two networks are tied; ties go by ``low``, then by ``addresses``."""
FEW_HITS = 30
"""Distinct bad addresses below which the shape of the rates' distribution is mostly assumed, not seen."""
CLUMPED = 1.5
"""Index of dispersion beyond which a reader is told that addresses are not machines."""
FEW_NETWORKS = 100
"""Networks announced below which 'the worst 1 %' is less than one network."""

SCHEMA = (
    ("addresses", pa.int64()),
    ("messages", pa.int64()),
    ("days", pa.int64()),
    ("announced", pa.float64()),
    ("rate", pa.float64()),
    ("low", pa.float64()),
    ("high", pa.float64()),
    ("p_worst", pa.float64()),
    ("first", pa.timestamp("us", tz="UTC")),
    ("last", pa.timestamp("us", tz="UTC")),
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Networks or prefixes, the worst first, and what the order rests on.

    ``table``: the key (``asn`` or ``prefix``), ``addresses`` (distinct bad ones), ``messages``, ``days``,
    ``announced`` (addresses), ``rate`` (posterior mean, bad addresses per 10,000 announced), ``low`` and ``high``
    (equal-tailed interval at ``level``), ``p_worst`` (probability that the rate is above ``threshold``), ``first``
    and ``last`` sighting.
    """

    table: pa.Table
    unannounced: pa.Table
    """Rows of the counts whose network the snapshot does not announce (or that name none): no size, so no rate."""
    key: str
    level: float
    threshold: float
    """Bad addresses per 10,000 announced, above which a network is among the worst 1 %."""
    networks: int
    """Networks announced, those where nothing was seen included."""
    seen: int
    """Networks announced in which something was seen: the table holds ``top`` of them."""
    hits: int
    """Distinct bad addresses in networks announced."""
    unannounced_hits: int
    dispersion: float
    """Variance over mean that a network's count is taken to have: above 1 where a machine shows several addresses."""
    prior: str
    warnings: tuple[str, ...]


def rank(
    counts: pa.Table,
    announced: pa.Table,
    level: float = 0.95,
    top: int | None = None,
    dispersion: float = 1.0,
) -> Ranking:
    """Order the networks (or prefixes) of ``counts`` by how surely they are among the worst.

    ``counts``: a column ``asn`` or ``prefix``, ``addresses`` (distinct bad ones), and where known ``messages``,
    ``days``, ``first``, ``last``; one row a network. ``announced``: the same key and ``announced`` (addresses; /64s
    for IPv6), every network of the snapshot. ``top`` limits the rows, not what the estimate rests on. ``dispersion``:
    variance over mean of the count of a network of known rate (``measures/churn.py``).
    Raises ValueError for a key given twice, a missing column, or a level outside (0, 1).
    """
    key = _key(counts, announced)
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    sized = announced.filter(pc.and_(pc.greater(announced["announced"], 0), pc.is_valid(announced[key])))
    place = pc.index_in(counts[key], value_set=sized[key].combine_chunks(), skip_nulls=True)
    known = counts.filter(pc.is_valid(place))
    unannounced = counts.filter(pc.is_null(place))
    at = place.drop_null().to_numpy().astype(np.int64)
    sizes = sized["announced"].cast(pa.float64()).to_numpy()
    hits = np.zeros(len(sizes), dtype=np.int64)
    hits[at] = _numbers(known, "addresses")
    if not len(sizes):
        return _nothing(key, level, unannounced)
    fit = _Fit.of(hits, sizes, dispersion)
    return Ranking(
        table=_table(key, known, at, fit, level, top),
        unannounced=unannounced,
        key=key,
        level=level,
        threshold=fit.threshold * PER,
        networks=len(sizes),
        seen=int((hits > 0).sum()),
        hits=int(hits.sum()),
        unannounced_hits=int(_numbers(unannounced, "addresses").sum()),
        dispersion=dispersion,
        prior=_describe(fit.prior),
        warnings=_warnings(hits, sizes, unannounced, dispersion),
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """The prior over all networks, the posterior of those in which something was seen, and who they are."""

    hits: Ints
    sizes: Floats
    prior: rates.Prior
    threshold: float

    @classmethod
    def of(cls, hits: Ints, sizes: Floats, dispersion: float) -> _Fit:
        prior = rates.fit_prior(hits, sizes, dispersion)
        return cls(hits, sizes, prior, rates.worst_threshold(prior, hits, sizes))

    def posterior(self, at: Ints) -> tuple[rates.Mixtures, Ints]:
        """Posteriors of the networks ``at``, one for each distinct count and size, and which belongs to which."""
        pairs = np.stack([self.hits[at].astype(float), self.sizes[at]])
        distinct, of = np.unique(pairs, axis=1, return_inverse=True)
        return rates.posterior(self.prior, distinct[0].astype(np.int64), distinct[1]), of.reshape(-1)


def _table(key: str, known: pa.Table, at: Ints, fit: _Fit, level: float, top: int | None) -> pa.Table:
    """The ranked rows: intervals are computed only for those that can come among the first ``top``."""
    some = np.flatnonzero(fit.hits[at] > 0)
    known, at = known.take(pa.array(some)), at[some]
    mixtures, of = fit.posterior(at)
    p_worst = np.round(mixtures.above(fit.threshold), ROUNDING)
    wanted = _candidates(p_worst[of], top)
    shown = np.unique(of[wanted])
    low, high = np.full(mixtures.rows, np.nan), np.full(mixtures.rows, np.nan)
    picked = mixtures.pick(shown)
    low[shown], high[shown] = picked.quantile((1 - level) / 2), picked.quantile((1 + level) / 2)
    rows = of[wanted]
    tie = pc.rank(known[key].take(pa.array(wanted)), tiebreaker="first").to_numpy()
    order = np.lexsort((tie, -fit.hits[at][wanted], -low[rows], -p_worst[rows]))[:top]
    chosen, rows = wanted[order], rows[order]
    sizes = fit.sizes[at[chosen]]
    figures = _figures(mixtures.mean()[rows], low[rows], high[rows], fit.hits[at[chosen]] <= sizes)
    return _assemble(key, known.take(pa.array(chosen)), sizes, figures, p_worst[rows])


def _candidates(p_worst: Floats, top: int | None) -> Ints:
    """Rows that are among the first ``top`` or tied with the last of them."""
    if top is None or top >= len(p_worst):
        return np.arange(len(p_worst))
    if top <= 0:
        return np.arange(0)
    least = np.partition(p_worst, len(p_worst) - top)[len(p_worst) - top]
    return np.flatnonzero(p_worst >= least)


def _figures(mean: Floats, low: Floats, high: Floats, within: NDArray[np.bool_]) -> tuple[Floats, ...]:
    """Rates per ``PER``; never above all addresses announced, unless more than that were seen."""
    limit = np.where(within, 1.0, np.inf)
    return tuple(np.minimum(values, limit) * PER for values in (mean, low, high))


def _assemble(key: str, known: pa.Table, sizes: Floats, figures: tuple[Floats, ...], p: Floats) -> pa.Table:
    made = dict(zip(("rate", "low", "high"), figures, strict=True)) | {"announced": sizes, "p_worst": p}
    columns, fields = [known[key].combine_chunks()], [pa.field(key, known.schema.field(key).type)]
    for name, kind in SCHEMA:
        fields.append(pa.field(name, kind))
        if name in made:
            columns.append(pa.array(made[name], kind))
        elif name in known.column_names:
            columns.append(known[name].cast(kind).combine_chunks())
        else:
            columns.append(pa.nulls(len(known), kind))
    return pa.table(columns, schema=pa.schema(fields))


def _key(counts: pa.Table, announced: pa.Table) -> str:
    """The column that names a network or prefix in both tables."""
    for name in ("asn", "prefix"):
        if name in counts.column_names and name in announced.column_names:
            break
    else:
        raise ValueError("counts and announced must share a column 'asn' or 'prefix'")
    for table in (counts, announced):
        keys = table[name].drop_null()
        if len(keys) != pc.count_distinct(keys).as_py():
            raise ValueError(f"each {name} may come once in counts and once in announced")
    return name


def _numbers(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].cast(pa.int64()).fill_null(0).to_numpy())


def _describe(prior: rates.Prior) -> str:
    return (
        f"mixture of {len(prior.means)} Gammas (shape {prior.shape:.3g}) on a log-grid of means, "
        f"fitted to all networks announced, averaged over {len(prior.weights)} draws of its weights"
    )


def _warnings(hits: Ints, sizes: Floats, unannounced: pa.Table, dispersion: float) -> tuple[str, ...]:
    """What a reader has to know before holding the order against anybody."""
    seen, outside = int(hits.sum()), int(_numbers(unannounced, "addresses").sum())
    over = int((hits > sizes).sum())
    cases = (
        (seen == 0, "Nothing was seen in any network announced: there is nothing to rank."),
        (
            0 < seen < FEW_HITS,
            f"Only {seen} bad addresses were seen: the order is weak, and the intervals lean on assumptions.",
        ),
        (
            len(hits) < FEW_NETWORKS,
            f"Only {len(hits)} networks are announced: 'the worst 1 %' is less than one network.",
        ),
        (
            over > 0,
            f"{over} networks show more bad addresses than they announce: "
            "the snapshot may not fit the time of the sightings.",
        ),
        (
            outside > seen,
            f"{outside} bad addresses lie in networks that the snapshot does not announce, against {seen} that do: "
            "the snapshot may not fit the time of the sightings.",
        ),
        (
            dispersion > CLUMPED,
            f"Addresses are met again after hours far more often than after days: one machine shows several. Counts "
            f"are taken to vary {dispersion:.1f} times as much as independent ones, and intervals are wider by it.",
        ),
    )
    return tuple(words for applies, words in cases if applies)


def _nothing(key: str, level: float, unannounced: pa.Table) -> Ranking:
    """The ranking over no network at all."""
    kind = unannounced.schema.field(key).type
    empty = pa.schema([pa.field(key, kind), *(pa.field(name, of) for name, of in SCHEMA)]).empty_table()
    hits = int(_numbers(unannounced, "addresses").sum())
    words = ("No network is announced in the snapshot: there is no size to hold a count against.",)
    return Ranking(empty, unannounced, key, level, float("nan"), 0, 0, 0, hits, 1.0, "none", words)
