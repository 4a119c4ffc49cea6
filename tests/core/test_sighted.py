"""Who was seen over several passes."""

from __future__ import annotations

from datetime import timedelta

from reconciler.core.observed import Found, LookupFailed, Person, Sightings
from reconciler.core.sighted import Sighted
from tests.builders import NOW

HOUR = timedelta(hours=1)
ANA, BEN = Person(2, "Ana", "ana@school.edu"), Person(3, "Ben", "ben@school.edu")


def test_who_was_found_by_search_is_remembered_as_seen() -> None:
    sighted = Sighted()
    found: list[Found] = [(BEN,), (), LookupFailed("503")]

    sighted.see(Sightings({2: ANA}, {7: "Faculty"}), found, NOW)

    assert sighted.since(NOW) == Sightings({2: ANA, 3: BEN}, {7: "Faculty"})


def test_what_was_seen_last_is_what_counts() -> None:
    sighted, renamed = Sighted(), Person(2, "Ana", "ana.b@school.edu")

    sighted.see(Sightings({2: ANA}, {7: "Faculty"}), [], NOW)
    sighted.see(Sightings({2: renamed}, {7: "Staff"}), [], NOW + HOUR)

    assert sighted.since(NOW) == Sightings({2: renamed}, {7: "Staff"})


def test_what_no_reading_rests_on_any_more_is_let_go_of() -> None:
    sighted = Sighted()

    sighted.see(Sightings({2: ANA}, {7: "Faculty"}), [], NOW)
    sighted.see(Sightings({3: BEN}), [], NOW + HOUR)

    assert sighted.since(NOW + HOUR) == Sightings({3: BEN}, {})
    assert sighted.since(NOW) == Sightings({3: BEN}, {})
