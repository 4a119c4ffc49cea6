"""A pass whose lease goes to another while it reads writes nothing any more."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from reconciler.state.history import History
from reconciler.state.lease import PASS
from reconciler.state.records import Verdict
from reconciler.state.schema import leases
from tests.cli.seated import entry, seated

LEASE = leases.c.name == PASS


@pytest.mark.parametrize(
    "added",
    [
        pytest.param(entry(1, {"user": 205}), id="a share"),
        pytest.param({"name": "Botany", "create": True, "owner": 200}, id="a collection"),
    ],
)
def test_a_database_that_gave_the_lease_away_is_asked_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, added: dict[str, object]
) -> None:
    sent: list[str] = []
    with seated(tmp_path, entry(0)) as daemon:

        def give_away(request: httpx.Request) -> None:
            sent.append(request.method)
            with daemon.store.write() as connection:
                connection.execute(update(leases).where(LEASE).values(nonce="another's"))

        daemon.run_pass()
        monkeypatch.setattr(daemon, "sees", give_away)
        daemon.change(entry(0), added)
        (latest,) = History(daemon.store).passes(1)
        assert set(sent) == {"GET"}
        recorded = History(daemon.store).read(latest.id)
        assert (recorded.verdict, recorded.changes, recorded.creations) == (Verdict.PARTIAL, (), ())
        assert daemon.last.left.has_changes, "which the next pass does"
