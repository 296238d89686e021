"""Three errors, sorted by what the caller can do: skip the record, try again, stop.

Every message is one sentence that names the record or the place and says what to do next.
"""

from __future__ import annotations


class DepeerError(Exception):
    """Base of every error that depeer raises on purpose; ``exit_code`` is what the command ends with."""

    exit_code = 1


class SkipRecord(DepeerError):  # noqa: N818 - named by what the caller does
    """One record cannot be used; the caller counts and quarantines it, then goes on with the next."""


class TryAgain(DepeerError):  # noqa: N818
    """Nothing is wrong with the request; the same call may succeed later (a lock is held, a server is busy)."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h


class Stop(DepeerError):  # noqa: N818
    """The request cannot be carried out; a person has to change something first."""


class BadUsage(Stop):
    """The words of the request do not fit (an unknown role, a date that is none)."""

    exit_code = 2


class BadInput(Stop):
    """What was pointed at cannot be read at all (EX_DATAERR)."""

    exit_code = 65


class NotFound(Stop):
    """A path, table, lake or snapshot that does not exist (EX_NOINPUT)."""

    exit_code = 66


class LakeTooNew(Stop):
    """The lake was written by a newer depeer (EX_CONFIG)."""

    exit_code = 78


class NoRoom(Stop):
    """The disk is full or may not be written (EX_CANTCREAT)."""

    exit_code = 73
