"""
Every open question about the service, as a switch.

The defaults are the likeliest answers. A creation that lands after its answer
was lost is no switch but a fault (`late`, see `faults`): it is about one
request, not about how the tenant is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """
    How this tenant answers what nobody documents.

    Writing
        `refused_batch`: what a refused batch leaves behind: nothing, the actions
        before the bad one, or all but the bad ones. `permissions_body`: the body
        that is taken. `max_batch`: the most actions in one body (more: 422; None:
        any). `unknown_principal`: the status for a share with nobody.
        `duplicate_names`: whether one owner may have two collections of a name
        (no: 422). `create_status`: 201 as documented, or 200.
        `member_removal_verb`: the word that takes a member out of a group.

    Listing
        `meta`: totals as they are, none, or wrong by one. `pages`: whether pages
        hold still while one reads, or one entry comes in ahead, or goes, after
        the first page. `admin_reaches_all`: an admin reaches all ordinary and
        course collections by role, or only its own and what is shared with it.
        `created_for_others_listed`: whether the creator's listing shows what it
        made for somebody else. `library_listed`, `archived_listed`: My Library
        of the caller, archived collections. `archived_told`: whether a collection
        says that it is archived, as newer tenants do. `ordinary_type`: the type
        word of an ordinary collection.

    Permission lists
        `owner_listed`, `self_listed`: the owner; the token's own user.
        `foreign_word`: with a word given, every list also shows a vendor's
        support account at that level, which no action may touch.

    People
        `emails`: addresses, nothing, or the Canvas login in their place.
        `user_search`: exact without case, exact with case, by prefix, or not
        there (404). `unsearchable`: ids that search never finds.
        `user_collections`: the newer `/users/{id}/collections`.

    The rest
        `extra_fields`: unknown fields in every object. `apidocs`: whether the
        service's own document is served. `refresh_rotates`: whether a refresh
        token works only once. `expires_in`: an access token's life in seconds.
        `rate_limit`: requests a second before 429 (None: any).
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    refused_batch: Literal["atomic", "prefix", "partial"] = "atomic"
    permissions_body: Literal["array", "wrapped", "both"] = "array"
    max_batch: int | None = None
    unknown_principal: Literal[404, 400, 422] = 404
    duplicate_names: bool = True
    create_status: Literal[201, 200] = 201
    member_removal_verb: str = "remove"

    meta: Literal["present", "absent", "wrong"] = "present"
    pages: Literal["still", "inserted", "removed"] = "still"
    admin_reaches_all: bool = True
    created_for_others_listed: bool = True
    library_listed: bool = True
    archived_listed: bool = True
    archived_told: bool = True
    ordinary_type: str | None = "collection"

    owner_listed: bool = True
    self_listed: bool = True
    foreign_word: str | None = None

    emails: Literal["address", "missing", "login"] = "address"
    user_search: Literal["exact", "exact_case", "prefix", "missing"] = "exact"
    unsearchable: tuple[int, ...] = ()
    user_collections: Literal["there", "missing", "forbidden"] = "there"

    extra_fields: bool = False
    apidocs: bool = True
    refresh_rotates: bool = True
    expires_in: int = 7200
    rate_limit: int | None = None


LIKELIEST = Switches()
