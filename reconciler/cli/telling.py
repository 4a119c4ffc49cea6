"""Who is told what a daemon's passes have come to: the file's `notify`, wired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconciler.cli.conduct import Conducted
from reconciler.cli.site import Site, new_pass_id, now
from reconciler.config.settings import OAuth
from reconciler.daemon.letter import Letter
from reconciler.daemon.notices import Message
from reconciler.daemon.notify import targets
from reconciler.daemon.outbox import Outbox
from reconciler.daemon.teller import Circumstances, Teller, Told
from reconciler.errors import Problem, ReconcilerError, StateError
from reconciler.state.tokens import TokenStore


class Telling:
    """Tells of one tenant, for as long as the daemon has its seat; goes on from what was told."""

    def __init__(self, site: Site, outbox: Outbox, told: Told | None = None) -> None:
        self._site = site
        self._outbox = outbox
        self._teller = Teller(self._post, told or Told())

    @property
    def told(self) -> Told:
        """What whoever tells next goes on from."""
        return self._teller.told

    def passed(self, conducted: Conducted, problems: Sequence[Problem], *, may_write: bool) -> None:
        """A pass ran to its end. `may_write` is the breaker's word, whatever the file says."""
        if self._site.stop.is_set():
            # A pass that was stopped has not seen to everything: it proves no recovery.
            return
        self._teller.passed(
            conducted.done,
            Circumstances(problems=problems, may_write=may_write),
            digest=self._site.loaded.digest,
            expires_at=token_ends(self._site),
            at=now(),
        )

    def failed(
        self, error: ReconcilerError, problems: Sequence[Problem], *, may_write: bool
    ) -> None:
        """An expected failure ended a pass."""
        self._teller.failed(error, Circumstances(problems=problems, may_write=may_write))

    def _post(self, message: Message) -> None:
        at = now()
        letter = Letter(message, self._site.tenant, at, new_pass_id(at))
        self._outbox.post(letter, targets(self._site.loaded.settings.notify))


def token_ends(site: Site) -> datetime | None:
    """When the access token in use ends; only one that renews itself tells."""
    studio = site.loaded.settings.studio
    if site.sandbox or studio is None or not isinstance(studio.auth, OAuth):
        return None
    try:
        stored = TokenStore(site.store()).load()
    except StateError:
        return None
    return None if stored is None else stored.expires_at
