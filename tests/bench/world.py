"""A big tenant, served on loopback, and the files that fit it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.sandbox.server import serve
from reconciler.sandbox.tenant import Tenant
from tests.bench.big import ME, big_tenant

STUDIO = """\
version: 1
mode: authoritative
studio:
  url: http://127.0.0.1:{port}
  auth: {{access_token: {{env: STUDIO_ACCESS_TOKEN}}}}
  requests_per_second: 1000
  me: {me}
collections:
"""


@contextmanager
def served(collections: int, shares: int) -> Iterator[tuple[Tenant, int]]:
    """Serve a tenant of that size; gives the tenant and its port."""
    tenant = big_tenant(collections, shares)
    ready, stop, ports = threading.Event(), threading.Event(), list[int]()

    def tell(port: int) -> None:
        ports.append(port)
        ready.set()

    thread = threading.Thread(
        target=serve, args=(tenant,), kwargs={"port": 0, "ready": tell, "stop": stop}
    )
    thread.start()
    ready.wait()
    try:
        yield tenant, ports[0]
    finally:
        stop.set()
        thread.join()


def write_config(path: Path, tenant: Tenant, port: int, *, missing_every: int = 0) -> int:
    """
    Write the file that agrees with a tenant; returns how many shares it has.

    With `missing_every`, each so-manieth share has the other level: an update.
    """
    total = 0
    lines = [STUDIO.format(port=port, me=ME)]
    for id, collection in tenant.collections().items():
        lines.append(f"  - name: {collection.name}\n    id: {id}\n    shares:\n")
        for (kind, who), level in sorted(tenant.shares(id).items()):
            total += 1
            turned = missing_every and total % missing_every == 0
            wanted = ("view" if level == "edit" else "edit") if turned else level
            lines.append(f"      - {{{kind}: {who}, permission: {wanted}}}\n")
    path.write_text("".join(lines), encoding="utf-8")
    return total
