"""`apply PLAN.json`: exactly that plan, once, over collections that are as they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from reconciler.cli.conduct import Orders, conduct
from reconciler.cli.showing import Showing
from reconciler.cli.site import Site, now
from reconciler.cli.tasks import task_for
from reconciler.core.document import Header
from reconciler.core.outcome import Outcomes
from reconciler.core.saved import SavedPlan, applied_before, check_usable, read_saved
from reconciler.errors import PlanRefused
from reconciler.passes.ports import Clock, Executor, Recorder, Studio, Task
from reconciler.passes.rounds import Done, Preview
from reconciler.passes.saved import Review, carry_out_exactly, review, with_moved
from reconciler.state.plans import claim, is_claimed

MOST_BYTES = 512 * 1024 * 1024


def apply_saved(site: Site, path: Path, showing: Showing, acknowledged: Sequence[str]) -> int:
    """Carry out a saved plan. Raises PlanRefused or StalePlan before anything is sent."""
    saved = read_saved(_document(path))
    check_usable(saved, site.url, now())
    if is_claimed(site.store(), saved.fingerprint, saved.id):
        raise applied_before()
    return showing.tells(conduct(site, _Saved(site, saved, showing).orders(acknowledged)))


class _Saved:
    """The orders for one saved plan; the review is kept between planning and carrying out."""

    def __init__(self, site: Site, saved: SavedPlan, showing: Showing) -> None:
        self._site = site
        self._saved = saved
        self._showing = showing
        self._review: Review | None = None

    def orders(self, acknowledged: Sequence[str]) -> Orders:
        return Orders(
            kind="apply",
            task=lambda memory, at: task_for(self._site, memory, at, acknowledged=acknowledged),
            preview=self._preview,
            go=self._go,
            carry=self._carry,
            idle=lambda _first: with_moved(self._reviewed(), Outcomes()),
            remembers=False,
        )

    def _preview(self, task: Task, at: datetime) -> Preview:
        self._review = review(self._site.observer(), task, self._saved, at)
        return self._review.preview

    def _go(self, preview: Preview, header: Header) -> bool:
        """Ask, then take the plan for good: whoever comes second writes nothing."""
        going = self._showing.asks(preview, header)
        if not self._showing.declined:
            saved = self._saved
            if not claim(self._site.store(), saved.fingerprint, saved.id, now()):
                raise applied_before()
        return going

    def _carry(
        self,
        _studio: Studio,
        _task: Task,
        _first: Preview,
        execute: Executor,
        recorder: Recorder,
        _clock: Clock,
    ) -> Done:
        return carry_out_exactly(self._reviewed(), execute, recorder)

    def _reviewed(self) -> Review:
        assert self._review is not None  # noqa: S101 - the preview comes first
        return self._review


def _document(path: Path) -> object:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PlanRefused(f"{path} is too large to be a plan")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanRefused(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise PlanRefused(f"{path} is no JSON: {error}") from error
