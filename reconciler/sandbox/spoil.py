"""What a fault makes of an answer; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from reconciler.sandbox.faults import Fault
from reconciler.sandbox.messages import Ending, Response, answer, page

ENDINGS = {
    "truncated": Ending.TRUNCATED,
    "reset": Ending.RESET,
    "refused": Ending.REFUSED,
    "timeout": Ending.TIMEOUT,
    "late": Ending.TIMEOUT,
}
RATE_LIMIT_ERROR = "Rate limit exceeded"
DATED_WAIT = timedelta(seconds=1)


def spoil(fault: Fault, response: Response, now: datetime) -> Response:
    """Turn the answer that would have been into the one that arrives."""
    match fault.fault:
        case "status":
            return _failure(fault, now)
        case "redirect":
            return Response(302, headers={"Location": fault.location})
        case "garbage":
            return Response(200, b'{"collections": [{"id": 12, "na\xff\xfe', "application/json")
        case "slow":
            return replace(response, delay=fault.seconds)
        case ending:
            return replace(response, ending=ENDINGS[ending])


def too_many(seconds: float = 1) -> Response:
    """The answer to a client that asks too fast."""
    headers = {"Retry-After": f"{seconds:g}"}
    return replace(answer({"error": RATE_LIMIT_ERROR}, 429), headers=headers)


def _failure(fault: Fault, now: datetime) -> Response:
    error = f"the sandbox answers {fault.status} on purpose"
    match fault.body:
        case "html":
            response = page(f"<html><body><h1>{fault.status}</h1></body></html>", fault.status)
        case "empty":
            response = Response(fault.status, content_type="text/plain")
        case "rate_limit":
            response = answer({"error": RATE_LIMIT_ERROR}, fault.status)
        case _:
            response = answer({"error": error}, fault.status)
    return replace(response, headers=_retry_after(fault, now))


def _retry_after(fault: Fault, now: datetime) -> dict[str, str]:
    if fault.retry_after is None:
        return {}
    if fault.retry_after == "date":
        return {"Retry-After": format_datetime(now.astimezone(UTC) + DATED_WAIT, usegmt=True)}
    return {"Retry-After": f"{fault.retry_after:g}"}
