"""Doctor's checks, wired to one tenant."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from reconciler.cli.connection import sandbox_transport
from reconciler.cli.probing import try_out
from reconciler.cli.site import Site, now
from reconciler.cli.tasks import task_for
from reconciler.config.settings import OAuth
from reconciler.core.observed import Listing
from reconciler.core.pacing import Trouble
from reconciler.errors import ReconcilerError, Unreachable
from reconciler.passes.rounds import Preview, preview
from reconciler.questions import doctor_network, doctor_state, doctor_tenant
from reconciler.questions.doctor import Check, Finding, Grade, examine
from reconciler.report import wording
from reconciler.studio import reach
from reconciler.studio.session import Answer, Failure, Session

T = TypeVar("T")


def check_up(site: Site, trial: tuple[int, str] | None = None) -> Iterator[Finding]:
    """
    Run every check that can run.

    `trial` is the scratch collection of a probe and whose share it tries.
    """
    return examine(_Checkup(site).checks(trial))


class _Shared(Generic[T]):
    """Something that several checks need: read once, and failed once."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._value: T | None = None
        self._error: ReconcilerError | None = None

    def get(self) -> T:
        if self._error is not None:
            raise self._error.with_traceback(None)
        if self._value is None:
            try:
                self._value = self._read()
            except ReconcilerError as error:
                self._error = error
                raise
        return self._value


class _Checkup:
    """The checks of one tenant; its listing and its plan are read when the first of them asks."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._listing = _Shared(self._read_listing)
        self._preview = _Shared(self._read_preview)

    def checks(self, trial: tuple[int, str] | None) -> Iterator[tuple[str, Check]]:
        """Every check by its name; where nobody answers, those that would ask are left out."""
        yield "file", self._file
        if not self._site.sandbox:
            yield "dns", self._name
            yield "tls", self._certificate
        answer = self._ping()
        yield "reachable", lambda: doctor_network.answers(self._site.url, answer, now())
        if isinstance(answer, Answer):
            yield "me", self._me
        yield "token", self._token
        if isinstance(answer, Answer):
            yield "visible", lambda: doctor_tenant.what_we_see(self._listing.get()[0])
            yield "rights", lambda: doctor_tenant.what_we_may(self._preview.get().plan)
            yield "answers", self._settled
            yield "guards", self._guards
        yield "state", self._state
        if trial is not None:
            yield "probe", lambda: try_out(self._site, self._preview.get(), *trial)

    def _file(self) -> Iterator[Finding]:
        loaded = self._site.loaded
        entries = wording.counted(len(loaded.declarations.collections), "collection")
        text = f"{loaded.path} is valid: {entries}, mode {loaded.settings.mode}"
        yield Finding("file", Grade.OK, text)
        yield Finding("url", Grade.OK, self._site.url)

    def _name(self) -> Iterable[Finding]:
        return doctor_network.name_resolves(reach.place(self._site.url))

    def _certificate(self) -> Iterable[Finding]:
        where, seconds = reach.place(self._site.url), self._site.timeout.total_seconds()
        return doctor_network.certificate(where, seconds, now())

    def _ping(self) -> reach.Pinged:
        session = Session(self._site.options(), transport=sandbox_transport(self._site))
        try:
            return reach.ping(session)
        except Unreachable as error:
            return Failure(trouble=Trouble.CONNECT, reason=error.message, sent=False)
        finally:
            session.close()

    def _token(self) -> Iterable[Finding]:
        site, settings = self._site, self._site.loaded.settings.studio
        if site.sandbox or settings is None:
            return (Finding("token", Grade.OK, "the simulated tenant's own, which does not end"),)
        if not isinstance(settings.auth, OAuth):
            settings.auth.token.read(os.environ)
            return doctor_state.plain_token()
        seeded = settings.auth.refresh_token is not None
        return doctor_state.renewed_tokens(
            site.state_place(), site.tenant, seeded=seeded, now=now()
        )

    def _me(self) -> Iterable[Finding]:
        settings = self._site.loaded.settings.studio
        written = settings.me if settings is not None else None
        return doctor_tenant.who_we_are(self._site.reader(), self._listing.get()[1], written)

    def _settled(self) -> Iterable[Finding]:
        observed = self._preview.get().draft.view.observed
        body = self._site.options().permissions_body
        return doctor_tenant.what_is_settled(
            self._site.reader(), self._site.observer(), observed, body
        )

    def _guards(self) -> Iterable[Finding]:
        plan = self._preview.get().plan
        return doctor_tenant.what_is_held(plan, wording.verdict(plan))

    def _state(self) -> Iterable[Finding]:
        return doctor_state.memory(self._site.state_place(), self._site.tenant, now())

    def _read_listing(self) -> tuple[Listing, int | None]:
        listing, _, me = self._site.observer().listing()
        return listing, me

    def _read_preview(self) -> Preview:
        self._listing.get()
        memory, _ = self._site.glance()
        at = now()
        return preview(self._site.observer(), task_for(self._site, memory, at), at)
