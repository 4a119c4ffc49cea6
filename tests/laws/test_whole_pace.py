"""A service that bears less than the file allows: the pace finds out in time."""

from __future__ import annotations

from collections import Counter

import pytest
import time_machine

from reconciler.cli.exits import Exit
from reconciler.sandbox.switches import Switches
from tests.laws.mortal import START, Slate
from tests.laws.scenes import Pass, Scene
from tests.laws.whole import Whole
from tests.laws.worlds import EMAILS, LIBRARY, ME, OFF, STUDIO

COLLECTIONS = 145
BORNE, ALLOWED = 20, 50  # requests a second


@pytest.mark.parametrize("threads", [1, 8])
def test_few_requests_of_a_pass_are_refused_for_their_rate(slate: Slate, threads: int) -> None:
    scene = Scene(
        tenant={
            "me": ME,
            "users": [
                {"id": id, "name": f"Person {id}", "email": EMAILS[id], "admin": id == ME}
                for id in EMAILS
            ],
            "collections": [
                {"id": LIBRARY, "name": "My Library", "owner": ME, "type": "user"},
                *({"id": 5000 + n, "name": f"Course {n}", "owner": ME} for n in range(COLLECTIONS)),
            ],
        },
        switches=Switches(rate_limit=BORNE),
        file={
            "version": 1,
            "mode": "authoritative",
            "studio": {**STUDIO, "requests_per_second": ALLOWED, "concurrency": threads},
            "guards": OFF,
            "share_sets": {},
            "collections": [
                {"name": f"Course {n}", "shares": [{"user": 102, "permission": "view"}]}
                for n in range(COLLECTIONS)
            ],
        },
        oauth=False,
        steps=(),
    )
    with slate as store, time_machine.travel(START, tick=False) as time:
        whole = Whole(scene, slate.folder, store, time)
        conducted = whole.run(Pass())
        statuses = Counter(each.status for each in whole.tenant.requests)

    assert conducted is not None
    assert conducted.status is Exit.DONE
    assert statuses[200] >= 2 * COLLECTIONS
    assert statuses[429] < 0.1 * statuses.total()
