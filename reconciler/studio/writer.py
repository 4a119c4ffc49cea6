"""
The writer: two kinds of POST, and no other.

It creates a collection and it sends a batch of permission actions; there is
nothing here that deletes, archives, renames or re-owns. A write is never
repeated unless the service surely did nothing with it, so an answer that was
lost is an answer of its own: the caller reads before it goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from reconciler.core.observed import LiveCollection, Shares, Sightings
from reconciler.core.pacing import Trouble
from reconciler.core.plan import Change
from reconciler.studio import wire
from reconciler.studio.answers import Ailing, Declined, Document
from reconciler.studio.client import Reader
from reconciler.studio.line import Line, NeverSent, Settled
from reconciler.studio.options import PermissionsBody
from reconciler.studio.routes import Route, request
from reconciler.studio.session import Request


@dataclass(frozen=True, slots=True)
class Answered:
    """The batch was taken: the complete list the service answered, and who it shows."""

    shares: Shares
    sightings: Sightings


@dataclass(frozen=True, slots=True)
class Created:
    """The collection exists now."""

    collection: LiveCollection


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite no (400, 404, 422…). A refused batch may have been applied in part."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A 403: the token has not the right to do this."""

    message: str


@dataclass(frozen=True, slots=True)
class Lost:
    """No usable answer: it may have been applied, in a time-out even later than now."""

    reason: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely not applied: stopped, never connected, or a rate limit that did not end."""

    reason: str


Unsuccessful: TypeAlias = Refused | Forbidden | Lost | NotSent
WriteAnswer: TypeAlias = Answered | Unsuccessful
CreateAnswer: TypeAlias = Created | Unsuccessful


class Writer:
    """
    Writes to one tenant. Safe to share between threads.

    `before_write` runs right before each sending, after all waiting (to check
    the lease, say); what it raises goes through, and nothing is sent.
    """

    def __init__(
        self, line: Line, *, body: PermissionsBody, before_write: Callable[[], None]
    ) -> None:
        self._line = line
        self._body = body
        self._before_write = before_write

    def share(self, collection_id: int, changes: Sequence[Change]) -> WriteAnswer:
        """Send the changes as one batch, in the order given."""
        content = json.dumps(wire.actions(changes, self._body)).encode()
        batch = request("POST", Route.PERMISSIONS, id=collection_id, content=content)
        settled = self._ask(batch)
        if not isinstance(settled, Document):
            return settled
        shares, sightings = wire.shares(settled.value)
        if isinstance(shares, Shares):
            return Answered(shares, sightings)
        return Lost(shares.reason)

    def create_collection(self, name: str, user_id: int | None) -> CreateAnswer:
        """Create a collection, in that user's library (None: the token's own)."""
        query: dict[str, str | int] = {"name": name}
        if user_id is not None:
            query["user_id"] = user_id
        settled = self._ask(request("POST", Route.COLLECTIONS, query=query))
        if not isinstance(settled, Document):
            return settled
        try:
            return Created(wire.one_collection(settled.value)[0])
        except wire.NotUnderstood as error:
            return Lost(str(error))

    def _ask(self, asked: Request) -> Document | Unsuccessful:
        settled = self._line.ask(asked, self._before_write)
        return settled if isinstance(settled, Document) else _unsuccessful(settled)


def _unsuccessful(settled: Settled) -> Unsuccessful:
    match settled:
        case NeverSent(reason=reason):
            return NotSent(reason)
        case Ailing(undone=True) as ailing:
            return NotSent(ailing.reason)
        case Ailing() as ailing:
            return Lost(ailing.reason, ailing.trouble is Trouble.TIMEOUT)
        case Declined(status=HTTPStatus.FORBIDDEN) as declined:
            return Forbidden(declined.message or "answered 403")
        case Declined() as declined if declined.status < HTTPStatus.BAD_REQUEST:
            # What stands at the old address of a redirect may have done it.
            return Lost(str(declined))
        case Declined() as declined:
            return Refused(declined.status, declined.message)
        case Document():
            raise AssertionError("a document is a success")


def connect_writer(
    reader: Reader, *, body: PermissionsBody, before_write: Callable[[], None]
) -> Writer:
    """
    Make a writer that shares the reader's connections, tokens, pace and counter.

    The pace holds for reads and writes together, which is why it begins with
    the reader.
    """
    return Writer(reader.line, body=body, before_write=before_write)
