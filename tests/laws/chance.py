"""What the weeks bring: a little school, the versions of its file, and what goes wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconciler.sandbox.convert import world_of
from reconciler.sandbox.document import TenantDocument
from reconciler.sandbox.state import State
from reconciler.sandbox.tenant import Tenant
from tests.laws.worlds import EMAILS, GROUPS, LIBRARY, ME, NAMES, OFF, STUDIO, Plain

PEOPLE = (102, 103, 104, 105)
FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "status", "status": 503, "when": "after"},
    {"fault": "status", "status": 503, "body": "html"},
    {"fault": "status", "status": 429, "retry_after": 2, "body": "rate_limit"},
    {"fault": "status", "status": 401, "body": "empty"},
    {"fault": "reset", "when": "before"},
    {"fault": "reset", "when": "after"},
    {"fault": "timeout", "when": "after"},
    {"fault": "garbage", "when": "before"},
    {"fault": "truncated"},
    {"fault": "refused"},
    {"fault": "late", "seconds": 20, "requests": 3},
)


def tenant_of_the_weeks() -> Tenant:
    plain: Plain = {
        "me": ME,
        "users": [
            {"id": id, "name": f"Person {id}", "email": email, "admin": id == ME}
            for id, email in EMAILS.items()
        ],
        "groups": [{"id": id, "name": name} for id, name in GROUPS.items()],
        "collections": [
            {"id": LIBRARY, "name": "My Library", "owner": ME, "type": "user"},
            *({"id": 4701 + at, "name": name, "owner": ME} for at, name in enumerate(NAMES[:3])),
            {"id": 4799, "name": "Nobody's business", "owner": 102, "shares": [{"user": 103}]},
        ],
    }
    return Tenant(State(world=world_of(TenantDocument.model_validate(plain))))


@dataclass
class Chance:
    """All that is drawn: whoever knows the seed knows the weeks."""

    seed: int

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    def file(self, today: datetime) -> Plain:
        """Another version of the file, with windows that open and close in the days to come."""
        draw = self.draw
        return {
            "version": 1,
            "mode": "authoritative",
            "studio": STUDIO,
            "guards": OFF,
            "daemon": {"listen": "127.0.0.1:0"},
            "share_sets": {"staff": [{"group": 7, "permission": "edit"}]},
            "collections": [
                {
                    "name": name,
                    "shares": [self._line(who, today) for who in draw.sample(PEOPLE, 3)],
                    "allow_empty": True,
                    **({"share_sets": ["staff"]} if draw.random() < 0.5 else {}),
                }
                for name in draw.sample(NAMES, 4)
            ],
        }

    def _line(self, who: int, today: datetime) -> Plain:
        draw = self.draw
        named = who if draw.random() < 0.5 else EMAILS[who].lower()
        window: Plain = {}
        if draw.random() < 0.4:
            opens = today + timedelta(days=draw.randint(0, 3))
            closes = opens + timedelta(days=draw.randint(0, 3))
            window = {"from": f"{opens:%Y-%m-%d}", "until": f"{closes:%Y-%m-%d}"}
        return {"user": named, "permission": draw.choice(["view", "edit"]), **window}
