"""One story on every kind of tenant that the documentation leaves room for: always the same end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import QuickShell, config

ROWS = """
- name: Biology 101
  shares:
    - {user: LIN@school.edu}
    - {user: 104}
    - {group: Biology Faculty, permission: edit}
    - {user: mia@school.edu, permission: edit}
- name: Field Work
  owner: 102
  shares:
    - {user: 103, permission: edit}
"""
WANTED = {("user", 103): "view", ("user", 104): "view", ("group", 7): "edit", ("user", 105): "edit"}
DIRECTORY = "directory: {users: {lin@school.edu: 103, mia@school.edu: 105}}\n"


def no_meta(studio: FakeStudio) -> None:
    studio.meta = False


def owner_in_the_list(studio: FakeStudio) -> None:
    studio.owner_in_list = True


def no_owner_in_the_listing(studio: FakeStudio) -> None:
    # Then nobody knows who owns what is found; what is to be created has a written owner.
    studio.owner_in_listing = False


def no_my_library(studio: FakeStudio) -> None:
    studio.my_library = False


def no_addresses(studio: FakeStudio) -> None:
    studio.emails = False


def no_permission_in_the_listing(studio: FakeStudio) -> None:
    studio.permission_told = False


def no_search(studio: FakeStudio) -> None:
    studio.search = False


def made_for_others_is_not_listed(studio: FakeStudio) -> None:
    studio.lists_what_it_made_for_others = False


def three_pages(studio: FakeStudio) -> None:
    for id in range(2000, 2104):
        studio.put(id, f"Lecture {id}")


def three_pages_without_totals(studio: FakeStudio) -> None:
    three_pages(studio)
    studio.meta = False


def whole_pages_without_totals(studio: FakeStudio) -> None:
    for id in range(2000, 2097):
        studio.put(id, f"Lecture {id}")
    studio.meta = False


def nameless_collections(studio: FakeStudio) -> None:
    studio.put(3000, None)
    studio.put(3001, "")


def an_unknown_type(studio: FakeStudio) -> None:
    for each in studio.collections.values():
        each.type = "channel"


def late_refusals(studio: FakeStudio) -> None:
    turns = {"GET": 0, "POST": 0}

    def spoil(call: Call) -> Answer | None:
        turns[call.method] += 1
        if turns[call.method] == 2:
            return Answer(429, "", {"Retry-After": "0"})
        return None

    studio.spoil = spoil


def answers_to_writes_are_empty(studio: FakeStudio) -> None:
    _doing_it_all_the_same(studio, Answer(204))


def answers_to_writes_are_pages(studio: FakeStudio) -> None:
    _doing_it_all_the_same(studio, Answer(200, "<html>thank you</html>"))


def answers_to_writes_are_gateways(studio: FakeStudio) -> None:
    _doing_it_all_the_same(studio, Answer(504, "<html>gateway</html>"))


def _doing_it_all_the_same(studio: FakeStudio, answer: Answer) -> None:
    def spoil(call: Call) -> Answer | None:
        if not call.is_write:
            return None
        studio.act(call)
        return answer

    studio.spoil = spoil


def an_owner_that_is_nobody(studio: FakeStudio) -> None:
    studio.put(3002, "Orphan", owner=None)


WAYS: list[Callable[[FakeStudio], None]] = [
    no_meta,
    owner_in_the_list,
    no_owner_in_the_listing,
    no_my_library,
    no_addresses,
    no_permission_in_the_listing,
    no_search,
    made_for_others_is_not_listed,
    three_pages,
    three_pages_without_totals,
    whole_pages_without_totals,
    nameless_collections,
    an_unknown_type,
    late_refusals,
    answers_to_writes_are_empty,
    answers_to_writes_are_pages,
    answers_to_writes_are_gateways,
    an_owner_that_is_nobody,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_ends_as_the_file_says(
    shell: QuickShell, studio: FakeStudio, way: Callable[[FakeStudio], None]
) -> None:
    way(studio)
    others = {id: dict(each.shares) for id, each in studio.collections.items() if id != 4711}
    shell.write(config(studio.url, ROWS, more=DIRECTORY))
    first = shell("apply", "--yes")
    assert first.status == 0, first
    assert studio.shares(4711) == WANTED
    born = [each for each in studio.collections.values() if each.name == "Field Work"]
    assert [(each.owner, each.shares) for each in born] == [(102, {("user", 103): "edit"})]
    assert {id: dict(studio.shares(id)) for id in others} == others
    again = shell("plan", "--detailed-exitcode")
    assert again.status == 0, again
    writes = len(studio.writes)
    assert shell("apply", "--yes").status == 0
    assert len(studio.writes) == writes


def test_nothing_is_taken_away_after_a_grant_that_nobody_knows_of(
    shell: QuickShell, studio: FakeStudio
) -> None:
    """A refused batch is sent again, and that answer is lost: what follows waits for a read."""
    studio.shares(4712).clear()
    studio.shares(4712)[("user", 104)] = "view"
    rows = "- {name: Chemistry, shares: [{user: 103}, {user: 105}]}\n"
    shell.write(config(studio.url, rows).replace("  auth", "  batch_size: 2\n  auth"))
    posts = 0

    def spoil(call: Call) -> Answer | None:
        nonlocal posts
        if not call.is_write:
            return None
        posts += 1
        return {1: Answer(400, {"error": "no"}), 2: Answer(502, "bad gateway")}.get(posts)

    studio.spoil = spoil
    assert shell("apply", "--yes").status == 0
    assert studio.shares(4712) == {("user", 103): "view", ("user", 105): "view"}
    sent = [call.is_write for call in studio.calls if call.path.endswith("permissions")]
    lost = [at for at, is_write in enumerate(sent) if is_write][1]
    assert not sent[lost + 1]
