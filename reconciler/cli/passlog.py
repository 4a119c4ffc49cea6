"""A pass in the log: one line at its end that tells it all, and one for each hold and failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

import structlog

from reconciler.cli.conduct import Conducted
from reconciler.core.document import instant
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import summarize
from reconciler.daemon.breaker import Tally
from reconciler.daemon.extent import Extent
from reconciler.errors import Problem

log = structlog.get_logger()


def tally(conducted: Conducted) -> Tally:
    """How many changes were sent, and how many of them failed."""
    ends = Counter(each.result for each in _outcomes(conducted))
    failed = ends[Result.FAILED] + ends[Result.UNKNOWN]
    return Tally(writes=failed + ends[Result.APPLIED], failed=failed)


def tell_pass(
    conducted: Conducted,
    reasons: Iterable[str],
    extent: Extent | None = None,
    *,
    may_write: bool,
) -> None:
    """Log a finished pass; and, where it did not read the whole file, how much of it."""
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
        **_unread(extent),
        seconds=round(conducted.seconds, 2),
        requests=conducted.requests,
        commit=conducted.header.commit,
    )


def _unread(extent: Extent | None) -> dict[str, object]:
    """The collections that were left unread, all of which agreed with the file since then."""
    if extent is None or extent.is_whole:
        return {}
    return {"unread": extent.of - extent.collections, "agreed_since": instant(extent.since)}


def tell_refused(problems: Iterable[Problem]) -> None:
    """Log why a file that never was any good has nothing done for it."""
    for each in problems:
        place = str(each.location)
        log.error("nothing is done for this file", place=place, problem=each.message)


def _outcomes(conducted: Conducted) -> Iterable[Outcome]:
    outcomes = conducted.done.outcomes
    return (*outcomes.shares.values(), *outcomes.collections.values())
