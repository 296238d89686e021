"""The MRT reader on real files: the complete text of ``bgpdump -m``, in its order."""

from __future__ import annotations

import bz2
import gzip
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from depeer.sources import mrt

pytestmark = pytest.mark.data

EXPECTED = [
    "bview.64k_stream_overflow.gz",
    *("bview.ipv4_unicast_add_path.gz", "bview.ipv6_unicast_add_path.gz"),
    *("updates.20020722.2238.gz", "updates.20070211.0141.gz", "updates.20071015.1505.gz"),
    *("updates.20100722.2015.gz", "updates.20160811.1600.gz", "updates.long_withdrawal.gz"),
]
LONG = ["bview.20020722.2337.gz", "updates.et-header.2015.gz"]
WITHOUT = [
    *("bird-mrtdump_rib", "bird6-mrtdump_rib", "openbgpd_rib_table-v2", "quagga_bgp", "quagga_rib"),
    "updates.20100227.1600.gz",
]
WITHOUT_LONG = [
    *("rib.20080501.0644_firstMB.bz2", "rib.20140523.0600_firstMB.bz2", "rib6.20151101.0600_firstMB.bz2"),
]


def unpacked(path: Path) -> bytes:
    """The whole content; of a file that breaks off, what there is."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return bz2.BZ2Decompressor().decompress(data) if path.suffix == ".bz2" else data


def lines(path: Path) -> list[str]:
    reading = mrt.read(io.BytesIO(unpacked(path)))
    return [line for batch in reading for line in mrt.bgpdump_lines(batch)]


def equal(found: list[str], wanted: str) -> bool:
    """Without a comparison of half a million lines in a failure's report."""
    return "".join(f"{line}\n" for line in found) == wanted


@pytest.mark.parametrize("name", [*EXPECTED, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)])
def test_text_equals_what_is_expected(data_dir: Path, name: str) -> None:
    folder = data_dir / "routing" / "mrt"
    wanted = gzip.decompress((folder / "expect" / f"{name}.bgp.gz").read_bytes()).decode()
    assert equal(lines(folder / name), wanted)


@pytest.mark.parametrize(
    "name", [*WITHOUT, *(pytest.param(name, marks=pytest.mark.slow) for name in WITHOUT_LONG)]
)
def test_text_equals_that_of_bgpdump(data_dir: Path, name: str) -> None:
    path = data_dir / "routing" / "mrt" / name
    assert equal(lines(path), bgpdump(path))


def bgpdump(path: Path) -> str:
    if not shutil.which("bgpdump"):
        pytest.skip("bgpdump is not installed (Debian package bgpdump)")
    done = subprocess.run(["bgpdump", "-m", str(path)], capture_output=True, check=True, text=True)
    return done.stdout


def test_withdrawals_of_1999_are_read_where_bgpdump_prints_the_peer_instead(data_dir: Path) -> None:
    """It prints the peer's address as the prefix of every withdrawal in a record of the type BGP."""
    path = data_dir / "routing" / "mrt" / "updates.19991214.1621.gz"
    ours, theirs = lines(path), bgpdump(path).splitlines()
    assert len(ours) == len(theirs) == 55_516
    for own, other in zip(ours, theirs, strict=True):
        if own != other:
            head, bits = own.split("/")
            assert head.split("|")[2] == "W"
            assert other == f"{head.rpartition('|')[0]}|{own.split('|')[3]}/{bits}"


def test_bits_beyond_the_length_mean_nothing(data_dir: Path) -> None:
    """The file holds one announcement of 11.13/13 and a torn second one; the network is 11.8.0.0/13.

    The expected text has a line for each way to print the one; bgpdump itself prints 11.13.0.0/13.
    """
    folder = data_dir / "routing" / "mrt"
    name = "updates.nlri_mask_trailing_bits.gz"
    wanted = gzip.decompress((folder / "expect" / f"{name}.bgp.gz").read_bytes()).decode().splitlines()
    assert lines(folder / name) == wanted[:1]


@pytest.mark.parametrize("name", ["rib.20140523.0600_firstMB.bz2"])
def test_a_table_that_breaks_off_lacks_its_last_record_only(data_dir: Path, name: str) -> None:
    reading = mrt.read(io.BytesIO(unpacked(data_dir / "routing" / "mrt" / name)))
    assert sum(batch.num_rows for batch in reading) > 100_000
    assert dict(reading.account.faults) == {"torn record": 1}
