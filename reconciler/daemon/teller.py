"""The one who remembers what was told, and tells what has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.core.plan import ChangeKey
from reconciler.daemon.notices import Message, Situation, messages
from reconciler.daemon.situation import (
    healed,
    of_breaker,
    of_files,
    of_refused_token,
    of_token,
    seen,
    undone,
)
from reconciler.errors import Problem, ReconcilerError, Unauthorized
from reconciler.passes.rounds import Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a pass ran under: the problems of the files on disk, and whether it could write."""

    problems: Iterable[Problem] = ()
    may_write: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What is remembered of the last pass: what was the matter, its files, what it left undone."""

    situation: Situation = field(default_factory=dict)
    digest: str | None = None
    late: frozenset[ChangeKey] = frozenset()


@dataclass(slots=True)
class Teller:
    """
    Tells each change of state once, with its recovery.

    It remembers for as long as the daemon has its seat: a daemon that is
    started anew tells once more what is still the matter, unless it is given
    what was told before.
    """

    tell: Callable[[Message], None]
    told: Told = field(default_factory=Told)

    def passed(
        self,
        done: Done,
        around: Circumstances,
        *,
        digest: str,
        expires_at: datetime | None,
        at: datetime,
    ) -> None:
        """A pass ran to its end, under the files of this digest, and left the token like this."""
        drift = healed(done, self.told.late) if digest == self.told.digest else None
        self.told = replace(self.told, digest=digest, late=undone(done))
        self._turn({**_around(around), **seen(done.plan), **of_token(expires_at, at)})
        if drift is not None:
            self.tell(drift)

    def failed(self, error: ReconcilerError, around: Circumstances) -> None:
        """An expected failure ended a pass: it says nothing of what the pass would have seen."""
        token = of_refused_token(error.message) if isinstance(error, Unauthorized) else {}
        self._turn({**_around(around), **token})

    def _turn(self, present: Situation) -> None:
        before = self.told.situation
        self.told = replace(self.told, situation={**before, **present})
        for message in messages(before, present):
            self.tell(message)


def _around(around: Circumstances) -> Situation:
    return {**of_files(around.problems), **of_breaker(may_write=around.may_write)}
