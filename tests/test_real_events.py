"""Real events and artefacts against the criteria that were committed first; skipped where the data is absent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import real_events, trec_removals

from depeer.measures.effect.series import Step

CRITERIA = real_events.criteria()
EVENTS = {event["name"]: event for event in CRITERIA["event"]}
NOT_YET = {
    "emotet-pause-found": "a level that falls to nothing, returns and falls again passes for wandering noise",
}
"""Events on which depeer's answer is known to be wrong, and why; see docs/real-events.md."""

SLOW = {"asn-drop-not-mirrored", "feodo-families-hidden", "urlhaus-absent", "trickbot-disruption"}

pytestmark = pytest.mark.data


@pytest.fixture
def abuse(data_dir: Path) -> Path:
    if not (data_dir / "abuse").is_dir():
        pytest.skip(f"no listings in {data_dir}; they are not part of the project")
    return data_dir


def _events() -> list[Any]:
    return [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in EVENTS]


@pytest.mark.parametrize("name", _events())
def test_an_event_is_called_what_it_is(name: str, abuse: Path, request: pytest.FixtureRequest) -> None:
    if name in NOT_YET:
        request.applymarker(pytest.mark.xfail(reason=NOT_YET[name], strict=True))
    answer = real_events.ask(abuse, EVENTS[name])
    assert answer.right, f"{answer.wrong}: {answer.said}"


@pytest.mark.slow
def test_dates_of_no_event(abuse: Path) -> None:
    answer = real_events.placebos(abuse, CRITERIA["placebo"])
    assert answer.right, answer.said


def test_the_series_are_what_the_criteria_say(abuse: Path) -> None:
    """Coverage: a week without Emotet is a zero while the source gave anything, and unknown while it did not."""
    (emotet,) = real_events.series(abuse, EVENTS["emotet-pause"]["series"])
    assert emotet.step is Step.WEEK
    assert emotet.counts[emotet.cell(date(2019, 7, 1))] == 0
    assert np.isnan(emotet.counts[emotet.cell(date(2020, 7, 6))])
    (qakbot,) = real_events.series(abuse, EVENTS["qakbot-controllers"]["series"])
    assert qakbot.counts[qakbot.cell(date(2023, 8, 26))] == 81
    asn, drop, edrop = real_events.series(abuse, EVENTS["asn-drop-not-mirrored"]["series"])
    assert [s.counts[s.cell(date(2021, 11, 3))] for s in (asn, drop, edrop)] == [517, 1041, 66]
    assert asn.counts[asn.cell(date(2021, 11, 4))] == 0
    assert np.isnan(asn.counts[asn.cell(date(2018, 7, 1))])


# --------------------------------------------------------------------------- removals, on mail that is made up


def _mail(rng: np.random.Generator) -> trec_removals.Mail:
    plan = CRITERIA["removals"]
    first, last = plan["whole_days"]
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return trec_removals.Mail(rng.poisson(40.0, (60, len(days))), days, np.arange(60))


def test_what_is_removed_is_what_the_truth_says() -> None:
    plan, mail = CRITERIA["removals"], _mail(np.random.default_rng(1))
    for run in range(20):
        one = trec_removals.draw(mail, plan, run)
        low, high = plan["networks"]
        assert low <= len(set(one.chosen.tolist())) == len(one.chosen) <= high
        assert plan["event"][0] <= mail.days[one.at] <= plan["event"][1]
        lost = mail.counts - one.left
        assert (lost >= 0).all()
        assert lost[:, : one.at].sum() == 0
        assert np.delete(lost, one.chosen, axis=0).sum() == 0
        taken = lost[one.chosen, one.at :].sum() / mail.counts[one.chosen, one.at :].sum()
        assert taken == pytest.approx(one.share, abs=0.05)


def test_on_steady_mail_the_interval_holds_what_was_removed() -> None:
    """Poisson mail without waves: what misses on the real mail is the mail."""
    plan, mail = CRITERIA["removals"], _mail(np.random.default_rng(2))
    runs = [trec_removals.draw(mail, plan, run) for run in range(15)]
    rows: list[dict[str, Any]] = [trec_removals.score(mail, one, one.chosen, plan["window"]) for one in runs]
    found = trec_removals.summary(rows, plan)
    assert found["held"] >= 13
    assert found["month_refused"] == found["runs"] == found["answered"] == 15
