"""How these tests put questions to a tenant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from reconciler.sandbox.audit import Changed
from reconciler.sandbox.credentials import WORD
from reconciler.sandbox.faults import Fault, Schedule
from reconciler.sandbox.messages import Request, Response
from reconciler.sandbox.seed import default_world
from reconciler.sandbox.state import State
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.tenant import Tenant

V1 = "/api/public/v1"
TOKEN_PATH = "/api/public/oauth/token"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class School:
    """The little school, with the switches and faults a test wants."""

    switches: Switches = field(default_factory=Switches)
    faults: tuple[Fault, ...] = ()
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        state = State(world=default_world(), switches=self.switches)
        self.tenant = Tenant(state, faults=Schedule(self.faults), clock=self.clock)

    def ask(
        self, method: str, target: str, body: object = None, *, token: str | None = WORD
    ) -> Response:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        content = b"" if body is None else json.dumps(body).encode()
        return self.tenant.handle(Request.of(method, target, headers, content))

    def get(self, path: str) -> Response:
        return self.ask("GET", V1 + path)

    def read(self, path: str) -> Any:  # noqa: ANN401 - a document is whatever it is
        """The document of a path that answers 200."""
        response = self.get(path)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def post(self, path: str, body: object = None) -> Response:
        return self.ask("POST", V1 + path, body)

    def create(self, name: str, *, owner: int | None = None) -> Response:
        """Ask for a new collection."""
        query = {"name": name} | ({} if owner is None else {"user_id": str(owner)})
        return self.post(f"/collections?{urlencode(query)}")

    def exchange(self, form: Mapping[str, str], *, authorization: str | None = None) -> Response:
        """Ask for tokens."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if authorization is not None:
            headers["Authorization"] = authorization
        body = urlencode(form).encode()
        return self.tenant.handle(Request.of("POST", TOKEN_PATH, headers, body))

    def token_for(self, user: int) -> str:
        """Give somebody an access token of their own."""
        granted, pair = self.tenant.world.credentials.with_pair(user, self.clock.now, 3600)
        self.tenant.by_hand(lambda world, _: Changed(replace(world, credentials=granted)))
        return pair.access

    def listed(self) -> list[int]:
        """The ids of the caller's listing, all of them."""
        document = self.read("/collections?per_page=50")
        return [each["id"] for each in document["collections"]]

    def permissions(self, collection: int) -> dict[tuple[str, int], str]:
        """The permission list as it is answered."""
        document = self.read(f"/collections/{collection}/permissions")
        kinds = (("user", "users"), ("group", "groups"))
        return {
            (kind, each["id"]): each["permission"] for kind, key in kinds for each in document[key]
        }


def action(
    verb: str, principal: tuple[str, int], permission: str | None = None
) -> dict[str, object]:
    """One action as a client writes it."""
    kind, id = principal
    level = {} if permission is None else {"permission_type": permission}
    return {"action": verb, "share_type": kind, "id": id, **level}
