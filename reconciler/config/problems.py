"""Gathering what is wrong, so that all of it is told at once."""

from __future__ import annotations

from reconciler.errors import ConfigError, Location, Problem

MOST_PROBLEMS = 500


class Unusable(Exception):
    """A value cannot be used; its problem is already on the list. Never leaves this room."""


class Problems:
    """
    The list of everything found wrong so far.

    It ends at `MOST_PROBLEMS`: nobody reads further, and a file made to be
    wrong everywhere must not keep us busy.
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, location: Location, message: str) -> None:
        self.found.append(Problem(location, message))
        if len(self.found) >= MOST_PROBLEMS:
            message = f"more than {MOST_PROBLEMS - 1} problems; mend the ones above first"
            self.found[-1] = Problem(location, message)
            raise ConfigError(self.found)

    def refuse(self, location: Location, message: str) -> Unusable:
        """Note the problem, and make the exception that leaves the value out."""
        self.add(location, message)
        return Unusable(message)

    def settle(self) -> None:
        """End here if anything was wrong."""
        if self.found:
            raise ConfigError(self.found)
