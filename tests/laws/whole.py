"""
The whole reconciler at work on a scene: steps played, and what must hold asked after each pass.

The passes are those of the command line (`conduct`), over real files, a real state and the
simulated tenant. Whatever an exception says, the world afterwards decides.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import time_machine

from reconciler.cli.conduct import Conducted, Orders, conduct
from reconciler.cli.exits import Exit
from reconciler.cli.tasks import task_for
from reconciler.core.model import Status
from reconciler.core.outcome import Result
from reconciler.core.plan import CollectionPlan, Doing
from reconciler.errors import ReconcilerError, Unauthorized
from reconciler.passes.rounds import preview
from reconciler.sandbox.audit import Changed
from reconciler.sandbox.convert import world_of
from reconciler.sandbox.document import TenantDocument
from reconciler.sandbox.state import State
from reconciler.sandbox.tenant import Tenant
from reconciler.sandbox.world import World
from reconciler.state.history import History
from reconciler.state.records import PassRecord, Verdict
from reconciler.state.store import Store
from reconciler.state.tokens import StoredTokens, TokenStore
from reconciler.studio.pairs import digest
from tests.laws import invariants, witness
from tests.laws.invariants import Scope
from tests.laws.mortal import SEED, START, Fate, Killed, Slate, bury, loaded, open_mortal
from tests.laws.oracle import disagreement
from tests.laws.scenes import Act, Edit, Pass, Scene, Step, Wait
from tests.laws.worlds import ME, Plain

MORE_PASSES = 3


class Whole:
    """One tenant, one state, one file; processes come and go."""

    def __init__(
        self, scene: Scene, folder: Path, store: Store, time: time_machine.Traveller
    ) -> None:
        document = TenantDocument.model_validate(scene.tenant)
        self.tenant = Tenant(State(world=world_of(document), switches=scene.switches))
        self.began = self.tenant.world
        self.scene = scene
        self.time = time
        self.folder = folder
        self.store = store
        self._past: list[PassRecord] = []
        self.scopes: list[Scope] = []
        self.names = {id: {each.name} for id, each in self.began.collections.items()}
        self.born: dict[int, int] = {}
        self.meddling: dict[int, Act] = {}
        self.sent = 0
        self.write(scene.file)

    # --- what happens --------------------------------------------------------------------

    def play(self, step: Step) -> None:
        match step:
            case Pass():
                self.run(step)
            case Act():
                self.act(step)
            case Edit(file):
                self.write(file)
            case Wait(time):
                self.time.shift(time)

    def write(self, file: Plain) -> None:
        """Put another file in place."""
        body = self.scene.switches.permissions_body
        studio = {**file["studio"], "permissions_body": "array" if body == "both" else body}
        self.file = {**file, "studio": studio}
        path = self.folder / "config.yaml"
        path.write_text(json.dumps(self.file), encoding="utf-8")
        self.loaded = loaded(path)
        # What was pinned under a name is remembered by it: without the pin, it was renamed.
        for entry in file["collections"]:
            if "id" in entry:
                self.names.setdefault(entry["id"], set()).add(entry["name"])

    def act(self, act: Act) -> None:
        """Let somebody do it, if it can be done."""
        with contextlib.suppress(LookupError):
            getattr(self.tenant, act.name)(*act.args)
        self._note()

    def run(self, step: Pass) -> Conducted | None:
        """Run one pass with all that goes wrong in it, and ask what must hold."""
        self.time.shift(1)  # no two passes begin in one instant
        self.tenant.faults.clear()
        for fault in step.faults:
            self.tenant.faults.add(fault)
        self.meddling, self.sent = dict(step.meddling), 0
        self.scopes.append(
            Scope(
                file=self.file,
                world=self.tenant.world,
                at=datetime.now(UTC),
                since=len(self.tenant.audit),
                archived_told=self.scene.switches.archived_told,
                me_told=self.scene.switches.library_listed or "me" in self.file["studio"],
            )
        )
        conducted = self._conduct(Fate(step.dies_at))
        self._check(conducted, quiet=step.is_quiet)
        return conducted

    def _conduct(self, fate: Fate) -> Conducted | None:
        site = open_mortal(
            self.loaded, self.tenant, self.store, fate, self, self.time, self.scene.oauth
        )
        orders = Orders(
            kind="apply",
            task=lambda memory, at: task_for(site, memory, at),
            preview=lambda task, at: preview(site.observer(), task, at),
            go=lambda _preview, _header: True,
            interruptible=False,
        )
        self.error: ReconcilerError | None = None
        try:
            return conduct(site, orders)
        except ReconcilerError as error:
            self.error = error
        except Killed:
            bury(self.store)
        finally:
            site.close()
        return None

    # --- what a request must be ---------------------------------------------------------

    def sees(self, request: httpx.Request) -> None:
        """Let somebody meddle; then check that what is about to be written is on record."""
        self._note()
        self.sent += 1
        if (act := self.meddling.pop(self.sent, None)) is not None:
            self.act(act)
        witness.check(request, self.store)

    def _note(self) -> None:
        """Remember what collections were ever called, and whose they were at birth."""
        for id, each in self.tenant.world.collections.items():
            self.names.setdefault(id, set()).add(each.name)
            self.born.setdefault(id, each.owner)

    # --- what must hold ------------------------------------------------------------------

    def _check(self, conducted: Conducted | None, *, quiet: bool) -> None:
        self._note()
        audit = self.tenant.audit
        invariants.nothing_forbidden(audit)
        invariants.only_what_the_file_rules(audit, self.scopes, self.names)
        invariants.never_twice(audit, self.began, self.born)
        passes = self.passes()
        if passes:
            invariants.journal_fits(self.tenant, passes, self.scopes)
            invariants.limits_hold(passes, self.scopes[-1])
            running = [each for each in passes if each.verdict is Verdict.RUNNING]
            assert running in ([], [passes[-1]]), "a pass runs for ever"
        if conducted is not None and conducted.status is Exit.DONE and quiet:
            self._agrees(conducted)

    def passes(self) -> list[PassRecord]:
        """All passes on record with all they did, the first one first."""
        history = History(self.store)
        ids = [each.id for each in reversed(history.passes(1000))]
        # Only the last one, and one before that was killed, can have changed.
        self._past = [each for each in self._past if each.verdict is not Verdict.RUNNING]
        self._past += [history.read(id) for id in ids[len(self._past) :]]
        last = self._past.pop() if self._past else None
        return self._past + ([last] if last is not None else [])

    def _agrees(self, conducted: Conducted) -> None:
        """What the file asks for is so, where the plan says that it saw and held nothing."""
        world = self.tenant.world
        for entry in conducted.done.plan.collections:
            if entry.status is Status.OK and entry.id is not None and _is_free(entry, conducted):
                written = self._written(entry)
                told = disagreement(
                    self.file, written, world.collections[entry.id], world, datetime.now(UTC)
                )
                assert told is None, told

    def _written(self, entry: CollectionPlan) -> Plain:
        """The entry as written; the file is one line of JSON, so its column tells which."""
        order = sorted(self.loaded.declarations.collections, key=lambda each: each.source)
        place = [each.source for each in order].index(entry.source)
        written: Plain = self.file["collections"][place]
        return written

    def settle(self) -> None:
        """When all goes right: three more passes at most, and one that finds nothing to do."""
        for _ in range(MORE_PASSES):
            self.time.shift(60)
            if self._is_still():
                return
        self.time.shift(60)
        assert self._is_still(), "it does not come to rest"

    def _is_still(self) -> bool:
        """Whether one more pass moves nothing, and has nothing left but what is held or refused."""
        world = self.tenant.world
        last = self._undisturbed()
        if not _same(self.tenant.world, world) or not all(_rests(last)):
            return False
        self._agrees(last)
        return True

    def _undisturbed(self) -> Conducted:
        conducted = self.run(Pass())
        if conducted is None and isinstance(self.error, Unauthorized) and self.scene.oauth:
            self._log_in()
            conducted = self.run(Pass())
        assert conducted is not None, self.error
        return conducted

    def _log_in(self) -> None:
        """A person consents again: the one way back after a renewed token was lost."""
        now, life = datetime.now(UTC), self.scene.switches.expires_in
        credentials, pair = self.tenant.world.credentials.with_pair(ME, now, life)
        self.tenant.by_hand(lambda world, _stamp: Changed(replace(world, credentials=credentials)))
        stored = StoredTokens(pair.access, pair.refresh, None, digest(SEED))
        TokenStore(self.store).save(stored)


def _rests(last: Conducted) -> Iterator[bool]:
    """Each change and creation: whether it is held, or the service refuses it for good."""
    outcomes = last.done.outcomes
    for entry in last.done.plan.collections:
        if entry.action is Doing.CREATE and entry.hold is None:
            yield outcomes.collections[entry.key].result is Result.FAILED
            continue
        for change in entry.changes:
            outcome = outcomes.shares.get((entry.key, change.principal))
            yield change.hold is not None or (outcome is not None and outcome.final)


def _is_free(entry: CollectionPlan, conducted: Conducted) -> bool:
    """Whether nothing of it is held, refused, unknown or contested."""
    outcomes = conducted.done.outcomes.shares
    refused = {key for (key, _), each in outcomes.items() if each.result is Result.FAILED}
    return (
        entry.hold is None
        and entry.key not in refused
        and not entry.unresolved
        and not any(change.hold for change in entry.changes)
        and not any(each.why.value == "unresolved" for each in entry.left_alone)
    )


def _same(one: World, other: World) -> bool:
    return replace(one, credentials=other.credentials) == other


def play(scene: Scene, slate: Slate) -> None:
    """Play a scene to its end, and then let all go right. Raises ConfigError for a bad file."""
    with slate as store, time_machine.travel(START, tick=False) as time:
        whole = Whole(scene, slate.folder, store, time)
        for step in scene.steps:
            whole.play(step)
        whole.settle()
