"""The `guards` section: how much may go before a person is asked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reconciler.config.principals import Group, User
from reconciler.config.records import Fields, Keys, Record, optional
from reconciler.config.scalars import Number, Whole
from reconciler.config.shapes import ListOf, OrNull, Placed
from reconciler.core.declared import Reference
from reconciler.core.limits import Limit, Limits, Visibility
from reconciler.errors import Location

DEFAULT = Limits()
_PERCENT = Number("percent", Decimal(0), Decimal(100))


class LimitKeys(Keys):
    """A count and a share of what there is: the larger one rules."""

    count = optional(Whole("count"), "So many may always go.", 0)
    percent = optional(_PERCENT, "So much of the managed shares observed may go.", Decimal(0))


def _limit(fields: Fields) -> Limit:
    return Limit(fields[LimitKeys.count], fields[LimitKeys.percent])


LIMIT = OrNull(Record(LimitKeys, _limit, "a limit"))


class RemovalKeys(Keys):
    """`guards.removals`."""

    per_collection = optional(
        LIMIT, "In one collection (3, 30 %); null is off.", DEFAULT.removals_per_collection
    )
    per_pass = optional(LIMIT, "In one pass (10, 10 %); null is off.", DEFAULT.removals_per_pass)
    per_day = optional(LIMIT, "In 24 hours (25, 15 %); null is off.", DEFAULT.removals_per_day)


class EscalationKeys(Keys):
    """`guards.escalations`."""

    per_pass = optional(LIMIT, "In one pass (10, 10 %); null is off.", DEFAULT.escalations_per_pass)


class ExpiryKeys(Keys):
    """`guards.expiries`."""

    per_pass = optional(LIMIT, "In one pass (50, 25 %); null is off.", DEFAULT.expiries_per_pass)


class GrantKeys(Keys):
    """`guards.grants`."""

    per_pass = optional(LIMIT, "In one pass; off (null) by default.", DEFAULT.grants_per_pass)


@dataclass(frozen=True, slots=True)
class _Removals:
    per_collection: Limit | None = DEFAULT.removals_per_collection
    per_pass: Limit | None = DEFAULT.removals_per_pass
    per_day: Limit | None = DEFAULT.removals_per_day


def _removals(fields: Fields) -> _Removals:
    return _Removals(
        fields[RemovalKeys.per_collection],
        fields[RemovalKeys.per_pass],
        fields[RemovalKeys.per_day],
    )


class VisibilityKeys(Keys):
    """`guards.visibility`."""

    count = optional(Whole("count"), "At least so many managed collections unreadable…", 0)
    percent = optional(_PERCENT, "…and more than so much of them.", Decimal(0))
    drop_percent = optional(
        OrNull(Number("drop_percent", Decimal(0), Decimal(100))),
        "Or so much fewer collections visible than at the last agreement (30); null is off.",
        Decimal(30),
    )


def _visibility(fields: Fields) -> Visibility:
    return Visibility(
        fields[VisibilityKeys.count],
        fields[VisibilityKeys.percent],
        fields[VisibilityKeys.drop_percent],
    )


class FlappingKeys(Keys):
    """`guards.flapping`."""

    count = optional(Whole("count"), "A share restored more often than this in 24 h is held.", 0)


Protected = tuple[tuple[Reference, Location], ...]


class ProtectKeys(Keys):
    """`guards.protect`."""

    users = optional(
        ListOf(Placed(User()), "users"),
        "People never removed or lowered, whatever the file says.",
        (),
    )
    groups = optional(
        ListOf(Placed(Group()), "groups"),
        "Groups never removed or lowered, whatever the file says.",
        (),
    )


def _protect(fields: Fields) -> Protected:
    return (*fields[ProtectKeys.users], *fields[ProtectKeys.groups])


class GuardKeys(Keys):
    """`guards`."""

    removals = optional(
        Record(RemovalKeys, _removals, "removals"),
        "Destroys, and updates to a lower level.",
        _Removals(),
    )
    escalations = optional(
        Record(EscalationKeys, lambda fields: fields[EscalationKeys.per_pass], "escalations"),
        "Updates to a higher level.",
        DEFAULT.escalations_per_pass,
    )
    expiries = optional(
        Record(ExpiryKeys, lambda fields: fields[ExpiryKeys.per_pass], "expiries"),
        "Destroys of shares whose window, written in the file, has closed.",
        DEFAULT.expiries_per_pass,
    )
    grants = optional(
        Record(GrantKeys, lambda fields: fields[GrantKeys.per_pass], "grants"),
        "New shares.",
        DEFAULT.grants_per_pass,
    )
    visibility = optional(
        OrNull(Record(VisibilityKeys, _visibility, "visibility")),
        "When too much is out of sight to trust the rest (3, 5 %, drop 30 %); null is off.",
        DEFAULT.visibility,
    )
    flapping = optional(
        OrNull(Record(FlappingKeys, lambda fields: fields[FlappingKeys.count], "flapping")),
        "Shares that somebody keeps taking away again (3); null is off.",
        DEFAULT.flapping,
    )
    protect = optional(
        Record(ProtectKeys, _protect, "protect"), "Principals that no pass takes from.", ()
    )


def _limits(fields: Fields) -> Limits:
    removals = fields[GuardKeys.removals]
    return Limits(
        removals_per_collection=removals.per_collection,
        removals_per_pass=removals.per_pass,
        removals_per_day=removals.per_day,
        escalations_per_pass=fields[GuardKeys.escalations],
        expiries_per_pass=fields[GuardKeys.expiries],
        grants_per_pass=fields[GuardKeys.grants],
        visibility=fields[GuardKeys.visibility],
        flapping=fields[GuardKeys.flapping],
        protect=fields[GuardKeys.protect],
    )


GUARDS = Record(GuardKeys, _limits, "guards")
