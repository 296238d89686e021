"""``LAKE/depeer.toml``: what people say about their sensors and feeds; read strictly, edited with comments kept."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import tomlkit

from depeer.errors import BadInput
from depeer.lake import whole

KINDS = ("pristine", "recycled", "typo", "user-reports", "mailbox", "unknown")
"""Kinds of sensor: traps never given out, reused or mistyped addresses, reports by people, real mailboxes."""

_SENSOR_KEYS = {"kind", "counts", "delivered", "trusted", "traps", "retention_days", "coverage"}
_DELIVERED = {"mailbox": True, "user-reports": True, "pristine": False, "recycled": False, "typo": False}
"""Whether what a kind of sensor counts reached people."""
_COVERAGE_KEYS = {"from", "to", "change"}
_HEAD = """\
# What this lake's sensors are, in your words; depeer reads it at each command and never removes a line.
#
# [sensors.trap-1]
# kind = "pristine"             # pristine, recycled, typo, user-reports, mailbox, unknown
# counts = "messages accepted"  # what one message more means
# delivered = false             # whether it reached people; mailbox and user-reports: true, traps: false
# trusted = ["192.0.2.0/24"]    # relays of your own side; empty: learned from the mail and shown
# traps = ["trap@example.org"]  # never leave in any output, in any encoding
# retention_days = 365          # `depeer forget --expired` removes what is older
# [[sensors.trap-1.coverage]]   # when it was up, and what changed about it
# from = 2026-01-01
# to = 2026-06-30
# change = "collector replaced"
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A span in which a sensor was up; ``change`` says what was different from the span before."""

    start: date
    end: date | None
    change: str | None = None


@dataclass(frozen=True, slots=True)
class Sensor:
    """One place that counts spam, as its owner describes it."""

    name: str
    kind: str = "unknown"
    counts: str = "messages received"
    trusted: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    retention_days: int | None = None
    coverage: tuple[Coverage, ...] = ()
    delivered: bool | None = None
    """Whether what it counts reached people; as its kind says where nobody says it, None where neither does."""


@dataclass(frozen=True, slots=True)
class Description:
    """Everything in ``depeer.toml``."""

    sensors: Mapping[str, Sensor] = field(default_factory=dict)
    feeds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    simulated: bool = False
    """True for a lake of invented data: then whatever is shown says so."""

    def sensor(self, name: str) -> Sensor:
        return self.sensors.get(name, Sensor(name))

    @property
    def traps(self) -> tuple[str, ...]:
        return tuple(sorted({trap for sensor in self.sensors.values() for trap in sensor.traps}))


def read(path: Path) -> Description:
    """The description at ``path``; an empty one where the file is missing. Raises BadInput with key and reason."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Description()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML ({error}); mend that line and try again") from error
    unknown = set(document) - {"sensors", "feeds", "simulated"}
    if unknown:
        raise BadInput(f"{path}: unknown section [{min(unknown)}]; it knows [sensors.NAME] and [feeds.NAME]")
    sensors = {n: _sensor(n, s, path) for n, s in _tables(document, "sensors", path).items()}
    return Description(sensors, _tables(document, "feeds", path), document.get("simulated") is True)


def _tables(document: Mapping[str, Any], name: str, path: Path) -> dict[str, dict[str, Any]]:
    section = document.get(name, {})
    if not isinstance(section, dict) or not all(isinstance(v, dict) for v in section.values()):
        raise BadInput(f"{path}: {name} must be sections of the form [{name}.NAME]")
    return section


def _sensor(name: str, entry: Mapping[str, Any], path: Path) -> Sensor:
    where = f"{path}: [sensors.{name}]"
    unknown = set(entry) - _SENSOR_KEYS
    if unknown:
        raise BadInput(
            f"{where} has an unknown key {min(unknown)!r}; it knows {', '.join(sorted(_SENSOR_KEYS))}"
        )
    kind = entry.get("kind", "unknown")
    if kind not in KINDS:
        raise BadInput(f"{where}: kind {kind!r} is not one of {', '.join(KINDS)}")
    days = entry.get("retention_days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
        raise BadInput(f"{where}: retention_days must be a number of days, not {days!r}")
    delivered = entry.get("delivered", _DELIVERED.get(kind))
    if not isinstance(delivered, bool | None):
        raise BadInput(f"{where}: delivered must be true or false, not {delivered!r}")
    return Sensor(
        name,
        kind,
        str(entry.get("counts", "messages received")),
        tuple(network(text, where) for text in _strings(entry, "trusted", where)),
        _strings(entry, "traps", where),
        days,
        tuple(_coverage(span, where) for span in _spans(entry, where)),
        delivered,
    )


def _spans(entry: Mapping[str, Any], where: str) -> list[object]:
    value = entry.get("coverage", [])
    if not isinstance(value, list):
        raise BadInput(f"{where}: coverage must be sections of the form [[sensors.NAME.coverage]]")
    return value


def _strings(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise BadInput(f"{where}: {key} must be a list of strings")
    return tuple(value)


def network(text: str, where: str) -> str:
    """An address or CIDR in canonical form; raises BadInput that names the place."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise BadInput(f"{where}: {text!r} is neither an address nor a CIDR such as 192.0.2.0/24") from None


def _coverage(span: object, where: str) -> Coverage:
    if not isinstance(span, dict) or set(span) - _COVERAGE_KEYS or "from" not in span:
        raise BadInput(f"{where}: each coverage needs 'from' and may have 'to' and 'change'")
    start, end = _day(span["from"], where), None if span.get("to") is None else _day(span["to"], where)
    if end is not None and end < start:
        raise BadInput(f"{where}: coverage ends ({end}) before it begins ({start})")
    return Coverage(start, end, span.get("change"))


def _day(value: object, where: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise BadInput(f"{where}: {value!r} is not a date such as 2026-01-31 (without quotes)")


def write_head(path: Path) -> None:
    """A description with nothing but its own explanation; one that is there already stays."""
    whole.write_once(path, _HEAD.encode(), 0o644)


def set_trusted(path: Path, sensor: str, trusted: tuple[str, ...]) -> bool:
    """Write the trusted relays of one sensor into the file, all else as it was; False where they stood there."""
    if read(path).sensor(sensor).trusted == trusted:
        return False
    document = tomlkit.parse(path.read_text("utf-8"))
    sensors = document.setdefault("sensors", tomlkit.table(is_super_table=True))
    sensors.setdefault(sensor, tomlkit.table())["trusted"] = list(trusted)
    whole.replace(path, tomlkit.dumps(document).encode())
    return True
