"""A target of octoDNS that has its records in memory, as a provider has after its reads."""

from __future__ import annotations

import logging
from typing import Any

from octodns.provider.base import BaseProvider  # type: ignore[import-untyped]
from octodns.record import Record  # type: ignore[import-untyped]

from tests.bench.octo import address


class MemoryTarget(BaseProvider):  # type: ignore[misc]
    """Every zone has so many address records."""

    SUPPORTS_GEO = False
    SUPPORTS_DYNAMIC = False
    SUPPORTS_ROOT_NS = False
    SUPPORTS = frozenset({"A"})

    def __init__(self, id: str, records: int) -> None:
        self.log = logging.getLogger(f"MemoryTarget[{id}]")
        super().__init__(id)
        self._records = records

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:  # noqa: ANN401, ARG002
        for number in range(self._records):
            data = {"type": "A", "ttl": 300, "value": address(number)}
            zone.add_record(Record.new(zone, f"r{number}", data, source=self), lenient=lenient)
        return True

    def _apply(self, plan: Any) -> None:  # noqa: ANN401
        raise NotImplementedError
