"""Peers side by side in one run; ``make bench`` runs them all. Figures go to docs/benchmarks.md."""
