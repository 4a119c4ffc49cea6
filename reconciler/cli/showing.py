"""What `apply` and `run --once` show, ask and tell."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.cli.conduct import Conducted
from reconciler.cli.exits import Exit
from reconciler.cli.site import Site
from reconciler.cli.terminal import agreed, colour_wanted, tell, write_out
from reconciler.cli.unfolding import whom_it_reaches
from reconciler.core.document import Header, dump, result_document
from reconciler.core.plan import Plan
from reconciler.core.reach import Reach
from reconciler.passes.rounds import Preview
from reconciler.report import text


@dataclass(slots=True)
class Showing:
    """
    How one command shows its plan, asks, and tells its result.

    With JSON, stdout holds the result alone, and a plan to be asked about goes
    to stderr.
    """

    site: Site
    yes: bool
    json: bool = False
    verbose: bool = False
    only_show: bool = False
    declined: bool = False
    _shown: Plan | None = None

    def asks(self, preview: Preview, header: Header) -> bool:
        """Show the plan; whether to carry it out. A plan with nothing to do asks nothing."""
        if self.only_show or not preview.judged.approved.collections:
            return False
        shown = text.render_plan(
            preview.plan,
            header,
            colour=colour_wanted(),
            verbose=self.verbose,
            reach=None if self.yes else self._reach(preview),
        )
        if not self.json:
            write_out(shown + "\n")
            self._shown = preview.plan
        elif not self.yes:
            tell(shown)
        self.declined = not self.yes and not agreed("Carry this out?")
        return not self.declined

    def _reach(self, preview: Preview) -> Reach | None:
        """Whom the plan reaches: a few reads more, for a person who is about to decide."""
        found = whom_it_reaches(self.site, self.site.observer(), preview.draft, preview.plan)
        self.site.progress.clear()
        return found

    def tells(self, conducted: Conducted) -> int:
        """Tell what was done; the exit status."""
        if self.declined:
            tell("nothing was done")
            return Exit.FAILED
        done, header, colour = conducted.done, conducted.header, colour_wanted()
        if self.json:
            write_out(dump(result_document(done.plan, done.outcomes, header)))
        elif not conducted.wrote and not done.moved:
            write_out(text.render_plan(done.plan, header, colour=colour, verbose=self.verbose))
        else:
            write_out(
                text.render_result(
                    done.plan,
                    done.outcomes,
                    header,
                    colour=colour,
                    seconds=conducted.seconds,
                    requests=conducted.requests,
                    shown=self._shown,
                )
            )
        return Exit.INTERRUPTED if conducted.stopped else conducted.status
