"""
Doctor's probe: what only writing settles, tried on one share of a scratch collection.

The share is created, updated, part of a batch that must be refused, and
destroyed; then what was there is put back. Nothing else is sent, and each step
rests on a read or on the list that the service answered. A step that ends
otherwise than it may ends the probe: what is unknown by then stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.core.model import Permission, Principal
from reconciler.core.observed import Shares, Unreadable
from reconciler.core.outcome import APPLIED, judge
from reconciler.core.plan import Change
from reconciler.errors import Location, ReconcilerError, StudioError
from reconciler.studio.options import PermissionsBody
from reconciler.studio.writer import Answered, Forbidden, Lost, NotSent, Refused, WriteAnswer

VIEW, EDIT = Permission.VIEW, Permission.EDIT
TRIES = 3
SOURCE = Location("doctor --probe", 1, 1)


class Sending(Protocol):
    """The one write that a probe needs."""

    def share(self, collection_id: int, changes: Sequence[Change]) -> WriteAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The scratch collection, whose share is tried, and how to read and write there."""

    collection_id: int
    principal: Principal
    read: Callable[[], Shares | Unreadable]
    writer: Callable[[PermissionsBody], Sending]
    body: PermissionsBody


@dataclass(slots=True)
class Probed:
    """
    What a probe learned: sentences for a person, and the shape of a batch that works.

    `trouble` is why it ended early, `left` what it could not put back.
    """

    learned: list[str] = field(default_factory=list)
    body: PermissionsBody | None = None
    trouble: str | None = None
    left: str | None = None


class _Ended(Exception):
    """A step that ended otherwise than it may."""


def probe(bench: Bench) -> Probed:
    """Try it out. Raises StudioError, with nothing sent, where the share cannot be read first."""
    was = _level(bench, _list(bench.read()))
    trial = _Trial(bench, was)
    try:
        trial.run()
    except (_Ended, ReconcilerError) as error:
        trial.found.trouble = str(error)
    finally:
        trial.put_back()
    return trial.found


class _Trial:
    """One probe under way; `now` is the level that the share was last seen at."""

    def __init__(self, bench: Bench, was: Permission | None) -> None:
        self.found = Probed()
        self._bench = bench
        self._was = was
        self._now = was

    def run(self) -> None:
        if self._was is not None:
            self._step(None, "a destroy")
        self._step(VIEW, "a create")
        self._step(EDIT, "an update")
        self._refused_batch()
        self._step(None, "a destroy")

    def put_back(self) -> None:
        """Put back what was there before, whatever happened since; each try reads first."""
        had = "no share" if self._was is None else f"the level {self._was}"
        for _ in range(TRIES):
            try:
                self._now = _level(self._bench, _list(self._bench.read()))
                if self._now != self._was:
                    self._step(self._was, "putting back")
            except (_Ended, ReconcilerError) as error:
                self.found.left = f"{self._bench.principal} had {had} before ({error})"
            else:
                self.found.left = None
                return

    def _step(self, after: Permission | None, what: str) -> None:
        change = self._change(after)
        answer = self._send(change) if self.found.body is not None else self._first(change)
        if not isinstance(answer, Answered):
            raise _Ended(f"{what} was not taken: {_words(answer)}")
        outcome = judge(answer.shares, change)
        if outcome != APPLIED:
            raise _Ended(f"{what} was taken, and cannot be seen: {outcome.error}")
        self._now = after
        told = f"{what} is taken, and the answer shows it"
        if told not in self.found.learned:
            self.found.learned.append(told)

    def _first(self, change: Change) -> WriteAnswer:
        """Send the first change of all; where its shape is refused, in the other shape."""
        usual = self._bench.body
        answer = self._tried(usual, change)
        if not isinstance(answer, Refused):
            return answer
        other = next(each for each in PermissionsBody if each is not usual)
        second = self._tried(other, change)
        return answer if isinstance(second, Refused) else second

    def _tried(self, body: PermissionsBody, change: Change) -> WriteAnswer:
        answer = self._bench.writer(body).share(self._bench.collection_id, [change])
        if isinstance(answer, Answered):
            self.found.body = body
            self.found.learned.append(f"a batch is taken as permissions_body: {body}")
        return answer

    def _refused_batch(self) -> None:
        """After a refusal, was the rest of the batch applied? The bad action comes last, first."""
        after_good = self._stays(VIEW, bad_last=True)
        if after_good is None:
            self.found.learned.append("a create of what is there already is taken")
            return
        before_good = self._stays(EDIT if self._now is VIEW else VIEW, bad_last=False)
        kept = {
            (False, False): "nothing of it is applied",
            (True, False): "what stands before the bad action is applied",
            (True, True): "all but the bad action is applied",
            (False, True): "what stands after the bad action is applied",
        }[after_good, bool(before_good)]
        self.found.learned.append(f"when a batch is refused, {kept}")

    def _stays(self, after: Permission, *, bad_last: bool) -> bool | None:
        """Whether a good action stays that was sent with a bad one; None where both are taken."""
        good, bad = self._change(after), self._change(after, there=False)
        answer = self._send(*((good, bad) if bad_last else (bad, good)))
        if not isinstance(answer, Answered | Refused):
            raise _Ended(f"a batch with a bad action had no answer to it: {_words(answer)}")
        self._now = _level(self._bench, _list(self._bench.read()))
        return None if isinstance(answer, Answered) else self._now is after

    def _send(self, *changes: Change) -> WriteAnswer:
        body = self.found.body or self._bench.body
        return self._bench.writer(body).share(self._bench.collection_id, changes)

    def _change(self, after: Permission | None, *, there: bool = True) -> Change:
        who = self._bench.principal
        before = self._now if there else None
        return Change(principal=who, before=before, after=after, who=str(who), source=SOURCE)


def _list(answer: Shares | Unreadable) -> Shares:
    if isinstance(answer, Unreadable):
        raise StudioError(f"the scratch collection cannot be read: {answer.reason}")
    if answer.gap is not None:
        raise StudioError(f"the scratch collection cannot be read in full: {answer.gap}")
    return answer


def _level(bench: Bench, shares: Shares) -> Permission | None:
    level = shares.levels.get(bench.principal)
    if level is None or isinstance(level, Permission):
        return level
    raise StudioError(
        f"{bench.principal} has the level {level} there, which could not be put back",
        remedy="take another principal",
    )


def _words(answer: WriteAnswer) -> str:
    match answer:
        case Refused(status, message):
            return f"refused with {status}{f': {message}' if message else ''}"
        case Forbidden(message):
            return f"this token may not change shares there: {message}"
        case Lost(reason) | NotSent(reason):
            return reason
        case Answered():
            return "it was taken"
