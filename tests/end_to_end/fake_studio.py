"""
A second Studio, written from the API's documentation alone and sharing no code with the sandbox.

What our sandbox and our client might both have misunderstood shows here. It is
small on purpose: one lock, no rights, one token. Its lies: everybody may do
everything, and it answers at once.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "tok-5ecret-8d2f1c"
REFRESH = "ref-5ecret-77aa3e"
BASE = "/api/public/v1"
TOKENS = "/api/public/oauth/token"
MOST_A_PAGE = 50


@dataclass
class Collection:
    """One collection; `shares` maps ("user" or "group", id) to a level."""

    id: int
    name: str | None
    owner: int | None = 101
    type: str = "collection"
    archived_at: str | None = None
    listed: bool = True
    shares: dict[tuple[str, int], str] = field(default_factory=dict)


@dataclass
class Call:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    body: Any

    @property
    def route(self) -> str:
        return f"{self.method} {self.path.removeprefix(BASE)}"

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


@dataclass
class Answer:
    """What goes back; `body` is text as it is, or a value to be sent as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class No(Exception):
    """The service's refusal."""

    def __init__(self, status: int, text: str) -> None:
        self.answer = Answer(status, {"error": text})
        super().__init__(text)


@dataclass
class FakeStudio:
    """
    The tenant, and the ways in which tenants differ where nothing is documented.

    `spoil` sees every request first, and may answer in the service's place.
    """

    url: str = ""
    me: int = 101
    people: dict[int, str | None] = field(default_factory=dict)
    groups: dict[int, str] = field(default_factory=dict)
    collections: dict[int, Collection] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    spoil: Callable[[Call], Answer | None] = lambda _call: None
    meta: bool = True
    counts_too_many: int = 0
    owner_in_list: bool = False
    owner_in_listing: bool = True
    my_library: bool = True
    emails: bool = True
    permission_told: bool = True
    search: bool = True
    user_collections: bool = True
    lists_what_it_made_for_others: bool = True
    refused_batch: str = "atomic"
    wrapped: bool = False
    next_id: int = 9001
    token: str = TOKEN
    refresh: str = REFRESH
    grants: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(
        self,
        id: int,
        name: str | None,
        *,
        owner: int | None = 101,
        shares: dict[tuple[str, int], str] | None = None,
    ) -> Collection:
        self.collections[id] = Collection(id, name, owner, shares=shares or {})
        return self.collections[id]

    def shares(self, id: int) -> dict[tuple[str, int], str]:
        return self.collections[id].shares

    @property
    def host(self) -> str:
        """What the state knows the tenant by."""
        return urlsplit(self.url).netloc

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.is_write]

    def answer(self, call: Call, token: str | None) -> Answer:
        with self.lock:
            self.calls.append(call)
            spoiled = self.spoil(call)
            if spoiled is not None:
                return spoiled
            if call.path == TOKENS:
                return self._grant(call.body)
            if token != f"Bearer {self.token}":
                return Answer(401, {"error": "invalid token"})
            return self.act(call)

    def _grant(self, form: Any) -> Answer:  # noqa: ANN401 - a form is
        """A new pair for the refresh token in force, which is spent with that."""
        if form.get("grant_type") != "refresh_token" or form["refresh_token"] != self.refresh:
            return Answer(400, {"error": "invalid_grant"})
        self.grants += 1
        self.token, self.refresh = f"{TOKEN}-{self.grants}", f"{REFRESH}-{self.grants}"
        pair = {"access_token": self.token, "refresh_token": self.refresh}
        return Answer(200, {**pair, "token_type": "Bearer", "expires_in": 7200})

    def act(self, call: Call) -> Answer:
        """Do what is asked, as if nothing were in the way."""
        try:
            return self._answer(call)
        except No as no:
            return no.answer

    def _answer(self, call: Call) -> Answer:
        match [call.method, *call.path.removeprefix(BASE).strip("/").split("/")]:
            case ["POST", "collections"]:
                return self._create(call)
            case ["POST", "collections", id, "permissions"]:
                return self._batch(self._one(id), call.body)
            case ["GET", "users", *rest]:
                return self._about_people(call, rest)
            case ["GET", *rest]:
                return self._about_collections(call, rest)
        raise No(404, "not found")

    def _about_collections(self, call: Call, parts: list[str]) -> Answer:
        match parts:
            case ["collections"]:
                return self._page(call, [each for each in self._mine() if each.listed])
            case ["collections", id]:
                return Answer(200, {"collection": self._shown(self._one(id))})
            case ["collections", id, "permissions"]:
                return Answer(200, self._list(self._one(id)))
        raise No(404, "not found")

    def _about_people(self, call: Call, parts: list[str]) -> Answer:
        match parts:
            case ["search"] if self.search:
                wanted = call.query["email"].casefold()
                hits = [id for id, mail in self.people.items() if (mail or "").casefold() == wanted]
                return Answer(200, {"users": [self._person(id) for id in hits]})
            case [id, "collections"] if self.user_collections:
                theirs = [each for each in self.collections.values() if each.owner == int(id)]
                return self._page(call, theirs)
        raise No(404, "not found")

    def _mine(self) -> Iterator[Collection]:
        if self.my_library:
            yield Collection(1, "My Library", self.me, "user")
        yield from self.collections.values()

    def _one(self, id: str) -> Collection:
        if int(id) not in self.collections:
            raise No(404, "no such collection")
        return self.collections[int(id)]

    def _page(self, call: Call, rows: list[Collection]) -> Answer:
        size = min(int(call.query.get("per_page", "20")), MOST_A_PAGE)
        page = int(call.query.get("page", "1"))
        part = rows[(page - 1) * size : page * size]
        body: dict[str, Any] = {"collections": [self._shown(each) for each in part]}
        if self.meta:
            pages = max(1, -(-len(rows) // size))
            body["meta"] = {
                "current_page": page,
                "last_page": pages,
                "total_count": len(rows) + self.counts_too_many,
                "total_pages": pages,
            }
        return Answer(200, body)

    def _shown(self, each: Collection) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": each.id, "name": each.name, "type": each.type}
        if self.permission_told:
            shown["permission"] = "owner" if each.owner == self.me else "edit"
        if self.owner_in_listing and each.owner is not None:
            shown["owner"] = self._person(each.owner)
        if each.archived_at is not None:
            shown["archived_at"] = each.archived_at
        return shown

    def _person(self, id: int) -> dict[str, Any]:
        person: dict[str, Any] = {"id": id, "full_name": f"Person {id}", "display_name": f"P{id}"}
        if self.emails and self.people.get(id):
            person["email"] = self.people[id]
        return person

    def _list(self, each: Collection) -> dict[str, Any]:
        users = [
            {**self._person(id), "permission": level}
            for (kind, id), level in each.shares.items()
            if kind == "user"
        ]
        groups = [
            {"id": id, "name": self.groups[id], "permission": level}
            for (kind, id), level in each.shares.items()
            if kind == "group"
        ]
        if self.owner_in_list and each.owner is not None:
            users.append({**self._person(each.owner), "permission": "owner"})
        return {"users": users, "groups": groups}

    def _create(self, call: Call) -> Answer:
        owner = int(call.query.get("user_id", self.me))
        if owner not in self.people:
            raise No(404, "no such user")
        made = self.put(self.next_id, call.query["name"], owner=owner)
        made.listed = owner == self.me or self.lists_what_it_made_for_others
        self.next_id += 1
        return Answer(201, {"collection": self._shown(made)})

    def _batch(self, each: Collection, body: object) -> Answer:
        actions = body["permissions"] if self.wrapped and isinstance(body, dict) else body
        if not isinstance(actions, list):
            raise No(422, "this is not the body that is taken")
        after, refused = dict(each.shares), False
        for action in actions:
            if self._applies(after, action):
                continue
            refused = True
            if self.refused_batch != "partial":
                break
        if not refused or self.refused_batch != "atomic":
            each.shares = after
        if refused:
            raise No(400, "one or more permission was not found or already exists")
        return Answer(200, self._list(each))

    def _applies(self, shares: dict[tuple[str, int], str], action: dict[str, Any]) -> bool:
        key = (action["share_type"], action["id"])
        if (action["action"] == "create") == (key in shares):
            return False
        if key[1] not in (self.people if key[0] == "user" else self.groups):
            return False
        if action["action"] == "destroy":
            assert "permission_type" not in action
            del shares[key]
        else:
            shares[key] = action.get("permission_type", "view")
        return True


def _body(raw: bytes, content_type: str) -> object:
    if content_type.startswith("application/x-www-form-urlencoded"):
        return {key: values[0] for key, values in parse_qs(raw.decode()).items()}
    return json.loads(raw) if raw else None


@contextmanager
def fake_studio() -> Iterator[FakeStudio]:
    """Serve one on a free port of this machine."""
    studio = FakeStudio()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: object) -> None:
            pass

        def reply(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            body = _body(raw, self.headers.get("Content-Type", ""))
            call = Call(self.command, parts.path, query, body)
            answer = studio.answer(call, self.headers.get("Authorization"))
            is_text = answer.body is None or isinstance(answer.body, str)
            sent = (answer.body or "") if is_text else json.dumps(answer.body)
            headers = {
                "Content-Type": "text/html" if is_text else "application/json",
                "Content-Length": str(len(sent.encode())),
                **answer.headers,
            }
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent.encode())

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = reply  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    studio.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield studio
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def fake_studios(number: int) -> Iterator[tuple[FakeStudio, ...]]:
    """Serve so many, each a tenant of its own."""
    with ExitStack() as stack:
        yield tuple(stack.enter_context(fake_studio()) for _ in range(number))


def school(studio: FakeStudio) -> FakeStudio:
    """Empty the tenant and put a little school into it, as every test begins."""
    fresh = FakeStudio(url=studio.url)
    for name, value in vars(fresh).items():
        setattr(studio, name, value)
    studio.people = {
        101: "ada@school.edu",
        102: "grace@school.edu",
        103: "lin@school.edu",
        104: "omar@school.edu",
        105: "mia@school.edu",
        907: None,
    }
    studio.groups = {7: "Biology Faculty", 12: "Media Team"}
    studio.put(
        4711,
        "Biology 101",
        shares={("user", 103): "view", ("user", 104): "edit", ("group", 7): "view"},
    )
    studio.put(4712, "Chemistry", shares={("user", 102): "view"})
    return studio
