"""Do the intervals of ``depeer effect`` hold as often as they claim? Simulated series of known truth, in 16
cells.

``cells.csv`` was committed before the first run. ``worlds`` and ``noise`` make the series, apart from the
estimator: of depeer they know the noun ``Series`` and no more. ``oracle`` knows the noise, ``baselines`` are
what other tools do, ``score`` sets one answer against the truth, ``runner`` runs and resumes, ``table``
prints what docs/effect.md shows. Everything here is *simulated*.

    python -m bench.effect_grid run --out runs.jsonl --runs 2000 --placebos 100 --baselines 60 --workers 2
    python -m bench.effect_grid instruments --out instruments.jsonl --runs 40
    python -m bench.effect_grid single --out single.jsonl --runs 60
    python -m bench.effect_grid dates --out dates.jsonl --runs 60
    python -m bench.effect_grid table --runs runs.jsonl --instruments instruments.jsonl --single single.jsonl \
        --dates dates.jsonl
"""
