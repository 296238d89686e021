"""Opens what a person points at: files, folders, archives in archives, standard input.

In comes a list of paths; out come `Member`s (a label, a stream of bytes and a look at its head), in an
order that is the same every time, and `Refusal`s with a reason for what could not be opened. What a thing
is, is told by its first bytes and never by its name. Nothing is ever extracted to disk, so names inside
archives are only labels.

Memory is constant: archives are read front to back, a block at a time. A damaged archive gives all that
comes before the damage, then one refusal. `Caps` bound what hostile archives can cost.

Policy for folders: read recursively in natural order (``inmail.9`` before ``inmail.10``); hidden entries
are skipped, but for the ``.Name`` subfolders of a Maildir; so are a Maildir's ``tmp`` and index files. A
symbolic link to a file is read; to a folder it is followed, each real folder once, so that loops end.
Devices, pipes and sockets are refused. In archives hidden names and what is no file (folders, links, devices,
sparse files) are skipped. `open_pile` counts what is skipped, by kind.
"""

from depeer.piles.caps import Caps
from depeer.piles.pile import EMPTY, Member, Refusal, open_pile
from depeer.piles.progress import Meter, Progress, total_bytes

__all__ = ["EMPTY", "Caps", "Member", "Meter", "Progress", "Refusal", "open_pile", "total_bytes"]
