"""``depeer routes add`` with several files, folders, and what is in them besides."""

from __future__ import annotations

import json
from pathlib import Path

from lakes import depeer

AS_REL = "1|2|-1\n2|3|0\n"


def folder(path: Path) -> Path:
    path.mkdir()
    (path / "20080101.as-rel.txt").write_text(AS_REL)
    (path / "20080201.as-rel.txt").write_text(AS_REL + "3|4|-1\n")
    (path / "notes.txt").write_text("not a table\n")
    (path / "deeper").mkdir()
    return path


def test_of_a_folder_every_table_is_added_and_the_rest_is_named(tmp_path: Path) -> None:
    given = folder(tmp_path / "routing")
    done = depeer("routes", "add", given, "--lake", tmp_path / "lake", "--json")
    told = json.loads(done.stdout)
    assert [one["date"] for one in told["added"]] == ["2008-01-01", "2008-02-01"]
    assert [Path(name).name for name in told["left"]] == ["notes.txt"]
    again = depeer("routes", "add", given, "--lake", tmp_path / "lake")
    assert again.stdout.count("was there already") == 2
    assert "left alone" in again.stdout


def test_several_files_are_added_in_their_order(tmp_path: Path) -> None:
    given = folder(tmp_path / "routing")
    files = [given / "20080201.as-rel.txt", given / "20080101.as-rel.txt"]
    done = depeer("routes", "add", *files, "--lake", tmp_path / "lake")
    assert [line.split()[1][:24] for line in done.stdout.splitlines()] == [
        "relationships-2008-02-01",
        "relationships-2008-01-01",
    ]


def test_a_folder_without_a_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = depeer("routes", "add", tmp_path / "empty", "--lake", tmp_path / "lake")
    assert done.returncode == 65
    assert "no file in" in done.stdout


def test_a_mirror_of_a_source_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    done = depeer("routes", "fetch", "--base", "routeviews=http://127.0.0.1:9/", "--lake", tmp_path / "lake")
    assert done.returncode == 2
    assert "routeviews4" in done.stderr


def test_one_word_that_is_no_address_takes_no_answer_away(tmp_path: Path) -> None:
    table = tmp_path / "ipasn_20080101.dat"
    table.write_text("192.0.0.0/8\t64500\n")
    depeer("routes", "add", table, "--lake", tmp_path / "lake")
    words = ("lookup", "192.1.2.3", "192.0.2.300", "192.4.5.6", "--lake", tmp_path / "lake")
    told = depeer(*words, "--json")
    assert [one["asn"] for one in json.loads(told.stdout)] == [64500, 64500]
    assert told.returncode == 2
    assert "192.0.2.300" in told.stderr
    assert depeer("lookup", "nobody", "--lake", tmp_path / "lake").returncode == 2
