from __future__ import annotations

import json
from pathlib import Path

from tests.bench.measure import floor
from tests.bench.octo import write_zones


def test_octodns_plans_to_change_one_record_in_twenty(tmp_path: Path) -> None:
    write_zones(tmp_path, zones=2, records=40)

    plans = json.loads(floor("octodns_plan", str(tmp_path / "octodns.yaml")).output)["memory"]

    changed = {zone: [each["type"] for each in plan["changes"]] for zone, plan in plans.items()}
    assert changed == {zone: ["update"] * 2 for zone in ("z0.example.", "z1.example.")}
