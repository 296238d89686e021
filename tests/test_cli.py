"""The command line: there at once, every verb explains itself, every verb is in the README."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from depeer.cli import VERBS, depeer
from depeer.cli.common import table, visible

ROOT = Path(__file__).parent.parent
HEAVY = (
    "pyarrow",
    "numpy",
    "duckdb",
    "deltalake",
    "scipy",
    "altair",
    "vl_convert",
    "rich",
    "tomlkit",
    "idna",
)
SUBVERBS = {"routes": ("add", "list")}
WORDS = [[verb] for verb in VERBS] + [[verb, sub] for verb, subs in SUBVERBS.items() for sub in subs]


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import json, sys; sys.argv = ['depeer', '--help']\n"
        "from depeer.cli import main\n"
        "code = 0\n"
        "try: main()\n"
        "except SystemExit as e: code = e.code\n"
        "print(json.dumps([code, sorted({m.partition('.')[0] for m in sys.modules})]))"
    )
    told = _python(code).splitlines()[-1]
    code_, modules = json.loads(told)
    assert code_ in (0, None)
    assert [name for name in HEAVY if name in modules] == []


def test_help_of_a_verb_imports_nothing_heavy() -> None:
    code = (
        "import json, sys\n"
        "from depeer.cli import VERBS, depeer\n"
        "for verb in VERBS: depeer.get_command(None, verb)\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    assert [name for name in HEAVY if name in json.loads(_python(code))] == []


def test_help_is_there_at_once() -> None:
    """0.3 s on a quiet machine; on a busy one, little more than the interpreter and click take by themselves."""

    def best(*words: str) -> float:
        seconds = []
        for _ in range(4):
            started = time.perf_counter()
            subprocess.run([sys.executable, *words], capture_output=True, check=True)
            seconds.append(time.perf_counter() - started)
        return min(seconds)

    bare = best("-c", "import click, importlib.metadata")
    assert best("-m", "depeer", "--help") < max(0.3, bare + 0.15)


@pytest.mark.parametrize("words", [[], *WORDS], ids=" ".join)
def test_every_verb_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    depeer.main([*words, "--help"], prog_name="depeer", standalone_mode=False)
    shown = capsys.readouterr().out
    assert shown.startswith(" ".join(["Usage: depeer", *words]))
    assert max(map(len, shown.splitlines())) <= 100
    if not words:
        assert all(f"  {verb} " in shown for verb in VERBS)


@pytest.mark.parametrize(
    "words", [w for w in WORDS if w not in (["demo"], ["routes"], ["world"])], ids=" ".join
)
def test_every_verb_takes_a_lake_and_answers_in_json(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    depeer.main([*words, "--help"], prog_name="depeer", standalone_mode=False)
    shown = capsys.readouterr().out
    assert "--lake" in shown
    assert "--json" in shown


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_readme(verb: str) -> None:
    rows = [
        line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("| `depeer ")
    ]
    assert any(line.startswith(f"| `depeer {verb}") for line in rows), f"the README's table lacks {verb}"


def test_the_readme_names_no_verb_that_is_not_there() -> None:
    rows = (ROOT / "README.md").read_text("utf-8").splitlines()
    named = {line.split()[2].strip("`") for line in rows if line.startswith("| `depeer ")}
    assert named <= set(VERBS)


def test_hostile_words_cannot_steer_the_terminal() -> None:
    assert visible("a\x1b[2Jb\u202ec\nd\x07") == "a\ufffd[2Jb\ufffdc\nd\ufffd"


def test_too_little_room_breaks_no_figure_and_no_network(capsys: pytest.CaptureFixture[str]) -> None:
    figures = [f"{10**place:,}" for place in range(4, 15)]
    columns = [("network", "<"), ("a name", "<"), *((f"of kind {n}", ">") for n in range(len(figures)))]
    table("A title", columns, [("AS4200000000", "several words that fold", *figures)])
    said = capsys.readouterr().out
    for whole in ("AS4200000000", *figures):
        assert whole in said
    assert "several words" not in said
