"""CSV files of counts as a clumsy or hostile hand writes them: read right, or refused with line and reason."""

from __future__ import annotations

import gzip
import io
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from depeer.cli import depeer
from depeer.errors import BadInput, DepeerError, NotFound
from depeer.lake import series
from depeer.measures.effect.series import Step
from depeer.sources.counts import read_counts

DAYS = [date(2008, 11, 1) + timedelta(n) for n in range(12)]


def table(*rows: str, head: str = "date,count", end: str = "\n") -> str:
    return "".join(line + end for line in (head, *rows))


def days(form: str = "{day},{n}", head: str = "date,count", end: str = "\n", **more: str) -> str:
    rows = (form.format(day=day, n=100 + i, **more) for i, day in enumerate(DAYS))
    return table(*rows, head=head, end=end)


def read(text: str) -> dict[str, list[float]]:
    return {key: rows.counts for key, rows in read_counts(io.StringIO(text, newline=""), "a.csv").items()}


COUNTED = [100.0 + i for i in range(12)]


@pytest.mark.parametrize(
    "text",
    [
        days(),
        days(end="\r\n"),
        days(end="\r"),
        "\ufeff" + days(),
        "\ufeff" + days(head='"date","count"'),
        days("{day};{n}", "date;count"),
        days("{day}\t{n}", "date\tcount"),
        days("{day}|{n}", "date|count"),
        days(head="Date , COUNT"),
        days("{day},{n}.0"),
        days("{day}, +{n}"),
        days("{day},{n}e0"),
        days('{day},"{n}"'),
        days("{day},{n},", "date,count,"),
        days("{day}T00:00:00Z,{n}"),
        days("{day:%Y%m%d},{n}"),
        "# by hand, \"so\n\n" + days() + ",\n,,\n".replace(",,", ","),
        days("{day},{n},of no matter", "day,messages,remark"),
    ],
)  # fmt: skip
def test_the_same_counts_however_they_are_written(text: str) -> None:
    assert read(text) == {"": COUNTED}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n \n\n", "is empty"),
        ("date,count\n", "a header and no rows"),
        ("date\n2008-11-01\n", "none of counts"),
        (table("2008-11-01,5"), "one time only"),
        (table("2008-11-01,0", "2008-11-02,", "2008-11-03,nan"), "nothing but zeros and gaps"),
        (table("2008-11-01,5", head="foo,bar"), "no column 'date'.*'foo,bar'"),
        ("2008-11-01,5\n2008-11-02,5\n", "no column 'date'"),
        ("<html><body>date,count</body></html>\n", "no column 'date'"),
        (days(head="date,count,count", form="{day},{n},{n}"), "two columns 'count'"),
        (days("{day},{n},{n}", "date,a,a"), "two columns 'a'"),
        (days("{day},{n},{n}", "date,a,"), "line 2: '100' stands in column 3, which has no name"),
        (table("2008-11-01,5", "2008-11-03,5", "2008-11-02,5"), "line 4: '2008-11-02' is out of order"),
        (table("2008-11-02,5", "", "2008-11-02,5"), r"line 4: '2008-11-02' is there twice \(line 2\)"),
        (table("2008-11-01,5", "2008-11-02,many"), "line 3: 'many' is no number"),
        ("# c\n\n" + table("2008-11-01,5", "2008-11-02,x"), "line 5: 'x' is no number"),
        (table("2008-11-01,-4"), "line 2: a count is at least 0, not -4"),
        (table("2008-11-01,inf"), "line 2: a count is finite"),
        (table("2008-11-01,-Infinity"), "line 2: a count is finite"),
        (table("2008-11-01,1e16"), "above 1e\\+15"),
        (table("2008-11-01," + "9" * 5000), "above 1e\\+15"),
        (table("2008-11-01,0x10"), "'0x10' is no number"),
        (table("2008-11-01,١٢٣"), "is no number"),
        (table('2008-11-01,"1,234"'), "line 2: '1,234' holds a separator of thousands"),
        (table("2008-11-01;1.234.567", head="date;count"), "separator of thousands"),
        (table("2008-11-01,1 234"), "separator of thousands"),
        (table("2008-11-01,1_234"), "separator of thousands"),
        (table("2008-11-01,1,234"), "line 2: 3 cells where the header has 2"),
        (table("2008-11-01,987", "2008-11-02,1.234", "2008-11-03,2.000"), "line 3: '1.234' may be 1234"),
        (table("01/11/2008,5"), "line 2: '01/11/2008' is not a date"),
        (table("11.01.2008,5"), "is not a date"),
        (table("1225497600,5"), "is not a date"),
        (table("2008-11,5"), "is not a date"),
        (table("2008-11-31,5"), "'2008-11-31' is not a date"),
        (table("2008-11-01\0,5"), r"'2008-11-01\\x00' is not a date"),
        (table("total,5"), "'total' is not a date"),
        (table("0001-01-01T00:00:00+05:00,5"), "the year of"),
        (table("9999-12-31,5"), "the year of"),
        (table("2008-11-01T00:00:00Z,5", "2008-11-01T01:00:00,5"), "line 3: times with and without a zone"),
        (days("{day},{n},hello", "date,trap,remark"), "line 2: 'hello' is no number"),
        ('date,count\n"2008-11-01,5\n' + "x" * 200_000, "field larger than"),
        ('date,count\n2008-11-01,"5"6\n', "line 2: .*expected after"),
        (table(*(f"2008-{month:02d}-01,5" for month in range(1, 9))), "29 days to 31 days apart"),
        (table(*(f"2008-11-{day:02d},5" for day in (1, 3, 5, 8))), "48 hours|2 days to 3 days apart"),
        (table(*(f"2008-11-01T{h:02d}:00,5" for h in range(0, 24, 6))), "6 hours to 6 hours apart"),
        (table(*(f"2008-11-01T00:{m:02d},5" for m in range(3))), "no grid"),
    ],
)  # fmt: skip
def test_refused_with_line_and_reason(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        read(text)
    assert "a.csv" in str(refused.value)


def test_a_fraction_that_cannot_be_a_thousand_is_taken() -> None:
    text = table("2008-11-01,1.234", "2008-11-02,2.5", "2008-11-03,0.125")
    assert read(text) == {"": [1.234, 2.5, 0.125]}


def test_weeks_then_days_are_not_days_with_gaps() -> None:
    weeks = [f"{date(2008, 6, 2) + timedelta(7 * n)},700" for n in range(20)]
    with pytest.raises(BadInput, match=r"line 3: 20 rows in a row are a week apart"):
        read(table(*weeks, *(f"{day},100" for day in DAYS)))


def test_days_of_local_time_that_move_by_an_hour_are_no_hours() -> None:
    rows = (f"{day}T00:00:00+0{2 if day < DAYS[5] else 1}:00,5" for day in DAYS)
    with pytest.raises(BadInput, match="24 hours to 25 hours apart"):
        read(table(*rows))


def test_gaps_are_taken_as_gaps() -> None:
    gone = {3, 4, 8}
    text = table(*(f"{day},{'' if i == 6 else 5}" for i, day in enumerate(DAYS) if i not in gone))
    rows = read_counts(io.StringIO(text), "a.csv")[""]
    assert len(rows.counts) == 9
    assert np.isnan(rows.counts).sum() == 1


def test_sensors_in_one_column_or_in_many() -> None:
    long = days("{day},b,{n}", "date,sensor,count") + "".join(f"{day},a,7\n" for day in DAYS)
    wide = days("{day},{n},7", "date,b,a")
    assert read(long) == read(wide) == {"b": COUNTED, "a": [7.0] * 12}


def test_zones_are_brought_to_one() -> None:
    text = table(*(f"2008-11-01T0{h}:30:00+05:30,5" for h in range(3, 8)))
    assert read_counts(io.StringIO(text), "a.csv")[""].times[0] == datetime(2008, 10, 31, 22, tzinfo=UTC)


@given(st.text(max_size=60), st.sampled_from(["date,count\n", "date;sensor;count\n2008-11-01;a;5\n", ""]))
def test_any_text_is_read_or_refused(text: str, head: str) -> None:
    with suppress(BadInput):
        read(head + text)


# ----------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(days().encode(), mtime=0), "compressed"),
        (days().encode("utf-16"), "UTF-16"),
        ("date,sensor,count\n2008-11-01,Zürich,5\n".encode("latin-1"), "line 2: it is no UTF-8"),
        (bytes(range(128, 256)) * 40, "no UTF-8"),
        (b"PK\x03\x04" + b"\0" * 50, "spreadsheet"),
    ],
    ids=["gzip", "utf-16", "latin-1", "binary", "zip"],
)  # fmt: skip
def test_files_that_are_no_text(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(BadInput, match=words):
        series.from_file(tmp_path / "a.csv")


def test_a_folder_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        series.from_file(tmp_path)
    with pytest.raises(NotFound, match="check the path"):
        series.from_file(tmp_path / "none.csv")


def test_an_endless_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "MOST_BYTES", 100)
    (tmp_path / "a.csv").write_text(days())
    with pytest.raises(BadInput, match="larger than"):
        series.from_file(tmp_path / "a.csv")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(days().encode())))
    (found,) = series.from_file(Path("-"))
    assert (found.step, len(found)) == (Step.DAY, 12)
    done = CliRunner().invoke(depeer, ["dates", "--series", "-", "--json"], input=days())
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("verb", [["effect", "--date", "2008-11-08"], ["dates"]])
@pytest.mark.parametrize("text", [table("2008-11-01,5"), table("2008-11-01,0", "2008-11-02,0"), "x"])
def test_both_verbs_refuse_and_give_no_number(verb: list[str], text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    done = CliRunner().invoke(depeer, [*verb, "--series", str(tmp_path / "a.csv"), "--json"])
    assert isinstance(done.exception, DepeerError)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ["effect", "--date", "2008-11-08", "--seed", "-5"],
        ["effect", "--date", "2008-13-08"],
        ["effect", "--date", "2008-11-08", "--change", "2008-11"],
        ["dates", "--rate", "nan"],
        ["dates", "--rate", "0"],
    ],
)
def test_words_that_do_not_fit_are_refused(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(days())
    done = CliRunner().invoke(depeer, [*words, "--series", str(tmp_path / "a.csv"), "--json"])
    assert done.exit_code == 2 or isinstance(done.exception, DepeerError)
    assert done.stdout == ""
