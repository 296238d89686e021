"""``routes add`` of relationships, then ``cut``, ``network`` and ``rank --customers-of``, end to end."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from depeer.cli import depeer
from depeer.errors import NotFound
from depeer.world.heard import listen, vantage_points
from depeer.world.internet import make_internet
from depeer.world.internet_spec import InternetSpec, Pinned
from depeer.world.mrt_rib import rib_file
from depeer.world.nouns import Kind, Link
from depeer.world.relationship_files import as_rel

AS_REL = """# source:topology|BGP|20080101|test|test
# input clique: 10 20
10|20|0
10|30|-1
20|40|-1
30|50|-1
40|50|-1
50|60|-1
"""


def run(*words: object) -> dict[str, object]:
    done = CliRunner().invoke(depeer, [*map(str, words), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cut")
    (folder / "20080101.as-rel.txt").write_text(AS_REL)
    added = run("routes", "add", folder / "20080101.as-rel.txt", "--lake", folder / "lake")
    assert (added["kind"], added["date"], added["entries"], added["skipped"]) == (
        "relationships",
        "2008-01-01",
        6,
        0,
    )
    return folder / "lake"


def test_the_cut_of_a_network_with_two_providers(lake: Path) -> None:
    whole = run("cut", "AS50", "--at", "2008-11-11", "--lake", lake)
    assert (whole["reach_before"], whole["reach_after"], whole["remaining"]) == (6, 6, [30, 40])
    assert whole["isolating_sets"][0] == [30, 40]  # type: ignore[index]
    assert whole["collateral"]["networks"] == 1  # type: ignore[index]
    half = run("cut", "50", "--at", "2008-11-11", "--without", "30", "--lake", lake)
    assert (half["reach_after"], half["remaining"]) == (6, [40])
    gone = run("cut", "50", "--at", "2008-11-11", "--without", "30,40", "--lake", lake)
    assert (gone["reach_after"], gone["remaining"], gone["falls"]) == (2, [], True)
    stays = run("cut", "50", "--without", "30,40", "--outages", 0, 20, "--lake", lake)
    returns = run("cut", "50", "--without", "30,40", "--outages", 20, 0, "--lake", lake)
    later = [one["p_offline"]["later"]["estimate"] for one in (stays, returns)]  # type: ignore[index]
    assert later[0] > 4 * later[1], "outages that were watched say whether networks come back"


def test_a_network_shows_its_neighbours(lake: Path) -> None:
    found = run("network", "AS50", "--at", "2008-11-11", "--lake", lake)
    assert (found["providers"], found["peers"], found["customers"]) == ([30, 40], [], [60])


def test_who_is_not_in_the_file_is_said_so(lake: Path) -> None:
    with pytest.raises(NotFound, match="AS99 is not in relationships-2008-01-01"):
        run("cut", "AS99", "--lake", lake)


def test_a_table_of_a_few_prefixes_is_added_and_said_to_be_a_part(tmp_path: Path) -> None:
    whole = [f"{16 + (k >> 7)}.{2 * k & 255}.0.0/16\t64496" for k in range(1500)]
    (tmp_path / "ipasn_20080501.dat").write_text("; IP-ASN32-DAT file\n" + "\n".join(whole) + "\n")
    (tmp_path / "ipasn_20080601.dat").write_text("; IP-ASN32-DAT file\n16.0.0.0/16\t64497\n")
    place = tmp_path / "lake"
    first, second = (
        run("routes", "add", tmp_path / f"ipasn_2008{m}01.dat", "--lake", place) for m in ("05", "06")
    )
    assert [one["snapshots"][0]["part"] for one in (first, second)] == [False, True]  # type: ignore[index]
    answer = run("lookup", "16.0.0.1", "--at", "2008-07-01", "--lake", place)
    assert "2008-05-01" in json.dumps(answer)
    assert "2008-06-01" not in json.dumps(answer)


def test_an_uplink_that_only_the_table_shows_is_counted_on(tmp_path: Path) -> None:
    """Simulated: AS50001's provider is in every file, its other uplink in none, and both carry its routes."""
    told = Pinned(50_001, "told (simulated)", Kind.HOSTING, providers=(50_011,))
    alike = Pinned(50_002, "alike (simulated)", Kind.HOSTING, providers=(50_011,))
    spec = InternetSpec(networks=150, pinned=(told, alike), links=(Link(50_012, 50_001, hidden=True),))
    internet, lake = make_internet(spec, 3), tmp_path / "lake"
    for back in (120, 60, 0):
        day = spec.epoch - timedelta(days=back)
        (tmp_path / f"simulated-{day:%Y%m%d}.as-rel.txt").write_bytes(as_rel(internet, day))
    points = vantage_points(internet, 12)
    (tmp_path / "simulated-rib.gz").write_bytes(rib_file(listen(internet, internet.at(spec.epoch), points)))
    for file in sorted(tmp_path.glob("simulated-*")):
        run("routes", "add", file, "--lake", lake)
    day = f"{spec.epoch + timedelta(days=10):%Y-%m-%d}"
    found, other = (
        run("cut", asn, "--at", day, "--without", 50_011, "--lake", lake) for asn in (50_001, 50_002)
    )
    assert found["remaining"] == [], "as far as the file knows"
    assert found["p_offline"]["now"]["estimate"] < 0.1  # type: ignore[index]
    assert found["next_uplinks"][0]["asn"] == 50_012  # type: ignore[index]
    assert other["p_offline"]["now"]["estimate"] > 0.5  # type: ignore[index]


def test_the_text_names_the_uplinks_that_carry_most(lake: Path, tmp_path: Path) -> None:
    links = [f"10|{asn}|-1" for asn in range(100, 160)] + [f"50|{asn}|0" for asn in range(100, 160)]
    (tmp_path / "20080101.as-rel.txt").write_text("\n".join([AS_REL.strip(), *links]) + "\n")
    run("routes", "add", tmp_path / "20080101.as-rel.txt", "--lake", tmp_path / "lake")
    words = ["cut", "50", "--without", "30", "--lake", str(tmp_path / "lake")]
    said = CliRunner().invoke(depeer, words, catch_exceptions=False).stdout
    assert "22 more, through which fewer hear it" in said
    assert "severed" in said
    plain = CliRunner().invoke(depeer, ["cut", "50", "--lake", str(lake)], catch_exceptions=False).stdout
    assert "AS30; AS40" in plain
    assert "likely next uplinks" not in plain
    assert "--without" in plain
