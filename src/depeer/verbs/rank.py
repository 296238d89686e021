"""``depeer rank``: the worst networks or prefixes in one role, for their size, with how sure that is."""

from __future__ import annotations

from pathlib import Path

from depeer.errors import NotFound
from depeer.lake import Lake
from depeer.lake.ranking import Answer, Question, answer


def rank(root: Path, question: Question) -> Answer:
    """Rank what the lake at ``root`` holds. Raises NotFound where it holds no routing table to rank by."""
    lake = Lake.open(root)
    if not any(snapshot.kind == "origins" for snapshot in lake.snapshots()):
        raise NotFound(
            "the lake holds no routing table; add one with: depeer routes add FILE, or: depeer routes fetch"
        )
    return answer(lake, question)
