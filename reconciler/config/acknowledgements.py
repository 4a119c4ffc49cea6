"""The `acknowledge` section: held sets of changes that a person lets through."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.config.dates import Date
from reconciler.config.nodes import Node
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.records import Fields, Keys, Record, required
from reconciler.config.scalars import Text, scalar
from reconciler.config.shapes import ListOf
from reconciler.config.suggest import shown
from reconciler.core.limits import Acknowledgement

_HOLD = re.compile(r"[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HoldId:
    """The id of a hold, as plans print it."""

    def read(self, node: Node, reading: Reading) -> str:
        text = scalar(node, "hold", reading).text
        if not _HOLD.fullmatch(text):
            message = f"hold must be the 8 hex digits that the plan prints, not {shown(text)}"
            raise reading.refuse(node.location, message)
        return text

    def schema(self) -> JsonSchema:
        # Eight decimal digits, or 12345e78, are a number to an editor.
        return {"type": ["string", "number"], "pattern": "^[0-9a-f]{8}$"}


class AcknowledgeKeys(Keys):
    """One entry of `acknowledge`."""

    hold = required(HoldId(), "The hold's id, printed beside what it holds.")
    until = required(Date("until"), "The last day on which it may go through, in `timezone`.")
    reason = required(Text("reason"), "Why it is right; kept on record.")


def _acknowledgement(fields: Fields) -> Acknowledgement:
    return Acknowledgement(
        fields[AcknowledgeKeys.hold],
        fields.reading.calendar.end_of(fields[AcknowledgeKeys.until]),
        fields[AcknowledgeKeys.reason],
        fields.location,
    )


ACKNOWLEDGE = ListOf(Record(AcknowledgeKeys, _acknowledgement, "an acknowledgement"), "acknowledge")
