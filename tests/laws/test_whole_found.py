"""What the laws of the whole have found, each as its smallest scene."""

from __future__ import annotations

import pytest

from tests.laws.mortal import Slate
from tests.laws.scenes import Scene
from tests.laws.small import file, scene, tenant
from tests.laws.whole import play
from tests.laws.worlds import ME

FOUND = {
    "a-role-may-give-us-more-than-our-own-share": scene(
        tenant({"id": 4701, "name": "Biology", "owner": 102, "shares": [{"user": ME}]}),
        file({"name": "Biology", "shares": [{"user": 103, "permission": "view"}]}),
        library_listed=False,
    ),
    "a-forbidden-batch-may-have-been-done-in-part": scene(
        tenant(
            {
                "id": 4705,
                "name": "Biology",
                "owner": 102,
                "shares": [{"user": ME}, {"group": 7}],
            },
            admin=False,
        ),
        file({"name": "Biology", "shares": [{"user": 103, "permission": "view"}]}),
        refused_batch="prefix",
    ),
}


@pytest.mark.parametrize("scene", FOUND.values(), ids=FOUND)
def test_it_holds_in(scene: Scene, slate: Slate) -> None:
    play(scene, slate)
