"""
What can go wrong, and where.

    ReconcilerError
    ├── UsageError              the command line asks for what cannot be
    ├── ConfigError             the files cannot be used; lists every problem
    ├── StudioError             the service cannot be used at all
    │   ├── Unreachable         no answer, or not the service's
    │   └── Unauthorized        the token is refused; a person must act
    ├── StateError              the memory cannot be opened, read or written
    │   └── Busy                somebody else holds the lease or the seat
    └── PlanRefused             a saved plan that must not be carried out
        └── StalePlan           …because the world, or time, went past it

A failure that concerns one collection or one share is not an exception: it is
a value in the plan or in its outcome, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """Where in a file a value was written. Lines and columns count from one."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def short(self) -> str:
        """The place as plans write it: path and line."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in a file."""

    location: Location
    message: str

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


class ReconcilerError(Exception):
    """
    An expected failure, told to the person without a traceback.

    The remedy, where there is one, says what they can do about it.
    """

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}\n{remedy}" if remedy else message)


class UsageError(ReconcilerError):
    """The command line asks for something that cannot be."""


class ConfigError(ReconcilerError):
    """The configuration cannot be used. Lists all problems found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StudioError(ReconcilerError):
    """The service cannot be used at all."""


class Unreachable(StudioError):
    """Nothing answers, or what answers is not the service."""


class Stopped(StudioError):
    """This process was told to end before anything was settled: nothing has failed by that."""


class Unauthorized(StudioError):
    """The service refuses the token; a person must act."""


class StateError(ReconcilerError):
    """The memory between passes cannot be opened, read or written."""


class Busy(StateError):
    """Somebody else holds the lease or the seat; the message says who and since when."""


class PlanRefused(ReconcilerError):
    """A saved plan that must not be carried out."""


class StalePlan(PlanRefused):
    """A saved plan that the world, or time, has gone past."""
