"""depeer: from raw spam to the network behind it, who can cut it off, and whether the cut worked.

Bytes come in through ``piles`` and are read by ``sources`` into Arrow record batches; the ``lake``
keeps the raw evidence and everything derived from it; ``routing`` knows the Internet as of a date;
``measures`` turns counts into estimates with intervals; ``judgement`` ranks; ``charts`` draws. A
``verb`` runs those stages in order, and ``cli`` shows what came out. Data flows one way.
"""

from importlib.metadata import version

__version__ = version("depeer")
