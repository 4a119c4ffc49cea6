"""
The journal: what each pass was about to do, written down before it does it.

An intention is on disk before its request is sent, and its outcome is added after. What
has an intention and no outcome, because the process died in between, is unknown: it may
have happened. Of one share intended twice in a round before anything is known, the later
intention stands: the service was asked again in between.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    Connection,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from reconciler.core.model import Principal
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import Change
from reconciler.errors import StateError
from reconciler.state import schema
from reconciler.state.history import History
from reconciler.state.intentions import Check, Intentions
from reconciler.state.records import (
    PassRecord,
    Verdict,
    change_values,
    outcome_values,
    pass_record,
)
from reconciler.state.schema import passes
from reconciler.state.store import Store

INTERRUPTED = Outcome(
    Result.UNKNOWN, "the pass ended before the answer was written down", may_land=True
)
UNSETTLED = {"outcome": None, "error": None, "final": False, "may_land": False}


class Journal(History):
    """
    What passes do, and did. Each call that writes is on disk when it returns.

    Each intention has `check` look in its transaction whether this writer may still write;
    what that raises leaves nothing on record. What was done is put on record in any case.

    Only who has begun a pass writes down its intentions and what became of them.
    """

    def __init__(self, store: Store, check: Check = lambda _: None) -> None:
        super().__init__(store)
        self._check = check
        self._begun: dict[str, datetime] = {}
        self._intentions = Intentions(store, check)

    def begin(
        self,
        pass_id: str,
        *,
        kind: str,
        started_at: datetime,
        holder: str,
        config_digest: str | None,
        commit: str | None,
    ) -> None:
        """Put a pass on record as running. `kind` is apply, run, undo or plan."""
        begun = insert(passes).values(
            tenant=self._tenant,
            id=pass_id,
            kind=kind,
            verdict=Verdict.RUNNING.value,
            holder=holder,
            config_digest=config_digest,
            config_commit=commit,
            started_at=started_at,
        )
        with self._store.write() as connection:
            connection.execute(begun)
        self._begun[pass_id] = started_at

    def planned(self, pass_id: str, round: int, document: Mapping[str, object]) -> None:
        """Keep the plan of a round; a second one of the same round takes its place."""
        key = {"tenant": self._tenant, "pass_id": pass_id, "round": round}
        packed = zlib.compress(json.dumps(dict(document), separators=(",", ":")).encode())
        with self._store.write() as connection:
            connection.execute(delete(schema.planned).filter_by(**key))
            connection.execute(insert(schema.planned).values(**key, document=packed))

    def intend(
        self,
        pass_id: str,
        round: int,
        collection_id: int | None,
        collection_name: str,
        changes: Sequence[Change],
    ) -> None:
        """Write down what is about to be sent; only then may the request go out."""
        if pass_id not in self._begun:
            raise _never_begun(pass_id)
        row = {
            "tenant": self._tenant,
            "pass_id": pass_id,
            "round": round,
            "collection_id": collection_id,
            "collection_name": collection_name,
            **UNSETTLED,
            "at": self._begun[pass_id],
        }
        rows = {each.principal: row | change_values(each) for each in changes}
        self._intentions.intend((pass_id, round, collection_id), rows)

    def settle(
        self,
        pass_id: str,
        round: int,
        collection_id: int | None,
        outcomes: Mapping[Principal, Outcome],
        *,
        at: datetime,
    ) -> None:
        """
        Write down what became of what was intended; a later word replaces an earlier.

        What was not tried need not have been intended. Raises `ValueError` on any other
        outcome of a change that nobody intended.
        """
        self._intentions.settle((pass_id, round, collection_id), outcomes, at)

    def intend_collection(
        self, pass_id: str, name: str, owner_id: int | None, at: datetime
    ) -> None:
        """Write down that a collection is about to be created; only then may it be sent."""
        intention = insert(schema.creations).values(
            tenant=self._tenant,
            pass_id=pass_id,
            name=name,
            owner_id=owner_id,
            sent_at=at,
            unsettled=True,
            **UNSETTLED,
        )
        with self._store.write() as connection:
            self._check(connection)
            connection.execute(intention)

    def settle_collection(  # noqa: PLR0917 - says what `intend_collection` says, and more
        self,
        pass_id: str,
        name: str,
        owner_id: int | None,
        outcome: Outcome,
        collection_id: int | None,
        at: datetime,
    ) -> None:
        """
        Write down what became of a creation.

        `applied` and `failed` also settle what was lost of that name and owner before,
        and may be said by a pass that created nothing but found out: it is there, or not.
        """
        table = schema.creations
        same = and_(
            table.c.tenant == self._tenant,
            table.c.name == name,
            table.c.owner_id.is_not_distinct_from(owner_id),
        )
        told = outcome_values(outcome) | {"settled_at": at, "collection_id": collection_id}
        told["unsettled"] = outcome.result is Result.UNKNOWN
        latest = select(func.max(table.c.id)).where(same, table.c.pass_id == pass_id)
        with self._store.write() as connection:
            connection.execute(
                update(table).where(table.c.id == latest.scalar_subquery()).values(**told)
            )
            if outcome.result in {Result.APPLIED, Result.FAILED}:
                connection.execute(
                    update(table).where(same, table.c.unsettled).values(unsettled=False)
                )

    def finish(
        self,
        pass_id: str,
        *,
        verdict: str,
        summary: Mapping[str, object],
        finished_at: datetime,
    ) -> None:
        """Close a pass with one of the `Verdict`s and its counts."""
        closed = (
            update(passes)
            .where(passes.c.tenant == self._tenant, passes.c.id == pass_id)
            .values(
                verdict=Verdict(verdict).value,
                summary=json.dumps(dict(summary)),
                finished_at=finished_at,
            )
        )
        with self._store.write() as connection:
            if not connection.execute(closed).rowcount:
                raise _never_begun(pass_id)

    def mark_interrupted(
        self, *, except_holders_alive: Callable[[str], bool] | None = None
    ) -> tuple[PassRecord, ...]:
        """
        Close the passes that nobody is running any more; return them, the oldest first.

        Who holds the lease on writing may leave the question out: no other pass can be
        writing. Else it is asked of each holder, `HOST:PID`.
        """
        running = (
            select(passes)
            .where(passes.c.tenant == self._tenant, passes.c.verdict == Verdict.RUNNING.value)
            .order_by(passes.c.started_at, passes.c.id)
        )
        with self._store.write() as connection:
            dead = [
                replace(pass_record(row), verdict=Verdict.INTERRUPTED)
                for row in connection.execute(running)
                if except_holders_alive is None or not except_holders_alive(row.holder)
            ]
            for each in dead:
                self._interrupt(connection, each.id)
        return tuple(dead)

    def _interrupt(self, connection: Connection, pass_id: str) -> None:
        connection.execute(
            update(passes)
            .where(passes.c.tenant == self._tenant, passes.c.id == pass_id)
            .values(verdict=Verdict.INTERRUPTED.value)
        )
        for table in (schema.changes, schema.creations):
            connection.execute(
                update(table)
                .where(table.c.tenant == self._tenant, table.c.pass_id == pass_id)
                .where(table.c.outcome.is_(None))
                .values(**outcome_values(INTERRUPTED))
            )


def _never_begun(pass_id: str) -> StateError:
    return StateError(f"pass {pass_id} is not on record: it was never begun, or is pruned")
