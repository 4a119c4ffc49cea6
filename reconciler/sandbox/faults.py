"""
What goes wrong between a client and the service: a schedule of faults.

A fault is one rule; the first rule that fires spoils a request. A file of them
(YAML or JSON) reads:

    seed: 7                              # of the probabilities; default 0
    faults:
      - {fault: status, status: 429, retry_after: 2, route: "GET /collections", times: 3}
      - {fault: reset, when: after, route: "POST /collections/*/permissions", skip: 1}
      - {fault: timeout, request: 12}
      - {fault: status, status: 503, body: html, probability: 0.05}
      - {fault: late, route: "POST /collections", requests: 4}

`fault` is one of
    status      answers `status`, its `body` json, rate_limit, html or empty;
                `retry_after` is a number of seconds, or the word date, or absent
    redirect    answers 302 to `location`
    garbage     answers 200 with something that is not JSON
    truncated   sends half of the answer, then closes
    reset       closes without an answer
    refused     refuses the connection; never takes effect
    timeout     never answers
    slow        answers after `seconds`
    late        never answers; takes effect after `requests` more requests
                and `seconds`

`when` says whether the request takes effect all the same (`after`) or not
(`before`, the default). Truncated and slow always do, refused never does, late
does in its own time: these four take no `when`.

A rule fires for requests whose verb and path fit `route` (shell wildcards; the
path is without `/api/public` and `/v1`), leaving out the first `skip` of them,
at most `times` times (default: once, with a probability: for ever). `request`
picks one by its number, the first that this process carries being 1;
`probability` throws a die for each.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar, Literal, TypeAlias

from pydantic import ConfigDict

from reconciler.sandbox.messages import Request

Kind: TypeAlias = Literal[
    "status", "redirect", "garbage", "truncated", "reset", "refused", "timeout", "slow", "late"
]
When: TypeAlias = Literal["before", "after"]
ALWAYS_AFTER = frozenset({"truncated", "slow"})
NEVER_AFTER = frozenset({"refused", "late"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule of the schedule; the module says what each field means."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    fault: Kind
    when: When | None = None
    route: str = "*"
    request: int | None = None
    skip: int = 0
    times: int | None = None
    probability: float | None = None
    status: int = 503
    body: Literal["json", "rate_limit", "html", "empty"] = "json"
    retry_after: float | Literal["date"] | None = None
    location: str = "https://elsewhere.invalid/"
    seconds: float = 0.0
    requests: int = 0

    def __post_init__(self) -> None:
        if self.when is not None and self.fault in ALWAYS_AFTER | NEVER_AFTER:
            raise ValueError(f"a fault of kind {self.fault} takes no `when`")

    @property
    def takes_effect(self) -> bool:
        """Whether the request is carried out although its answer is spoiled."""
        return self.fault in ALWAYS_AFTER or self.when == "after"

    @property
    def limit(self) -> int | None:
        """How often the rule fires at most; None: for ever."""
        return 1 if self.times is None and self.probability is None else self.times

    def fits(self, number: int, route: str) -> bool:
        return self.request in {None, number} and fnmatchcase(route, self.route)


class Schedule:
    """The rules of one run, and how often each has met its request and fired."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int = 0) -> None:
        self._faults = list(faults)
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._met: Counter[int] = Counter()
        self._fired: Counter[int] = Counter()

    def add(self, fault: Fault) -> None:
        """Put a rule at the end of the schedule."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Let everything go right from now on."""
        self._faults.clear()
        self._met.clear()
        self._fired.clear()

    def pick(self, number: int, request: Request) -> Fault | None:
        """The fault of the request of this number, counted from 1; None where all goes right."""
        route = route_of(request)
        for index, fault in enumerate(self._faults):
            if fault.fits(number, route) and self._fires(index, fault):
                return fault
        return None

    def _fires(self, index: int, fault: Fault) -> bool:
        self._met[index] += 1
        if self._met[index] <= fault.skip:
            return False
        if fault.limit is not None and self._fired[index] >= fault.limit:
            return False
        if fault.probability is not None and self._random.random() >= fault.probability:
            return False
        self._fired[index] += 1
        return True


def route_of(request: Request) -> str:
    """Verb and short path, as rules are written against."""
    return f"{request.method} {re.sub(r'^/api/public(/v1)?', '', request.path)}"
