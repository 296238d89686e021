"""``python -m bench``: every comparison, one after the other, as JSON lines."""

from __future__ import annotations

import json

from bench import cut, effect, ingest, lookup, mrt, rank


def main() -> None:
    runs = {
        "ingest": lambda: ingest.run(large=True),
        "lookup": lookup.run,
        "rank": rank.run,
        "mrt": mrt.run,
        "cut": cut.run,
        "effect": effect.run,
    }
    for name, run in runs.items():
        print(json.dumps({name: run()}), flush=True)


if __name__ == "__main__":
    main()
