from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.state.ids import ALPHABET, new_id

instants = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
entropies = st.binary(min_size=10, max_size=10)


@given(instants, entropies)
def test_an_id_is_26_letters_nobody_misreads(now: datetime, entropy: bytes) -> None:
    made = new_id(now, entropy)
    assert len(made) == 26
    assert set(made) <= set(ALPHABET)


@given(instants, st.integers(1, 10**9), entropies, entropies)
def test_a_later_millisecond_sorts_later(
    now: datetime, milliseconds: int, one: bytes, other: bytes
) -> None:
    later = now + timedelta(milliseconds=milliseconds)
    assert new_id(now, one) < new_id(later, other)


@given(instants, entropies, entropies)
def test_equal_ids_have_equal_entropy(now: datetime, one: bytes, other: bytes) -> None:
    assert (new_id(now, one) == new_id(now, other)) == (one == other)


def test_an_id_is_the_ulid_of_its_instant() -> None:
    # The example of the ULID specification's test suites: 1469918176385 ms.
    now = datetime.fromtimestamp(1469918176.385, UTC)
    assert new_id(now, bytes(10)) == "01ARYZ6S41" + "0" * 16


@pytest.mark.parametrize("length", [0, 9, 11])
def test_too_little_or_too_much_entropy_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="10 bytes of entropy"):
        new_id(datetime(2026, 1, 1, tzinfo=UTC), bytes(length))


def test_an_instant_before_1970_is_refused() -> None:
    with pytest.raises(ValueError, match="before 1970"):
        new_id(datetime(1969, 12, 31, tzinfo=UTC), bytes(10))
