"""How fast the ranking is, and whether its intervals and probabilities keep what they say.

    python bench/rank.py speed                  1,000,000 sightings: SQL and posterior, in process
    python bench/rank.py calibration --worlds 30  simulated worlds whose rates are known
    python bench/rank.py compare --worlds 10      the same, against other priors

``--sizes FILE.dat.gz`` takes the announced sizes from a routing table in pyasn's format instead of inventing them.
"""

from __future__ import annotations

import argparse
import gzip
import ipaddress
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import gammaln

from depeer.measures import density, rates

Floats = NDArray[np.float64]
Truth = Callable[[np.random.Generator, int], Floats]

TRUTHS: dict[str, Truth] = {
    "gamma 1": lambda r, n: r.gamma(1.0, 1.0, n),
    "gamma 0.2": lambda r, n: r.gamma(0.2, 1.0, n),
    "lognormal 1": lambda r, n: np.exp(r.standard_normal(n)),
    "lognormal 2": lambda r, n: np.exp(2 * r.standard_normal(n)),
    "contaminated 1 %": lambda r, n: np.where(r.random(n) < 0.01, r.gamma(2, 25, n), r.gamma(2, 0.5, n)),
    "contaminated 0.3 %": lambda r, n: np.where(
        r.random(n) < 0.003, 300 * np.exp(0.7 * r.standard_normal(n)), np.exp(0.5 * r.standard_normal(n))
    ),
    "zero-inflated": lambda r, n: np.where(r.random(n) < 0.9, 0.0, np.exp(1.5 * r.standard_normal(n))),
}
"""True rates of n networks, up to a factor."""
HITS = (300, 3_000, 100_000)
"""Distinct bad addresses expected in a world."""


def pareto_sizes(random: np.random.Generator, networks: int) -> Floats:
    """Announced addresses: powers of two from a /24 on, Pareto-like, capped at a /7, as real tables look."""
    return np.asarray(256.0 * 2 ** np.minimum(np.floor(random.exponential(2.6, networks)), 17))


def table_sizes(path: Path) -> Floats:
    """Addresses announced by each network of a pyasn table, more specific prefixes taken from their covers."""
    entries = []
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if not line.startswith(";"):
                prefix, origin = line.split()[:2]
                net = ipaddress.ip_network(prefix)
                entries.append((int(net.network_address), net.prefixlen, origin.strip("{}").split(",")[0]))
    own: dict[str, int] = {}
    cover: list[tuple[int, str]] = []
    for start, length, origin in sorted(entries):
        size = 1 << (32 - length)
        while cover and cover[-1][0] <= start:
            cover.pop()
        if cover:
            own[cover[-1][1]] -= size
        own[origin] = own.get(origin, 0) + size
        cover.append((start + size, origin))
    return np.array([size for size in own.values() if size > 0], dtype=float)


def simulate(
    random: np.random.Generator, truth: Truth, sizes: Floats, hits: float
) -> tuple[NDArray[np.int64], Floats]:
    """Distinct bad addresses of each network, never more than it announces, and its true rate."""
    theta = truth(random, len(sizes))
    theta *= hits / (theta * sizes).sum()
    return np.minimum(random.poisson(sizes * theta), sizes).astype(np.int64), theta


class Score:
    """Coverage of the top 100 and reliability of p_worst by tenths, over several worlds."""

    def __init__(self) -> None:
        self.covered: list[float] = []
        self.count, self.said, self.above = np.zeros(10), np.zeros(10), np.zeros(10)
        self.worst = np.zeros(10)

    def add(self, prior: rates.Prior, hits: NDArray[np.int64], sizes: Floats, theta: Floats) -> None:
        threshold = rates.worst_threshold(prior, hits, sizes)
        distinct, of = np.unique(np.stack([hits.astype(float), sizes]), axis=1, return_inverse=True)
        mixtures = rates.posterior(prior, distinct[0].astype(np.int64), distinct[1])
        p_worst, mean = mixtures.above(threshold)[of], mixtures.mean()[of]
        top = np.lexsort((-mean, -np.round(p_worst, 6)))[:100]
        top = top[hits[top] > 0]
        below = rates.posterior(prior, hits[top], sizes[top]).below(theta[top])
        self.covered += list((below >= 0.025) & (below <= 0.975))
        tenth = np.minimum((p_worst * 10).astype(int), 9)
        self.count += np.bincount(tenth, minlength=10)
        self.said += np.bincount(tenth, p_worst, 10)
        self.above += np.bincount(tenth, theta > threshold, 10)
        self.worst += np.bincount(tenth, theta > np.quantile(theta, 1 - rates.WORST), 10)

    def coverage(self) -> float:
        return float(np.mean(self.covered))

    def gaps(self) -> Floats:
        """Observed share above the threshold minus the mean probability said, by tenths of that probability."""
        return np.asarray((self.above - self.said) / np.maximum(self.count, 1))

    def gaps_to_worst(self) -> Floats:
        """The same against the networks that truly are the worst hundredth of their world."""
        return np.asarray((self.worst - self.said) / np.maximum(self.count, 1))


def score(
    truth: Truth, sizes: Floats, hits: float, seeds: Iterator[int] | range, fit: Any = rates.fit_prior
) -> Score:
    result = Score()
    for seed in seeds:
        random = np.random.default_rng([seed, int(hits)])
        y, theta = simulate(random, truth, sizes, hits)
        result.add(fit(y, sizes), y, sizes, theta)
    return result


# --------------------------------------------------------------------------------- other priors


def _parts(hits: NDArray[np.int64], sizes: Floats) -> tuple[rates._Rows, Floats, Floats, float, float]:
    rows = rates._fold(hits, sizes, rates.FIT_WIDTH, rates.FIT_WIDTH)
    pooled = max(float(hits.sum()), 0.5) / float(sizes.sum())
    means, step = rates._grid(rows.hits, rows.announced, pooled)
    return rows, rates._likelihood(rows.hits, rows.announced, means, 1 / step**2), means, step, pooled


def single_gamma(hits: NDArray[np.int64], sizes: Floats) -> rates.Prior:
    from scipy.optimize import minimize

    rows, _, _, _, pooled = _parts(hits, sizes)

    def loss(phi: Floats) -> float:
        a, b = np.exp(phi[0]), np.exp(phi[0] - phi[1]) / pooled
        log = gammaln(a + rows.hits) - gammaln(a) + a * np.log(b / (b + rows.announced))
        return -float(rows.count @ (log + rows.hits * np.log(rows.announced / (b + rows.announced))))

    a, mean = np.exp(minimize(loss, [-1.0, 0.0], method="Nelder-Mead").x)
    return rates.Prior(np.array([mean * pooled]), np.ones((1, 1)), float(a), pooled)


def lognormal(hits: NDArray[np.int64], sizes: Floats) -> rates.Prior:
    from scipy.optimize import minimize

    rows, likelihood, means, step, pooled = _parts(hits, sizes)
    x = np.log(means / pooled)

    def weights(phi: Floats) -> Floats:
        log = -0.5 * ((x - phi[0]) / np.exp(phi[1])) ** 2
        shares = np.exp(log - log.max())
        return np.asarray(shares / shares.sum())

    def loss(phi: Floats) -> float:
        return -float(rows.count @ np.log(np.maximum(likelihood @ weights(phi), 1e-300)))

    best = minimize(loss, [-1.0, 0.5], method="Nelder-Mead").x
    return rates.Prior(means, weights(best)[None], 1 / step**2, pooled)


def unpenalised(hits: NDArray[np.int64], sizes: Floats) -> rates.Prior:
    """Mixture of Gammas by 300 steps of EM from equal weights (a smoothed Kiefer–Wolfowitz estimate)."""
    rows, likelihood, means, step, pooled = _parts(hits, sizes)
    weights = np.full(len(means), 1 / len(means))
    for _ in range(300):
        weights = weights * ((rows.count / (likelihood @ weights)) @ likelihood) / rows.count.sum()
    return rates.Prior(means, weights[None], 1 / step**2, pooled)


def spline_only(hits: NDArray[np.int64], sizes: Floats) -> rates.Prior:
    """The best penalty alone, its mode taken for the truth: no draws, no Gamma beside it."""
    rows, likelihood, means, step, pooled = _parts(hits, sizes)
    modes = density._smooth_modes(density._Data(likelihood, rows.count), np.log(means / pooled), step)
    phi = max(modes, key=lambda mode: mode.evidence).phi
    weights = np.exp(phi - phi.max())
    return rates.Prior(means, (weights / weights.sum())[None], 1 / step**2, pooled)


PRIORS = {
    "one Gamma": single_gamma,
    "lognormal": lognormal,
    "mixture, EM": unpenalised,
    "spline, mode": spline_only,
    "depeer": rates.fit_prior,
}


# ---------------------------------------------------------------------------------------- tables


def calibration(sizes: Floats, worlds: int, seed: int) -> None:
    print(
        "| true rates | hits | top 100 covered | p_worst: worst gap, tenths with ≥ 100 networks | gaps, all tenths |"
    )
    print("| --- | --- | --- | --- | --- |")
    for name, truth in TRUTHS.items():
        for hits in HITS:
            got = score(truth, sizes, hits, range(seed, seed + worlds))
            gaps = got.gaps()
            large = np.abs(gaps[got.count >= 100]).max()
            detail = " ".join(f"{gap:+.2f} ({count:.0f})" for gap, count in zip(gaps, got.count, strict=True))
            print(f"| {name} | {hits:,} | {got.coverage():.1%} | {large:.2f} | {detail} |", flush=True)


def compare(sizes: Floats, worlds: int, seed: int) -> None:
    print("| true rates | hits | " + " | ".join(PRIORS) + " |")
    print("| --- | --- |" + " --- |" * len(PRIORS))
    for name, truth in TRUTHS.items():
        for hits in HITS:
            cells = []
            for fit in PRIORS.values():
                got = score(truth, sizes, hits, range(seed, seed + worlds), fit)
                off = np.abs(got.above - got.said).sum() - abs(got.above[0] - got.said[0])
                cells.append(f"{got.coverage():.1%}, {off / max(got.count[1:].sum(), 1):.3f}")
            print(f"| {name} | {hits:,} | " + " | ".join(cells) + " |", flush=True)


def sightings(count: int, seed: int = 1) -> pa.Table:
    """Sender sightings over 90 days in 30,000 networks, a tenth of them listings that last up to 20 days."""
    random = np.random.default_rng(seed)
    asn = np.minimum(random.zipf(1.3, count), 30_000).astype(np.int64)
    packed = np.zeros((count, 16), np.uint8)
    packed[:, 10:12] = 255
    packed[:, 12:] = (
        (asn * 4096 + random.integers(0, 4096, count)).astype(">u4").view(np.uint8).reshape(count, 4)
    )
    start = np.datetime64("2008-01-01", "us").astype(np.int64) + random.integers(0, 90 * 86400 * 10**6, count)
    lasts = np.where(random.random(count) < 0.9, 0, random.integers(0, 20 * 86400 * 10**6, count))
    moment = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "delivery": _blobs(random.integers(0, 256, (count, 16), dtype=np.uint8)),
            "role": pa.repeat("sender", count),
            "source": pa.array(np.array(["a", "b", "c"])[random.integers(0, 3, count)]),
            "label": pa.repeat("spam", count),
            "address": _blobs(packed),
            "first": pa.array(start, pa.int64()).cast(moment),
            "last": pa.array(start + lasts, pa.int64()).cast(moment),
            "counts": pa.array(random.random(count) < 0.95),
            "asn": asn,
            "prefix": pa.array(asn).cast(pa.string()),
        }
    )


def _blobs(values: NDArray[np.uint8]) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(values), [None, pa.py_buffer(values.tobytes())]
    ).cast(pa.binary())


def run(count: int = 1_000_000, networks: int = 28_000, repeats: int = 3) -> dict[str, object]:
    """Seconds of the SQL and of posterior and order (first 100), run by run: the first is the cold one."""
    import duckdb

    from depeer.judgement.rank import rank
    from depeer.measures import churn, volume

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 2")
    connection.register("given", sightings(count))
    connection.execute("CREATE TABLE sightings AS SELECT * FROM given")
    sizes = pareto_sizes(np.random.default_rng(2), networks)
    announced = pa.table({"asn": np.arange(1, networks + 1), "announced": np.maximum(sizes, 4096.0)})
    parts: list[tuple[float, float]] = []
    for _ in range(repeats):
        began = time.perf_counter()
        counts = connection.sql(volume.NETWORK_COUNTS, params=volume.parameters("sender")).to_arrow_table()
        looked = volume.parameters("sender") | {"digits": churn.sample(count)}
        met = connection.sql(churn.REVISITS, params=looked).to_arrow_table()
        counted = time.perf_counter()
        rank(counts, announced, top=100, dispersion=churn.dispersion(met.to_pylist()[0]))
        parts.append((counted - began, time.perf_counter() - counted))
    return {
        "sightings": count,
        "networks": networks,
        "sql_seconds": [sql for sql, _ in parts],
        "posterior_seconds": [posterior for _, posterior in parts],
        "together_seconds": [sql + posterior for sql, posterior in parts],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["speed", "calibration", "compare"])
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--networks", type=int, default=28_000)
    parser.add_argument("--sightings", type=int, default=1_000_000)
    parser.add_argument("--sizes", type=Path)
    asked = parser.parse_args()
    if asked.what == "speed":
        print(json.dumps(run(asked.sightings, asked.networks), indent=2))
        return
    given = table_sizes(asked.sizes) if asked.sizes else None
    sizes = pareto_sizes(np.random.default_rng(0), asked.networks) if given is None else given
    {"calibration": calibration, "compare": compare}[asked.what](sizes, asked.worlds, asked.seed)


if __name__ == "__main__":
    main()
