"""The floor of reading: bare httpx, one connection, the same GETs, each body parsed as JSON."""

from __future__ import annotations

import json
import sys

import httpx

FIRST = 1_000_000
API = "/api/public/v1/collections"


def main() -> None:
    url, collections = sys.argv[1], int(sys.argv[2])
    client = httpx.Client(base_url=url, headers={"Authorization": "Bearer sandbox"})
    for page in range(1, -(-collections // 50) + 1):
        json.loads(client.get(API, params={"page": page, "per_page": 50}).content)
    for id in range(FIRST, FIRST + collections):
        json.loads(client.get(f"{API}/{id}/permissions").content)


main()
