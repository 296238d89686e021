"""A watch as plain values for JSON, and back: what a restart needs to go on without telling anything twice."""

from __future__ import annotations

from typing import Any

from depeer.errors import BadInput
from depeer.judgement.watch.events import Prefix
from depeer.judgement.watch.scene import Held
from depeer.judgement.watch.standing import Status
from depeer.judgement.watch.timers import Due, Subject, Timer
from depeer.judgement.watch.watch import Watch

VERSION = 1


def remember(watch: Watch) -> dict[str, Any]:
    return {
        "version": VERSION,
        "asns": list(watch.asns),
        "prefixes": [_prefix(p) for p in watch.prefixes],
        "began": watch.began,
        "complete": watch.complete,
        "late": watch.late,
        "over": watch.over,
        "peers": [[address.hex(), asn] for address, asn in watch.peers],
        "full": [[peer, six, count] for (peer, six), count in watch.full.items()],
        "table": [[peer, six, count] for (peer, six), count in watch.table.items()],
        "table_since": watch.table_since,
        "standings": [_standing(watch, asn) for asn in watch.asns],
        "owned": [[_prefix(p), list(asns)] for p, asns in watch.claims.owned.items()],
        "usual": [[_prefix(p), origin] for p, origin in watch.claims.usual],
        "told": [[_prefix(p), origin] for p, origin in watch.claims.told],
        "routes": [
            [peer, path_id, _prefix(prefix), held.time, held.origin, list(held.owners), list(map(list, held.crossed))]
            for peer, own in watch.routes.items()
            for (path_id, prefix), held in own.items()
        ],
        "due": [[str(t.what), t.asn, _subject(t.subject), *when] for t, when in watch.due.items()],
    }  # fmt: skip


def recall(memory: object) -> Watch:
    """Raises BadInput for what `remember` did not write."""
    try:
        return _recall(memory)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadInput(
            f"the state is not one that this version wrote ({type(error).__name__}: {error}); start with a new file"
        ) from error


def _recall(memory: Any) -> Watch:
    if memory["version"] != VERSION:
        raise ValueError(f"version {memory['version']}")
    watch = Watch(tuple(memory["asns"]), tuple(_parsed(p) for p in memory["prefixes"]))
    watch.began, watch.complete = memory["began"], memory["complete"]
    watch.late, watch.over = memory["late"], memory["over"]
    watch.peers = {(bytes.fromhex(a), asn): i for i, (a, asn) in enumerate(memory["peers"])}
    watch.full = {(peer, six): count for peer, six, count in memory["full"]}
    watch.table = {(peer, six): count for peer, six, count in memory["table"]}
    watch.table_since = int(memory["table_since"])
    for text, asns in memory["owned"]:
        watch.adopt(_parsed(text), asns)
    watch.claims.usual = {(_parsed(p), origin): None for p, origin in memory["usual"]}
    watch.claims.told = {(_parsed(p), origin): None for p, origin in memory["told"]}
    for told in memory["standings"]:
        _restore(watch, told)
    for peer, path_id, text, time, origin, owners, crossed in memory["routes"]:
        held = Held(time, origin, tuple(owners), tuple((a, u) for a, u in crossed))
        watch.hold(peer, (path_id, _parsed(text)), held)
    for what, asn, subject, when, since in memory["due"]:
        watch.timers.look_again(Timer(Due(what), asn, _parsed_subject(subject)), when, since)
    return watch


def _standing(watch: Watch, asn: int) -> dict[str, Any]:
    standing = watch.standings[asn]
    return {
        "asn": asn,
        "status": str(standing.status),
        "since": standing.since,
        "prefixes": [_prefix(p) for p in standing.prefixes],
        "gone": sorted(map(_prefix, standing.gone)),
        "told_uplinks": sorted(standing.told_uplinks),
        "known_uplinks": sorted(standing.known_uplinks),
        "informed": [sorted(standing.informed[six]) for six in (False, True)],
        "usual": standing.usual,
        "dropped": standing.dropped,
        "absence_told": standing.absence_told,
        "turns": standing.turns,
    }


def _restore(watch: Watch, told: dict[str, Any]) -> None:
    standing = watch.standings[told["asn"]]
    standing.status, standing.since = Status(told["status"]), told["since"]
    for text in told["prefixes"]:
        standing.having(_parsed(text))
    standing.gone = set(map(_parsed, told["gone"]))
    standing.told_uplinks = set(told["told_uplinks"])
    standing.known_uplinks = set(told["known_uplinks"])
    standing.informed = {six: set(told["informed"][six]) for six in (False, True)}
    standing.usual, standing.dropped = float(told["usual"]), bool(told["dropped"])
    standing.absence_told = bool(told["absence_told"])
    standing.turns = [int(turn) for turn in told["turns"]]


def _prefix(prefix: Prefix) -> str:
    return f"{prefix[0].hex()}/{prefix[1]}"


def _parsed(text: str) -> Prefix:
    first, _, length = text.partition("/")
    return bytes.fromhex(first), int(length)


def _subject(subject: Subject) -> object:
    match subject:
        case (bytes() as first, int() as length):
            return _prefix((first, length))
        case ((bytes() as first, int() as length), int() as origin):
            return [_prefix((first, length)), origin]
    return subject


def _parsed_subject(subject: Any) -> Subject:
    match subject:
        case str():
            return _parsed(subject)
        case [str() as text, int() as origin]:
            return _parsed(text), origin
        case int() | None:
            return subject
    raise ValueError(f"{subject!r} is nothing to look at again")
