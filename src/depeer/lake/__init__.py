"""Raw evidence and what is derived from it, as Delta tables in one folder.

``store`` appends to and reads one table; ``lock`` lets one writer in at a time; ``known`` remembers
what the lake has already; ``engine`` runs SQL over all tables; ``description`` reads ``depeer.toml``;
``compiled`` keeps routing tables ready for memory-mapping; ``pool`` runs kernels on all cores. The
``Lake`` in ``lake.py`` ties them together. Nothing outside this room knows about Delta or DuckDB.
"""

from depeer.lake.lake import Lake

__all__ = ["Lake"]
