"""A script as it is written in an afternoon: reads each list, and sends one request a share."""

from __future__ import annotations

import sys

import requests

FIRST = 1_000_000
API = "/api/public/v1/collections"


def main() -> None:
    url, collections, shares = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    session = requests.Session()
    session.headers["Authorization"] = "Bearer sandbox"
    for id in range(FIRST, FIRST + collections):
        address = f"{url}{API}/{id}/permissions"
        there = {each["id"] for each in session.get(address, timeout=30).json()["users"]}
        for who in sorted({2 + number for number in range(shares)} - there):
            action = {"action": "create", "id": who, "share_type": "user"}
            session.post(address, json=[action], timeout=30).raise_for_status()


main()
