"""Who is meant by what somebody typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from reconciler.core.directory import directory
from reconciler.core.model import Principal
from reconciler.core.observed import Found, LookupFailed, Person, Sightings
from reconciler.questions.naming import GROUP, USER, NotFound, find_collections, find_principal
from tests.builders import declare, group, live, user

SEEN = Sightings(
    people={
        1: Person(1, "Ada Admin", "ada@school.edu"),
        2: Person(2, "Sam", "twin@school.edu"),
        3: Person(3, "Sam", "TWIN@school.edu"),
    },
    groups={7: "Biology Faculty", 8: "Twins", 9: "Twins", 10: "Ada Admin"},
)
WHO = directory(declare(users={"grace@school.edu": 4}, groups={"Media Team": 12}), SEEN)
DIRECTORY_OF_THE_SERVICE: dict[str, Found] = {
    "found@school.edu": (Person(5, "Found", "found@school.edu"),),
    "broken@school.edu": LookupFailed("answered 503"),
}


def look_up(addresses: Iterable[str]) -> Mapping[str, Found]:
    return {each: DIRECTORY_OF_THE_SERVICE.get(each, ()) for each in addresses}


@pytest.mark.parametrize(
    ("text", "principal"),
    [
        pytest.param("12", user(12), id="a-bare-number-is-a-user"),
        pytest.param("user:12", user(12), id="user-by-id"),
        pytest.param("group:12", group(12), id="group-by-id"),
        pytest.param("ada@school.edu", user(1), id="address"),
        pytest.param("ADA@School.edu", user(1), id="address-in-another-case"),
        pytest.param("user:ada@school.edu", user(1), id="user-by-address"),
        pytest.param("grace@school.edu", user(4), id="the-file-s-own-directory"),
        pytest.param("Media Team", group(12), id="group-of-the-directory"),
        pytest.param("Biology Faculty", group(7), id="group-seen"),
        pytest.param("group:Biology Faculty", group(7), id="group-by-name"),
        pytest.param("user:Ada Admin", user(1), id="one-of-a-person-and-a-group"),
        pytest.param("found@school.edu", user(5), id="searched-for"),
    ],
)
def test_a_name_means_one(text: str, principal: Principal) -> None:
    assert find_principal(text, WHO, look_up) == principal


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("ad@school.edu", 'did you mean "ada@school.edu"?', id="near-miss"),
        pytest.param("Biologie Faculty", 'did you mean "Biology Faculty"?', id="near-group"),
        pytest.param("twin@school.edu", "user:2, user:3", id="two-of-one-address"),
        pytest.param("Twins", "group:8, group:9", id="two-groups"),
        pytest.param("Ada Admin", "group:10, user:1", id="a-person-and-a-group"),
        pytest.param("broken@school.edu", "answered 503", id="the-search-failed"),
        pytest.param("\x1b[2J", '"\\x1b[2J"', id="hostile"),
        pytest.param("", "nobody", id="nothing"),
        pytest.param("0", "nobody", id="ids-begin-at-one"),
        pytest.param("user:99999999999999999999", "nobody", id="no-id-is-so-long"),
    ],
)
def test_a_name_that_is_nobody_or_several_is_told(text: str, told: str) -> None:
    with pytest.raises(NotFound) as refused:
        find_principal(text, WHO, look_up)

    assert told in refused.value.message


def test_a_number_is_of_the_kind_that_is_asked_for() -> None:
    assert find_principal("7", WHO, look_up, (GROUP,)) == group(7)
    assert find_principal("7", WHO, look_up, (USER,)) == user(7)


def test_a_group_is_not_looked_for_among_people() -> None:
    with pytest.raises(NotFound, match="no group"):
        find_principal("ada@school.edu", WHO, look_up, (GROUP,))


def test_a_collection_s_name_goes_before_its_id() -> None:
    seen = [live(1, "2"), live(2, "Films"), live(3, "Films")]

    assert [each.id for each in find_collections("2", seen)] == [1]
    assert [each.id for each in find_collections("Films", seen)] == [2, 3]
    assert [each.id for each in find_collections("3", seen)] == [3]


def test_a_collection_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFound, match="did you mean"):
        find_collections("Fims", [live(2, "Films"), live(3, None)])
