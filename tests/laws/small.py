"""Scenes in few words."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.switches import Switches
from tests.laws.scenes import Scene, Step
from tests.laws.worlds import EMAILS, GROUPS, LIBRARY, ME, OFF, PEOPLE, STUDIO, Plain

LIBRARY_OF_ME = {"id": LIBRARY, "name": "My Library", "owner": ME, "type": "user"}


def tenant(*collections: Plain, admin: bool = True) -> Plain:
    return {
        "me": ME,
        "users": [
            {"id": id, "name": f"Person {id}", "email": EMAILS[id], "admin": id == ME and admin}
            for id in PEOPLE
        ],
        "groups": [{"id": id, "name": name} for id, name in GROUPS.items()],
        "collections": [LIBRARY_OF_ME, *collections],
    }


def file(*collections: Plain, **more: Any) -> Plain:  # noqa: ANN401 - any key of the file
    return {
        "version": 1,
        "mode": "authoritative",
        "studio": STUDIO,
        "guards": OFF,
        "share_sets": {},
        "collections": list(collections),
        **more,
    }


def scene(tenant: Plain, file: Plain, *steps: Step, **switches: Any) -> Scene:  # noqa: ANN401 - as above
    return Scene(tenant=tenant, switches=Switches(**switches), file=file, oauth=False, steps=steps)
