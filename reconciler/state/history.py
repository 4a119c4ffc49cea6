"""
The journal, read.

What was intended and has no outcome may have happened, so counts that guards rest on
take it for done.
"""

from __future__ import annotations

import difflib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, func, select

from reconciler.core.model import Principal
from reconciler.core.outcome import Result
from reconciler.errors import StateError
from reconciler.state.records import (
    ChangeRecord,
    LostCreation,
    PassRecord,
    change_record,
    creation_record,
    lost_creation,
    pass_record,
    principal,
)
from reconciler.state.schema import changes, creations, passes, planned
from reconciler.state.store import Store

NAMED: Final = 5  # passes named in a message


class History:
    """What passes did. Reads only, so a store opened to look will do."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tenant = store.tenant

    def passes(self, limit: int) -> tuple[PassRecord, ...]:
        """The last passes, the newest first, without their changes."""
        latest = (
            select(passes)
            .where(passes.c.tenant == self._tenant)
            .order_by(passes.c.started_at.desc(), passes.c.id.desc())
            .limit(limit)
        )
        with self._store.read() as connection:
            return tuple(map(pass_record, connection.execute(latest)))

    def read(self, pass_id: str) -> PassRecord:
        """
        One pass with all it did. The beginning of its id will do, in either case.

        Raises `StateError`, naming what is near, when that is no pass or several.
        """
        with self._store.read() as connection:
            found = self._find(connection, pass_id)
            here = (changes.c.tenant == self._tenant, changes.c.pass_id == found)
            there = (creations.c.tenant == self._tenant, creations.c.pass_id == found)
            the_pass = (passes.c.tenant == self._tenant, passes.c.id == found)
            made = connection.execute(select(creations).where(*there).order_by(creations.c.id))
            done = connection.execute(select(changes).where(*here).order_by(changes.c.id))
            return pass_record(
                connection.execute(select(passes).where(*the_pass)).one(),
                changes=tuple(map(change_record, done)),
                creations=tuple(map(creation_record, made)),
            )

    def plans(self, pass_id: str) -> tuple[Mapping[str, object], ...]:
        """The plan documents of a pass, one a round. Takes the same ids as `read`."""
        with self._store.read() as connection:
            rounds = (
                select(planned.c.document)
                .where(planned.c.tenant == self._tenant)
                .where(planned.c.pass_id == self._find(connection, pass_id))
                .order_by(planned.c.round)
            )
            documents = connection.scalars(rounds).all()
        return tuple(json.loads(zlib.decompress(document)) for document in documents)

    def lost_creations(self) -> tuple[LostCreation, ...]:
        """The creations that may have happened, the oldest first."""
        with self._store.read() as connection:
            return lost_creations(connection, self._tenant)

    def removals_since(self, instant: datetime) -> int:
        """How many shares were taken away or lowered, or may have been; expiries apart."""
        with self._store.read() as connection:
            return removals_since(connection, self._tenant, instant)

    def restored_since(self, instant: datetime) -> Mapping[tuple[int, Principal], int]:
        """
        How often each share was put back as the file has it, by collection id and principal.

        Only what a pass changed under the same files as the pass before it: then it
        was no edit of the file that asked for the change, but what somebody did.
        """
        with self._store.read() as connection:
            return restored_since(connection, self._tenant, instant)

    def last_applied(self, collection_id: int, who: Principal) -> ChangeRecord | None:
        """The change that last made this share what it is, as far as the journal goes."""
        latest = (
            select(changes)
            .where(changes.c.tenant == self._tenant, changes.c.collection_id == collection_id)
            .where(changes.c.principal_type == who.type, changes.c.principal_id == who.id)
            .where(changes.c.outcome == Result.APPLIED)
            .order_by(changes.c.id.desc())
            .limit(1)
        )
        with self._store.read() as connection:
            row = connection.execute(latest).one_or_none()
        return change_record(row) if row else None

    def _find(self, connection: Connection, wanted: str) -> str:
        newest_first = (
            select(passes.c.id)
            .where(passes.c.tenant == self._tenant)
            .order_by(passes.c.started_at.desc(), passes.c.id.desc())
        )
        known: Sequence[str] = connection.scalars(newest_first).all()
        fitting = [each for each in known if each.upper().startswith(wanted.upper())]
        if wanted in known:
            return wanted
        if wanted and len(fitting) == 1:
            return fitting[0]
        raise _not_one(wanted, fitting if wanted else [], known)


def lost_creations(connection: Connection, tenant: str) -> tuple[LostCreation, ...]:
    """What `History` says, in a transaction that is open."""
    lost = (
        select(creations)
        .where(creations.c.tenant == tenant, creations.c.unsettled)
        .order_by(creations.c.id)
    )
    return tuple(map(lost_creation, connection.execute(lost)))


def removals_since(connection: Connection, tenant: str, instant: datetime) -> int:
    """What `History` says, in a transaction that is open."""
    happened = changes.c.outcome.in_((Result.APPLIED, Result.UNKNOWN))
    count = (
        select(func.count())
        .where(changes.c.tenant == tenant, changes.c.at >= instant, changes.c.removal)
        .where(happened | changes.c.outcome.is_(None))
    )
    return connection.scalar(count) or 0


def restored_since(
    connection: Connection, tenant: str, instant: datetime
) -> Mapping[tuple[int, Principal], int]:
    """What `History` says, in a transaction that is open."""
    share = (changes.c.collection_id, changes.c.principal_type, changes.c.principal_id)
    before = passes.alias()
    files_before = (
        select(before.c.config_digest)
        .where(before.c.tenant == passes.c.tenant, before.c.started_at < passes.c.started_at)
        .order_by(before.c.started_at.desc(), before.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    same_pass = and_(passes.c.tenant == changes.c.tenant, passes.c.id == changes.c.pass_id)
    count = (
        select(*share, func.count().label("times"))
        .join_from(changes, passes, same_pass)
        .where(changes.c.tenant == tenant, changes.c.at >= instant)
        .where(changes.c.outcome == Result.APPLIED, changes.c.collection_id.is_not(None))
        .where(passes.c.config_digest == files_before)
        .group_by(*share)
    )
    rows = connection.execute(count)
    return {(row.collection_id, principal(row)): row.times for row in rows}


def _not_one(wanted: str, fitting: Sequence[str], known: Sequence[str]) -> StateError:
    if fitting:
        more = f" and {len(fitting) - NAMED} more" if len(fitting) > NAMED else ""
        named = ", ".join(fitting[:NAMED])
        return StateError(
            f"{wanted} is the beginning of {len(fitting)} passes: {named}{more}",
            remedy="Give more of the id.",
        )
    near = difflib.get_close_matches(wanted.upper(), known, n=1) or known[:1]
    hint = f"Did you mean {near[0]}? " if near else ""
    return StateError(
        f'no pass "{wanted}" is on record', remedy=f"{hint}`reconciler history` lists them."
    )
