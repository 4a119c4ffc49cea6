"""Whether whoever has a lease is still there, as far as can be seen from here."""

from __future__ import annotations

from datetime import datetime

from reconciler.state.holder import Holder
from reconciler.state.lease import Held, holder_of
from reconciler.state.store import Store


def living_holder(store: Store, name: str, now: datetime) -> Held | None:
    """
    Who has the lease; None when it is free, or its holder is gone.

    A look, not a proof: a machine whose clock is behind may be called gone while
    it lives. What takes a lease over asks more (`state.lease`).
    """
    held = holder_of(store, name)
    if held is None or held.expires_at < now or Holder.this_process().sees_gone(held.holder):
        return None
    return held
