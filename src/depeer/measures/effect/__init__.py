"""What a takedown changed in a series of counts, one method a small file.

In: a :class:`~depeer.measures.effect.series.Series` (counts on a regular grid of hours, days or weeks, gaps marked
as unknown) and the index of the first cell after the event. Out: what would have come without the event, as draws
or as an interval, and numbers made from it. Everything is deterministic by seed, and nothing here reads or writes.

* ``series`` the noun and its checks; ``design`` level and seasons; ``statespace`` the default counterfactual;
* ``negbin_its``, ``conformal`` other readings of one series; ``synthetic_control``, ``sdid`` readings that lean on
  series which the event cannot have touched;
* ``fusion`` one number from several sensors; ``windows`` drops and spam-days averted; ``recovery`` how it came back;
* ``onset`` whether it began before; ``placebo`` how often it comes with no event; ``instrument`` what is no effect.
"""
