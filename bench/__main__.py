"""``python -m bench``: every comparison, one after the other, as JSON lines."""

from __future__ import annotations

import json

from bench import ingest, lookup, rank


def main() -> None:
    for name, run in (("ingest", lambda: ingest.run(large=True)), ("lookup", lookup.run), ("rank", rank.run)):
        print(json.dumps({name: run()}), flush=True)


if __name__ == "__main__":
    main()
