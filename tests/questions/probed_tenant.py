"""A simulated tenant with its switches, and every way that doctor takes to it."""

from __future__ import annotations

import threading
from typing import Any

from reconciler.core.model import Principal
from reconciler.questions import doctor_tenant
from reconciler.questions.doctor import Finding
from reconciler.sandbox.seed import default_world
from reconciler.sandbox.state import State
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.tenant import Tenant
from reconciler.sandbox.transport import SandboxTransport
from reconciler.studio.auth import AccessToken
from reconciler.studio.client import Reader, connect
from reconciler.studio.observe import Observer
from reconciler.studio.options import ClientOptions, PermissionsBody
from reconciler.studio.probe import Bench, Probed, probe
from reconciler.studio.writer import connect_writer
from tests.builders import live, observe, user

FILMS = 4750
MIA = user(105)


class Stage:
    """A tenant of our making, and the ways to it."""

    def __init__(self, **switches: Any) -> None:  # noqa: ANN401 - the fields of Switches
        self.tenant = Tenant(State(world=default_world(), switches=Switches(**switches)))
        options = ClientOptions(base_url="https://school.test", requests_per_second=1000, tries=1)
        self.reader: Reader = connect(
            options,
            AccessToken(lambda: "sandbox", "the test"),
            stop=threading.Event(),
            transport=SandboxTransport(self.tenant),
        )
        self.observer = Observer(self.reader, concurrency=1)

    def probe(self, who: Principal = MIA, body: PermissionsBody = PermissionsBody.ARRAY) -> Probed:
        return probe(
            Bench(
                collection_id=FILMS,
                principal=who,
                read=lambda: self.observer.shares([FILMS])[0][FILMS],
                writer=lambda body: connect_writer(
                    self.reader, body=body, before_write=lambda: None
                ),
                body=body,
            )
        )

    def settled(self, body: PermissionsBody = PermissionsBody.ARRAY) -> list[Finding]:
        shares, _ = self.observer.shares([FILMS])
        observed = observe(live(FILMS, owner=104), shares=shares, me=101)
        return list(doctor_tenant.what_is_settled(self.reader, self.observer, observed, body))
