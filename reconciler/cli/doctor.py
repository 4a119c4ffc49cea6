"""`doctor`: is all well, and if not, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from reconciler.cli.exits import Exit
from reconciler.cli.options import Shared, format_option, shared_options
from reconciler.cli.site import open_site
from reconciler.cli.terminal import colour_wanted, write_out
from reconciler.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from reconciler.questions.doctor import Finding


@click.command("doctor")
@click.option(
    "--probe",
    "collection",
    metavar="COLLECTION_ID",
    type=click.IntRange(min=1),
    help="Settle the rest by writing, on a scratch collection that the file does not name.",
)
@click.option(
    "--with",
    "principal",
    metavar="PRINCIPAL",
    help="Whose share there the probe tries: user:12, group:12 or an address.",
)
@format_option("text", "json")
@shared_options
@click.pass_obj
def doctor_command(
    shared: Shared, collection: int | None, principal: str | None, format_: str
) -> int:
    r"""
    Check the file, the way to Studio, the token, its rights, and the state.

    One check that fails never keeps another from running. It exits 0 when all
    is well, warnings or not, and 1 when something failed. It writes nothing to
    Studio, unless you name a scratch collection to try it on: then one share is
    created, updated and destroyed there, and what was is put back.

    \b
    Examples:
      reconciler doctor
      reconciler doctor --format json
      reconciler doctor --probe 4750 --with user:105
    """
    if (collection is None) != (principal is None):
        raise UsageError("--probe and --with go together: on which collection, and whose share")
    from reconciler.cli.checkup import check_up  # noqa: PLC0415 - not for --help
    from reconciler.questions.doctor import all_is_well, failures  # noqa: PLC0415 - as above

    findings: list[Finding] = []
    try:
        with open_site(shared) as site:
            trial = None if collection is None else (collection, principal or "")
            findings += check_up(site, trial)
    except ConfigError as error:
        findings += failures("file", error)
    _show(findings, format_)
    return Exit.DONE if all_is_well(findings) else Exit.FAILED


def _show(findings: Sequence[Finding], format_: str) -> None:
    if format_ == "json":
        from reconciler.core.document import dump  # noqa: PLC0415 - not for --help
        from reconciler.questions.doctor import checkup_document  # noqa: PLC0415 - as above

        write_out(dump(checkup_document(findings)))
        return
    from reconciler.report.ink import Ink, Tone  # noqa: PLC0415 - not for --help
    from reconciler.report.safe import printable  # noqa: PLC0415 - as above

    ink = Ink(colour_wanted())
    tones = {"ok": Tone.GIVES, "warn": Tone.ALTERS, "fail": Tone.TAKES}
    for each in findings:
        grade = ink(f"{each.grade:<4}", tones[each.grade])
        write_out(f"{grade}  {each.check:<9}  {printable(each.detail)}\n")
        if each.remedy is not None:
            write_out(f"{'':17}{printable(each.remedy)}\n")
