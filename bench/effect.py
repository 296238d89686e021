"""One event in one series of 1,000 days, placebos and all, beside tfcausalimpact 0.0.19: turn by turn in one run.

``python -m bench.effect``. The peer gets an environment of its own, made here once (``build/peers``, 2 GB with
TensorFlow); where it cannot be installed the output says so and depeer is timed alone. Each turn is a fresh process
on either side, reading the same CSV; imports are apart. The series is made up, so its truth is known: *simulated*.
The peer runs as it comes (variational inference, no season), which is its fastest way.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
PEER = "tfcausalimpact==0.0.19"
HOME = ROOT / "build" / "peers" / "tfcausalimpact"
SEED, CELLS, AFTER, WINDOW = 20081111, 1000, 100, 30
START = date(2006, 5, 29)
DROP, PHI, NOISE = 0.6, 0.5, 0.12
OURS = """
import json, sys, time
from datetime import date
from pathlib import Path
begun = time.perf_counter()
from depeer.judgement.effect import assess
from depeer.lake.series import from_file
imported, used = time.perf_counter(), time.process_time()
card = assess(from_file(Path(sys.argv[1])), date.fromisoformat(sys.argv[2]))
done = time.perf_counter()
drop = card.drop(30).drop
print(json.dumps({"import_seconds": imported - begun, "seconds": done - imported,
    "cpu_seconds": time.process_time() - used, "drop": drop.value, "low": drop.low, "high": drop.high,
    "placebos": card.trial.n}))
"""


def run(turns: int = 3) -> dict[str, Any]:
    """Medians over turns; the ratio is the median of those of the turns. ``peer`` None: it is not there."""
    peer, why = environment()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.csv"
        event, truth = write(path)
        last = event + timedelta(WINDOW - 1)
        mine, theirs = [], []
        for _ in range(turns):
            mine.append(_ask([sys.executable, "-c", OURS, str(path), str(event)]))
            if peer:
                script = str(ROOT / "bench" / "peer_causalimpact.py")
                theirs.append(_ask([str(peer), script, str(path), str(event), str(last)]))
    out: dict[str, Any] = {
        "series": f"simulated, {CELLS} days, {AFTER} after the event, AR(1) {PHI}, weekly season",
        "truth": {f"drop over {WINDOW} days": truth},
        "depeer": _middle(mine),
        "peer": _middle(theirs) if theirs else None,
    }
    if not theirs:
        return out | {"why": why}
    ratio = statistics.median(b["seconds"] / a["seconds"] for a, b in zip(mine, theirs, strict=True))
    return out | {"ratio": ratio, "package": PEER}


def write(path: Path) -> tuple[date, float]:
    """The series, its event, and the drop of the rate over the window."""
    rng = np.random.default_rng(SEED)
    noise = np.zeros(CELLS)
    for t in range(1, CELLS):
        noise[t] = PHI * noise[t - 1] + NOISE * np.sqrt(1 - PHI**2) * rng.standard_normal()
    days = [START + timedelta(n) for n in range(CELLS)]
    season = np.array([0.1 if day.weekday() < 5 else -0.2 for day in days])
    rate = 1000 * np.exp(noise + season)
    rate[CELLS - AFTER :] *= 1 - DROP
    lines = [f"{day},{n}" for day, n in zip(days, rng.poisson(rate), strict=True)]
    path.write_text("date,count\n" + "\n".join(lines) + "\n", "utf-8")
    return days[CELLS - AFTER], DROP


def environment() -> tuple[Path | None, str]:
    """The peer's interpreter, made where it is not there yet; None and why where that fails."""
    python = HOME / "bin" / "python"
    if python.exists() and not _fault([str(python), "-c", "import causalimpact"]):
        return python, ""
    print(f"making an environment for {PEER} in {HOME} (once; some minutes)", file=sys.stderr)
    fault = _fault([sys.executable, "-m", "venv", "--clear", str(HOME)])
    fault = fault or _fault([str(python), "-m", "pip", "install", "--quiet", PEER])
    return (None, f"{PEER} cannot be installed here: {fault}") if fault else (python, "")


def _fault(words: list[str]) -> str:
    """The last line that a command that failed has said; empty where it did not fail."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if not done.returncode:
        return ""
    return next(iter((done.stderr or done.stdout).strip().splitlines()[-1:]), f"exit code {done.returncode}")


def _ask(words: list[str]) -> dict[str, float]:
    begun = time.perf_counter()
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=quiet, cwd=ROOT)
    answer: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer | {"process_seconds": time.perf_counter() - begun}


def _middle(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description="one event, beside tfcausalimpact")
    parser.add_argument("--turns", type=int, default=3)
    print(json.dumps(run(parser.parse_args().turns), indent=2))


if __name__ == "__main__":
    main()
