"""Plan and result as plain data: what reports, the journal, saved plans and fingerprints share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a plan says of itself: its pass, when, for which tenant, from which file."""

    id: str
    created_at: datetime
    studio: str
    config_path: str
    config_digest: str
    commit: str | None = None
