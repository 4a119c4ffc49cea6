"""
The keys of the main file and of included ones, at the top.

From these, and from the sections they name, comes both what is read and the
JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reconciler.config.acknowledgements import ACKNOWLEDGE
from reconciler.config.dates import Zone
from reconciler.config.guards import DEFAULT as DEFAULT_LIMITS
from reconciler.config.guards import GUARDS
from reconciler.config.library import COLLECTIONS, MODE
from reconciler.config.memory import DEFAULT as DEFAULT_STATE
from reconciler.config.memory import StatePlace
from reconciler.config.notify import NOTIFY
from reconciler.config.pages import DAEMON
from reconciler.config.records import Fields, Keys, Record, optional, required
from reconciler.config.scalars import Text, Whole
from reconciler.config.settings import DaemonSettings
from reconciler.config.shapes import ListOf, Named, Placed, TableOf
from reconciler.config.shares import TERM, ShareList
from reconciler.config.signatures import SignersFile
from reconciler.config.tenant import STUDIO
from reconciler.config.timing import DEFAULT as DEFAULT_SCHEDULE
from reconciler.config.timing import SCHEDULE


class DirectoryKeys(Keys):
    """`directory`."""

    users = optional(
        TableOf(Whole("a user's id", 1), "directory.users"),
        "Addresses (or logins) and the Studio ids they stand for; case does not matter.",
        {},
    )
    groups = optional(
        TableOf(Whole("a group's id", 1), "directory.groups"),
        "Names of groups and their Studio ids; the service cannot look them up.",
        {},
    )


@dataclass(frozen=True, slots=True)
class Directory:
    """The names of one file, with their places."""

    users: MappingOf[str, Named[int]]
    groups: MappingOf[str, Named[int]]


def _directory(fields: Fields) -> Directory:
    return Directory(fields[DirectoryKeys.users], fields[DirectoryKeys.groups])


class PartKeys(Keys):
    """What an included file may hold."""

    directory = optional(
        Record(DirectoryKeys, _directory, "directory"),
        "Names the API cannot look up, and addresses that differ from Studio's.",
        Directory({}, {}),
    )
    terms = optional(TableOf(TERM, "terms"), "Named windows of time, for `term` in a share.", {})
    share_sets = optional(
        TableOf(ShareList("a share set"), "share_sets"), "Named lists of shares.", {}
    )
    collections = optional(COLLECTIONS, "The collections that the file rules.", ())


class MainKeys(Keys):
    """What the main file may hold besides."""

    version = required(Whole("version", 1, 1), "The version of this format: 1.")
    mode = required(
        MODE, "observe never writes, additive never takes away, authoritative makes it equal."
    )
    studio = optional(STUDIO, "The tenant. Required, except with --sandbox.")
    state = optional(
        StatePlace("state"),
        f"The memory: a SQLite file ({DEFAULT_STATE}, relative to this file), or postgresql://….",
    )
    timezone = optional(
        Zone("timezone"), "Time zone of the dates in the file (UTC).", ZoneInfo("UTC")
    )
    schedule = optional(SCHEDULE, "When the daemon's passes begin.", DEFAULT_SCHEDULE)
    guards = optional(GUARDS, "How much may go before a person is asked.", DEFAULT_LIMITS)
    acknowledge = optional(ACKNOWLEDGE, "Held sets of changes that a person lets through.", ())
    directory = PartKeys.directory
    terms = PartKeys.terms
    share_sets = PartKeys.share_sets
    include = optional(
        ListOf(Placed(Text("include")), "include"),
        "Patterns of further files below this one's folder: collections/*.yaml",
        (),
    )
    collections = PartKeys.collections
    require_signed_commits = optional(
        SignersFile("require_signed_commits"),
        "A file of allowed signers, outside of the checkout: only commits they signed are used.",
    )
    daemon = optional(DAEMON, "The daemon's own pages: status, health, metrics.", DaemonSettings())
    notify = optional(NOTIFY, "Who the daemon tells of each change of state, once.", ())


def _not_in_a_part(name: str) -> str | None:
    return "it belongs in the main file" if name in MainKeys.all() else None


MAIN = Record(MainKeys, lambda fields: fields, "the file")
PART = Record(PartKeys, lambda fields: fields, "an included file", foreign=_not_in_a_part)
