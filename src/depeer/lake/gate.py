"""The disclosure gate of a lake: everything that may not leave it, gathered from its own tables."""

from __future__ import annotations

from depeer.disclosure import Gate
from depeer.lake.lake import Lake


def gate_of(lake: Lake, private: bool = False) -> Gate:
    """A gate that knows the declared traps and every recipient that any mail in the lake names."""
    if private:
        return Gate(private=True)
    found = lake.rows("SELECT DISTINCT unnest(recipients) AS recipient FROM mails")
    return Gate(recipients=found["recipient"].to_pylist(), traps=lake.description.traps)
