"""The way back from a pass on record: found, planned under the lease, carried out once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from reconciler.cli.conduct import Conducted, Orders, conduct
from reconciler.cli.history import looking, nothing_on_record
from reconciler.cli.showing import Showing
from reconciler.cli.site import Site
from reconciler.cli.tasks import task_for
from reconciler.cli.terminal import write_out
from reconciler.core.outcome import Result
from reconciler.core.undo import Deed, Past
from reconciler.passes.exact import carry_out_once
from reconciler.passes.ports import Clock, Executor, Recorder, Studio, Task
from reconciler.passes.rounds import Done, Preview
from reconciler.passes.undo import preview_undo
from reconciler.report.safe import printable
from reconciler.state.history import History
from reconciler.state.records import ChangeRecord, PassRecord


def take_back(site: Site, pass_id: str, showing: Showing, acknowledged: Sequence[str]) -> int:
    """Take one pass back. Raises StateError where it is not on record."""
    found = _on_record(site, pass_id)
    orders = Orders(
        kind="undo",
        task=lambda memory, at: task_for(site, memory, at, acknowledged=acknowledged),
        preview=lambda task, at: _preview(site, found, task, at),
        go=showing.asks,
        carry=_carry,
        remembers=False,
    )
    conducted = conduct(site, orders)
    if showing.json or conducted.done.plan.has_changes:
        return showing.tells(conducted)
    write_out(_nothing(found, conducted))
    return conducted.status


def past_of(record: PassRecord) -> tuple[Past, ...]:
    """What a pass did or may have done, by collection, the first touched first."""
    deeds: dict[int, list[Deed]] = {}
    names: dict[int, str] = {}
    created = set(_created(record))
    for id, name in (*_created(record).items(), *_touched(record.changes)):
        deeds.setdefault(id, [])
        names.setdefault(id, name)
    for each in record.changes:
        if each.collection_id is not None and _may_have_happened(each):
            sure = each.outcome is not None and each.outcome.result is Result.APPLIED
            deeds[each.collection_id].append(Deed(each.change, sure))
    return tuple(
        Past(id=id, name=names[id], deeds=tuple(done), created=id in created)
        for id, done in deeds.items()
    )


def _on_record(site: Site, pass_id: str) -> str:
    """The whole id of a pass, looked up before anything is opened to be written."""
    with looking(site) as store:
        if store is None:
            raise nothing_on_record(pass_id)
        return History(store).read(pass_id).id


def _preview(site: Site, pass_id: str, task: Task, at: datetime) -> Preview:
    # Read under the lease: a pass that was killed has its open changes told as unknown by now.
    past = past_of(History(site.store()).read(pass_id))
    return preview_undo(site.observer(), task, past, at)


def _carry(
    _studio: Studio,
    _task: Task,
    first: Preview,
    execute: Executor,
    recorder: Recorder,
    _clock: Clock,
) -> Done:
    return carry_out_once(first, execute, recorder)


def _created(record: PassRecord) -> dict[int, str]:
    return {
        each.collection_id: each.name
        for each in record.creations
        if each.collection_id is not None
        and each.outcome is not None
        and each.outcome.result is Result.APPLIED
    }


def _touched(changes: Iterable[ChangeRecord]) -> Iterable[tuple[int, str]]:
    for each in changes:
        if each.collection_id is not None and _may_have_happened(each):
            yield each.collection_id, each.collection_name


def _may_have_happened(record: ChangeRecord) -> bool:
    outcome = record.outcome
    return outcome is None or outcome.result in {Result.APPLIED, Result.UNKNOWN}


def _nothing(pass_id: str, conducted: Conducted) -> str:
    lines = [f"Nothing to take back: what {pass_id} did is not there any more, or was never done."]
    plan = conducted.done.plan
    lines += [
        f"{printable(each.name)}: {printable(f'{each.status}: {each.reason}')}"
        for each in plan.collections
        if each.reason
    ]
    lines += [f"Warning  {printable(each.message)}" for each in plan.notices]
    return "".join(f"{line}\n" for line in lines)
