"""Did a takedown work? One scorecard for one event, and what its pictures are drawn from."""

from __future__ import annotations

from depeer.judgement.effect.card import DAYS, Scorecard, assess

__all__ = ["DAYS", "Scorecard", "assess"]
