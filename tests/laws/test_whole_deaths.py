"""
A creation that lands long after its answer was lost, and a death at every breath meanwhile.

A breath is a request about to be sent or answered, or a transaction about to begin or on disk.
"""

from __future__ import annotations

import pytest

from reconciler.sandbox.faults import Fault
from tests.laws.mortal import Slate
from tests.laws.scenes import Pass
from tests.laws.small import file, scene, tenant
from tests.laws.whole import play

BREATHS = 60
TENANT = tenant({"id": 4701, "name": "Biology", "owner": 101, "shares": [{"user": 104}]})
FILE = file(
    {"name": "Algebra", "owner": 102, "shares": [{"user": 103, "permission": "view"}]},
    {"name": "Biology", "shares": [{"user": 103, "permission": "edit"}]},
)
LATE = Fault(fault="late", route="POST /collections", seconds=29)


@pytest.mark.parametrize("dies_at", [None, *range(BREATHS)])
def test_a_collection_that_comes_late_comes_once(slate: Slate, dies_at: int | None) -> None:
    play(scene(TENANT, FILE, Pass(faults=(LATE,), dies_at=dies_at), Pass()), slate)
