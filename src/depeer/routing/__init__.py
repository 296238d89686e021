"""The Internet as of a day: who originates an address, what a network is called, how much it announces.

Snapshots come from ``sources.origins``; here each is compiled to plain numpy arrays that the lake can
save and memory-map (``OriginTable``, ``NameTable``), and asked: one address (``answer``), a million
sightings (``attribute``), the denominators of rates (``exposure``). ``asof`` says which snapshot answers
for a day, ``bogons`` which addresses and AS numbers are nobody's.
"""
