"""`doctor --probe`, wired: the one user of a writer besides a pass, under the same lease."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reconciler.cli.site import Site
from reconciler.cli.terminal import tell
from reconciler.core.observed import Shares, Unreadable
from reconciler.passes.rounds import Preview
from reconciler.questions import doctor_probe
from reconciler.questions.doctor import Finding
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, ttl_for
from reconciler.studio.options import PermissionsBody
from reconciler.studio.probe import Bench, probe
from reconciler.studio.writer import Writer, connect_writer


def try_out(site: Site, seen: Preview, collection: int, written: str) -> Iterable[Finding]:
    """Probe one scratch collection. Raises ReconcilerError, with nothing sent, if it is not one."""
    observer, reader = site.observer(), site.reader()
    entries = site.loaded.declarations.collections
    live = doctor_probe.scratch(observer.collection(collection), entries, seen.plan)
    who = doctor_probe.fit(
        doctor_probe.whose_share(written, observer, reader),
        live,
        seen.draft.view.observed.me,
        seen.draft.protected.principals,
    )
    lease = LeaseKeeper(
        site.store(), PASS, ttl=ttl_for(site.timeout), waiting=_waiting, stop=site.stop
    )

    def read() -> Shares | Unreadable:
        return observer.shares((live.id,))[0][live.id]

    def writer(body: PermissionsBody) -> Writer:
        longest = site.timeout.total_seconds()
        return connect_writer(reader, body=body, before_write=lambda: lease.require(longest))

    body = site.options().permissions_body
    with lease:
        found = probe(
            Bench(collection_id=live.id, principal=who, read=read, writer=writer, body=body)
        )
    return doctor_probe.told(found, body)


def _waiting(holder: str, since: datetime) -> None:
    tell(f"waiting for a pass in hand: {holder}, since {since:%Y-%m-%dT%H:%M:%SZ}")
