"""All that a tenant is between two requests, and who keeps it between two processes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reconciler.sandbox.audit import Entry
from reconciler.sandbox.messages import Request
from reconciler.sandbox.switches import LIKELIEST, Switches
from reconciler.sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """
    A request whose answer was lost and which takes effect later.

    Not before so many requests were served, and not before `at`; `arrived` is
    the instant it is judged by.
    """

    request: Request
    arrived: datetime
    served: int
    at: datetime

    def is_due(self, served: int, now: datetime) -> bool:
        return served >= self.served and now >= self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The world with its switches and its history; `served` counts the requests so far."""

    world: World
    switches: Switches = LIKELIEST
    audit: tuple[Entry, ...] = ()
    late: tuple[Late, ...] = ()
    served: int = 0


class Keep(Protocol):
    """Where a state outlives the process, and is shared with others."""

    def exclusive(self) -> AbstractContextManager[object]:
        """Keep every other process out for the length of a block."""

    def newer(self) -> State | None:
        """The state another process saved since we last read or saved it, if one did."""

    def save(self, state: State) -> None:
        """Save the state; only within `exclusive`."""


class Unkept:
    """Keeps nothing: the tenant lives in this process alone."""

    def exclusive(self) -> AbstractContextManager[object]:
        return nullcontext()

    def newer(self) -> State | None:
        return None

    def save(self, state: State) -> None:
        """Nobody will ask for it again."""
