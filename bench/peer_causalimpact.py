"""What tfcausalimpact says of one event: run by the interpreter of its own environment (see ``bench/effect.py``).

``python peer_causalimpact.py FILE.csv FIRST_DAY_AFTER LAST_DAY_AFTER`` prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    path, event, last = sys.argv[1:4]
    begun = time.perf_counter()
    import pandas as pd
    from causalimpact import CausalImpact

    imported, used = time.perf_counter(), time.process_time()
    counts = pd.read_csv(path, parse_dates=["date"], index_col="date").asfreq("D")
    before = [counts.index[0], pd.Timestamp(event) - pd.Timedelta(days=1)]
    found = CausalImpact(counts.astype("float64"), before, [pd.Timestamp(event), pd.Timestamp(last)])
    relative = found.summary_data["average"]
    done = time.perf_counter()
    answer = {
        "import_seconds": imported - begun,
        "seconds": done - imported,
        "cpu_seconds": time.process_time() - used,
        "drop": -float(relative["rel_effect"]),
        "low": -float(relative["rel_effect_upper"]),
        "high": -float(relative["rel_effect_lower"]),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
