"""
The tenant kept in a JSON file, so that it stands between two commands.

Several processes may use one file at a time: each request holds a lock on the
file's folder, reads the file again if another process wrote it, and replaces
it whole after a write. Reading costs a lock and a stat, not a parse.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from reconciler.errors import StateError
from reconciler.sandbox.audit import Entry
from reconciler.sandbox.convert import plain, world_of
from reconciler.sandbox.document import TenantDocument
from reconciler.sandbox.seed import default_world, faults_from, seed_from
from reconciler.sandbox.state import Late, State
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.tenant import Tenant

FORMAT = "reconciler.sandbox/1"
AUDIT = TypeAdapter(tuple[Entry, ...])
LATE = TypeAdapter(tuple[Late, ...])
SWITCHES = TypeAdapter(Switches)


class StoreDocument(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    format: Literal["reconciler.sandbox/1"]
    tenant: TenantDocument
    audit: tuple[Entry, ...] = ()
    late: tuple[Late, ...] = ()
    served: int = 0


def open_tenant(
    path: Path | None, *, seed: Path | None = None, faults: Path | None = None
) -> Tenant:
    """
    Open the tenant of a file, or a new one in memory alone.

    A file that is not there yet begins as the seed says (default: the little
    school of the examples); one that is there stays as it is, seed or not.
    Raises ConfigError for a faulty seed or faults, StateError for a file that
    is no tenant.
    """
    schedule = faults_from(faults) if faults else None
    if path is None:
        return Tenant(_begin(seed), faults=schedule)
    keep = FileKeep(path)
    with keep.exclusive():
        state = keep.newer()
        if state is None:
            state = _begin(seed)
            keep.save(state)
    return Tenant(state, faults=schedule, keep=keep)


class FileKeep:
    """Keeps a state in a file; tells when another process has written it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the folder: the file itself is replaced, so a lock on it would not last."""
        folder = self._open_folder()
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def newer(self) -> State | None:
        mark = self._mark()
        if mark is None or mark == self._seen:
            return None
        state = read_state(self._path)
        self._seen = mark
        return state

    def save(self, state: State) -> None:
        draft = self._path.with_name(f".{self._path.name}.new")
        draft.write_text(json.dumps(written_down(state), ensure_ascii=False), encoding="utf-8")
        # File times tick in milliseconds: each version is made later than the one before,
        # so that two quick writes are never taken for one.
        later = max(time.time_ns(), (self._mark() or (0, 0, 0))[0] + 1)
        os.utime(draft, ns=(later, later))
        draft.replace(self._path)
        self._seen = self._mark()

    def _open_folder(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path.parent, os.O_RDONLY)
        except OSError as error:
            raise StateError(
                f"{self._path}: its folder cannot be used: {error.strerror}",
                remedy="Name a file in a folder that can be written.",
            ) from None

    def _mark(self) -> tuple[int, int, int] | None:
        """What tells one version of the file from another; None where there is none."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def read_state(path: Path) -> State:
    """Read a file that a tenant was kept in."""
    try:
        document = StoreDocument.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StateError(
            f"{path}: this is not a sandbox of format {FORMAT}: {_reason(error)}",
            remedy="Name another file, or remove this one to begin anew.",
        ) from None
    return State(
        world=world_of(document.tenant),
        switches=document.tenant.switches,
        audit=document.audit,
        late=document.late,
        served=document.served,
    )


def written_down(state: State) -> dict[str, object]:
    """The state as the file holds it."""
    switches = SWITCHES.dump_python(state.switches, mode="json")
    return {
        "format": FORMAT,
        "tenant": plain(state.world) | {"switches": switches},
        "audit": AUDIT.dump_python(state.audit, mode="json"),
        "late": LATE.dump_python(state.late, mode="json"),
        "served": state.served,
    }


def _begin(seed: Path | None) -> State:
    return seed_from(seed) if seed else State(world=default_world())


def _reason(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or "it cannot be read"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
