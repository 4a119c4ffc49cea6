"""Several threads at one tenant, as the program's readers and writers are."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx

from reconciler.sandbox.transport import SandboxTransport
from tests.sandbox.asking import V1, School


def test_nothing_is_lost_between_threads() -> None:
    school = School()
    before = set(school.tenant.collections())

    def create_ten(worker: int) -> list[int]:
        with httpx.Client(transport=SandboxTransport(school.tenant)) as http:
            answers = [
                http.post(
                    f"https://sandbox.invalid{V1}/collections",
                    params={"name": f"{worker}-{number}"},
                    headers={"Authorization": "Bearer sandbox"},
                )
                for number in range(10)
            ]
        return [json.loads(answer.content)["collection"]["id"] for answer in answers]

    with ThreadPoolExecutor(4) as pool:
        created = [id for ids in pool.map(create_ten, range(4)) for id in ids]

    assert len(set(created)) == len(created) == 40
    assert set(school.tenant.collections()) == before | set(created)
    assert len(school.tenant.requests) == len(school.tenant.audit) == 40
