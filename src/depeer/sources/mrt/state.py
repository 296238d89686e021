"""What the readers of records share while a file is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from depeer.sources.mrt.account import Account
from depeer.sources.mrt.sheet import Sheet


@dataclass(slots=True)
class State:
    """``index`` holds the peers (address, AS number) of the last PEER_INDEX_TABLE, None before the first."""

    account: Account = field(default_factory=Account)
    sheet: Sheet = field(default_factory=Sheet)
    index: list[tuple[bytes, int]] | None = None
    _numbers: list[int] = field(default_factory=list)
    _numbered: tuple[Sheet, object] | None = None

    def index_numbers(self) -> list[int] | None:
        """The numbers of the index's peers in the present sheet."""
        if self.index is None:
            return None
        if (
            self._numbered is None
            or self._numbered[0] is not self.sheet
            or self._numbered[1] is not self.index
        ):
            self._numbers = [self.sheet.peer_number(peer, *peer) for peer in self.index]
            self._numbered = self.sheet, self.index
        return self._numbers

    def pass_over(self, what: str) -> None:
        self.account.passed_over[what] += 1
