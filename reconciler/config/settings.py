"""What the file says about the program itself: pace, schedule, limits, where its memory is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from reconciler.config.secrets import SecretSource
from reconciler.core.limits import Acknowledgement, Limits
from reconciler.core.model import Mode
from reconciler.errors import ConfigError, Location, Problem


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token made by hand, used as it is."""

    token: SecretSource


@dataclass(frozen=True, slots=True)
class OAuth:
    """An OAuth client; the first refresh token may come from `reconciler login` instead."""

    client_id: SecretSource
    client_secret: SecretSource
    refresh_token: SecretSource | None = None


Auth: TypeAlias = AccessToken | OAuth
Body: TypeAlias = Literal["array", "wrapped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioSettings:
    """
    The tenant and how to speak to it.

    `url` has no trailing slash; `timeout` is in seconds, for a whole request;
    `me` is the token's own user where the service does not show it.
    """

    url: str
    auth: Auth
    requests_per_second: float = 10.0
    concurrency: int = 8
    timeout: float = 30.0
    batch_size: int = 50
    permissions_body: Body = "array"
    me: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """
    When passes begin: `every` so often, or by `cron`; exactly one of them is set.

    `cron` is written out in full, weekdays as names, so that APScheduler (whose
    weekday 0 is Monday) cannot read it otherwise than cron does. Until
    `pause_until` (UTC) passes plan and do not write. A collection that agrees with
    the file need be read only once in `full_sweep`; None: by every pass.
    """

    every: timedelta | None = timedelta(minutes=15)
    cron: str | None = None
    jitter: timedelta = timedelta(seconds=30)
    pause_until: datetime | None = None
    full_sweep: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who shows this token may see the daemon's pages."""

    token: SecretSource


@dataclass(frozen=True, slots=True)
class Basic:
    """Who gives this name and password may see the daemon's pages."""

    user: str
    password: SecretSource


PageAuth: TypeAlias = Bearer | Basic


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """
    Where the daemon's pages are: host and port (0 picks one); None is off.

    `auth` is never None where other machines could reach them.
    """

    listen: tuple[str, int] | None = None
    auth: PageAuth | None = None


@dataclass(frozen=True, slots=True)
class WrittenUrl:
    """A webhook's address, as it stands in the file; shown nowhere all the same."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL that takes JSON; with a secret each post is signed."""

    url: SecretSource | WrittenUrl
    secret: SecretSource | None = None


@dataclass(frozen=True, slots=True)
class AppriseService:
    """Whatever Apprise can reach; its URLs hold the credentials."""

    url: SecretSource


Notified: TypeAlias = Webhook | AppriseService


@dataclass(frozen=True, slots=True)
class Signers:
    """Git's file of allowed signers, one of whom must have signed; and where that is asked for."""

    path: Path
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything in the files but what they declare. `studio` may be None for the sandbox alone."""

    mode: Mode
    studio: StudioSettings | None
    timezone: ZoneInfo
    schedule: Schedule = Schedule()
    limits: Limits = field(default_factory=Limits)
    acknowledge: tuple[Acknowledgement, ...] = ()
    daemon: DaemonSettings = DaemonSettings()
    notify: tuple[Notified, ...] = ()
    signers: Signers | None = None
    # A URL from the environment may hold a password.
    state_place: str | Problem = field(repr=False)

    @property
    def state(self) -> str:
        """
        Tell where the memory is: an absolute path, or a postgresql:// URL, which is a secret.

        Raises ConfigError when it should come from a variable that is not set:
        only what opens the state needs it, so checking the files does not.
        """
        if isinstance(self.state_place, Problem):
            raise ConfigError([self.state_place])
        return self.state_place
