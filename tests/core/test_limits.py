"""max(count, whole part of percent): exact, and never rounded up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.core.limits import Limit


@pytest.mark.parametrize("percent", ["0", "0.1", "7", "10", "33.3", "99.99", "100", "250"])
def test_the_larger_of_the_count_and_the_whole_part_of_the_percent(percent: str) -> None:
    exact = Decimal(percent)
    for count in (0, 1, 5, 40):
        for observed in range(301):
            allowed = Limit(count, exact).allowed(observed)

            assert allowed >= count
            if allowed > count:
                assert allowed * 100 <= exact * observed < (allowed + 1) * 100
            else:
                assert exact * observed < (count + 1) * 100
