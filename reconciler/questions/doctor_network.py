"""Doctor's look at the way to the service: name, certificate, answer, clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus

from reconciler.questions.doctor import Finding, Grade
from reconciler.studio import reach
from reconciler.studio.answers import message
from reconciler.studio.reach import Place
from reconciler.studio.session import Answer, Failure

PONG = b"pong"
ENDS_SOON = timedelta(days=14)
# Windows of time and tokens are judged by our clock. Leases are not: they bear any difference.
NOTICEABLE = timedelta(seconds=30)
TOO_FAR = timedelta(minutes=5)
CHECK_URL = "check studio.url: it is the tenant's own address"


def name_resolves(where: Place) -> Iterator[Finding]:
    """Whether the host's name is known."""
    if reach.goes_by_proxy(where):
        yield Finding("dns", Grade.OK, f"requests to {where.host} go through a proxy, which asks")
        return
    found = reach.addresses(where)
    yield Finding("dns", Grade.OK, f"{where.host} is {', '.join(found[:3])}")


def certificate(where: Place, seconds: float, now: datetime) -> Iterator[Finding]:
    """Whether the certificate is believed, and for how long."""
    if not where.secure:
        yield Finding("tls", Grade.OK, "plain http, on this machine only")
    elif reach.goes_by_proxy(where):
        yield Finding("tls", Grade.OK, "through a proxy; every request checks the certificate")
    else:
        yield how_long(reach.certificate_end(where, seconds), now)


def how_long(end: datetime | None, now: datetime) -> Finding:
    """Whether a certificate that is believed ends soon; None where it does not tell."""
    if end is None:
        return Finding("tls", Grade.OK, "the certificate is believed")
    if end - now < ENDS_SOON:
        text = f"the certificate ends on {end:%Y-%m-%d}"
        return Finding("tls", Grade.WARN, text, "tell whoever runs the tenant")
    return Finding("tls", Grade.OK, f"the certificate is believed, until {end:%Y-%m-%d}")


def answers(host: str, answer: Answer | Failure, now: datetime) -> Iterator[Finding]:
    """Whether it is Studio that answered, and how far its clock is from ours."""
    if isinstance(answer, Failure):
        yield Finding("reachable", Grade.FAIL, f"{host}: {answer.reason}", CHECK_URL)
        return
    yield _is_studio(host, answer)
    yield _clock(answer, now)


def _is_studio(host: str, answer: Answer) -> Finding:
    # It may want a token even for this: a refusal is an answer too.
    if answer.status == HTTPStatus.UNAUTHORIZED or answer.body.strip() == PONG:
        return Finding("reachable", Grade.OK, f"{host} answers")
    said = message(answer)
    text = f"{host} answered {answer.status}{f' ({said})' if said else ''}, not as Studio does"
    return Finding("reachable", Grade.FAIL, text, CHECK_URL)


def _clock(answer: Answer, now: datetime) -> Finding:
    ahead = reach.clock_ahead(answer, now)
    if ahead is None:
        return Finding("clock", Grade.OK, "the service does not tell its time")
    seconds = abs(ahead.total_seconds())
    text = f"our clock is {seconds:.0f} s {'behind' if ahead > timedelta(0) else 'ahead of'} theirs"
    remedy = "set this machine's clock by NTP: windows, tokens and leases go by it"
    if seconds > TOO_FAR.total_seconds():
        return Finding("clock", Grade.FAIL, text, remedy)
    if seconds > NOTICEABLE.total_seconds():
        return Finding("clock", Grade.WARN, text, remedy)
    return Finding("clock", Grade.OK, "our clock and theirs agree")
