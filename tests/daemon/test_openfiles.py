"""The limit of open files: raised where it is low, and otherwise as it was."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from reconciler.daemon.openfiles import ENOUGH, ask_for_many

HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
MOST = ENOUGH if HARD == resource.RLIM_INFINITY else min(ENOUGH, HARD)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize(
    ("soft", "raised"),
    [
        pytest.param(256, MOST, id="a-low-one-is-raised"),
        pytest.param(MOST, MOST, id="enough-is-left"),
        pytest.param(HARD, HARD, id="more-is-not-lowered"),
    ],
)
def test_the_limit_of_open_files_is_as_high_as_it_need_be(soft: int, raised: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, HARD))

    ask_for_many()

    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (raised, HARD)
