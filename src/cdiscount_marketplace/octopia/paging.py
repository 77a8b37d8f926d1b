"""Where a list goes on: decided from an answer's size and its Link header, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from requests.utils import parse_header_links

# Caps that services put silently on a page: a page of exactly such a size may be full even if more was asked for.
_USUAL_CAPS = frozenset({10, 20, 25, 50})


def next_parameters(link: str | None) -> dict[str, str] | None:
    """Return the query parameters of a Link header's rel=next, None where there is none.

    Only the query is used: an answer never decides which host a token is sent to.
    """
    for entry in parse_header_links(link or ""):
        if entry.get("rel", "").lower() == "next":
            return dict(parse_qsl(urlsplit(entry["url"]).query))
    return None


def next_page(asked: Mapping[str, str], received: int, link: str | None) -> dict[str, str] | None:
    """Return the parameters of the following page in index paging, None at the end.

    Some clients stop at a page that is shorter than asked, others where no Link follows: the end is where both hold.
    """
    if received == 0:
        return None
    following = {**asked, "pageIndex": str(int(asked["pageIndex"]) + 1)}
    linked = next_parameters(link)
    if linked is not None:
        return {**following, **linked}
    is_full = received >= int(asked["pageSize"]) or received in _USUAL_CAPS
    return following if is_full else None


def next_cursor(asked: Mapping[str, str], link: str | None, in_body: object) -> dict[str, str] | None:
    """Return the parameters of the following page in cursor paging, None at the end.

    The cursor comes in the Link header, spelt `cursor` or `Cursor`, or in the body.
    """
    linked = {name.lower(): value for name, value in (next_parameters(link) or {}).items()}
    cursor = linked.get("cursor") or in_body
    if not isinstance(cursor, str) or not cursor or cursor == asked.get("cursor"):
        return None
    return {**asked, "cursor": cursor}
