"""The way back: to the page that a form stood on, with a report of what was done there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import frozen


@frozen
class Wording:
    """What an action's button says, and the report once it is done; `{key}` is the order or job that it was about."""

    button: str
    done: str


ACTIONS: Mapping[str, Wording] = MappingProxyType(
    {
        "shipments-retry": Wording("Retry the shipment", "the shipment of {key} is queued again"),
        "shipments-cancel": Wording("Cancel the shipment", "the shipment of {key} is cancelled"),
        "shipments-complete": Wording("Ship the order as it is", "the order {key} is shipped with the parcels it has"),
        "decisions-retry": Wording("Retry the decision", "the decision about {key} is queued again"),
        "decisions-cancel": Wording("Cancel the decision", "the decision about {key} is cancelled"),
        "refunds-retry": Wording("Retry the refund", "the refund of {key} is queued again"),
        "refunds-cancel": Wording("Cancel the refund", "the refund of {key} is cancelled"),
        "refunds-confirm": Wording("Confirm the refund", "the refund of {key} is confirmed"),
        "quarantine-retry": Wording("Retry the quarantine", "the quarantined orders were tried again"),
        "quarantine-discard": Wording("Discard the order", "the order {key} is discarded from the quarantine"),
        "leases-free": Wording("Free the lease", "the lease of the job {key} is freed"),
    }
)
_REPORT = ("done", "about")


def report(query: Mapping[str, str]) -> str | None:
    """Return the sentence about what was just done; None where nothing was, or where the link is invented."""
    wording = ACTIONS.get(query.get("done", ""))
    return None if wording is None else wording.done.format(key=query.get("about", ""))


def back_to(form: Mapping[str, str], screens: Collection[str]) -> str:
    """Return the page that a form stood on, below the mount; the account's overview unless it is a page of ours."""
    path, query = _parts(form.get("back", ""))
    if path is None or path not in screens:
        path, query = "account", {"account": form.get("account", "")}
    kept = {name: value for name, value in query.items() if name not in _REPORT}
    return f"/{path}?{urlencode(kept, errors='replace')}"


def reported(back: str, form: Mapping[str, str]) -> str:
    """Return the way back with the report of what a form did."""
    done = {"done": f"{form.get('kind', '')}-{form.get('verb', '')}", "about": form.get("key", "")}
    return f"{back}&{urlencode(done, errors='replace')}"


def _parts(back: str) -> tuple[str | None, Mapping[str, str]]:
    try:
        parts = urlsplit(back)
        ours = back.startswith("/") and not back.startswith("//") and not parts.scheme and not parts.netloc
        return (parts.path[1:] if ours else None), dict(parse_qsl(parts.query, max_num_fields=20))
    except ValueError:
        return None, {}
