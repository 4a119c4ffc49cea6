"""A pass in the log: one line at its end that tells it all, and one for each hold and failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

import structlog

from reconciler.cli.conduct import Conducted
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import summarize
from reconciler.daemon.breaker import Tally

log = structlog.get_logger()


def tally(conducted: Conducted) -> Tally:
    """How many changes were sent, and how many of them failed."""
    ends = Counter(each.result for each in _outcomes(conducted))
    failed = ends[Result.FAILED] + ends[Result.UNKNOWN]
    return Tally(writes=failed + ends[Result.APPLIED], failed=failed)


def tell_pass(conducted: Conducted, reasons: Iterable[str], *, may_write: bool) -> None:
    """Log a finished pass."""
    plan, pass_id = conducted.done.plan, conducted.header.id
    told = log.bind(pass_id=pass_id)
    for hold in plan.holds:
        told.warning("held", hold=hold.id, guard=hold.guard, on=hold.collection, detail=hold.detail)
    for (entry, principal), outcome in conducted.done.outcomes.shares.items():
        if outcome.result is not Result.APPLIED:
            told.warning(
                "not applied",
                collection=entry.name,
                principal=str(principal),
                outcome=outcome.result.value,
                error=outcome.error,
            )
    ends = Counter(each.result.value for each in _outcomes(conducted))
    told.info(
        "pass",
        verdict=conducted.verdict,
        reasons=sorted(reasons),
        may_write=may_write,
        **asdict(summarize(plan)),
        **ends,
        seconds=round(conducted.seconds, 2),
        requests=conducted.requests,
        commit=conducted.header.commit,
    )


def _outcomes(conducted: Conducted) -> Iterable[Outcome]:
    outcomes = conducted.done.outcomes
    return (*outcomes.shares.values(), *outcomes.collections.values())
