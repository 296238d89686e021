"""What a lake has already: membership is exact, also for ids that share their first half."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from depeer.lake.known import KnownIds

ids = st.binary(min_size=16, max_size=16) | st.integers(0, 3).map(lambda n: b"\xff" * 15 + bytes([n]))


@given(st.lists(st.lists(ids, max_size=8), max_size=40), st.lists(ids, max_size=20))
def test_it_holds_exactly_what_was_added(runs: list[list[bytes]], asked: list[bytes]) -> None:
    known = KnownIds()
    for run in runs:
        known.add(run)
    every = {one for run in runs for one in run}
    asked += sorted(every)[:5]
    assert known.holds(asked).tolist() == [one in every for one in asked]


def test_an_empty_set_holds_nothing() -> None:
    assert not KnownIds().holds([b"\0" * 16])[0]
    assert KnownIds().holds([]).tolist() == []
