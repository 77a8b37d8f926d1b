"""What a person does on the page: each goes through `oms.operator`, with who did it and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from attrs import frozen
from werkzeug.exceptions import InternalServerError

from cdiscount_marketplace.errors import CdiscountError, InvalidRequest, Problem
from cdiscount_marketplace.oms.operator import discard_quarantined, free_lease
from cdiscount_marketplace.oms.ports import LeaseOverview, QuarantineStore
from cdiscount_marketplace.oms.tracebacks import failure_of
from cdiscount_marketplace.web.kinds import changes_of, kinds_of

_log = logging.getLogger(__name__)
_LONGEST_REASON = 500


@frozen(kw_only=True)
class Command:
    """What a form asks for, and who asks."""

    who: str
    account: str
    kind: str
    verb: str
    key: str
    part: str | None
    reason: str

    @property
    def note(self) -> str:
        """Who did it and why, for the history."""
        return f"by {self.who}: {self.reason}"

    @staticmethod
    def of(form: Mapping[str, str], who: str) -> Command:
        """Read a form; raises `InvalidRequest` for one without a reason."""
        reason = " ".join(form.get("reason", "").split())
        if not reason or len(reason) > _LONGEST_REASON:
            raise InvalidRequest([Problem("reason", f"say why, in up to {_LONGEST_REASON} characters")])
        return Command(
            who=who,
            account=form.get("account", ""),
            kind=form.get("kind", ""),
            verb=form.get("verb", ""),
            key=form.get("key", ""),
            part=form.get("part") or None,
            reason=reason,
        )


def carry_out(oms: object, command: Command, retry: Callable[[str], object] | None) -> None:
    """Do what a person asks; raises `InvalidRequest` or `NotRecorded`, with nothing changed."""
    what = (command.kind, command.verb)
    if what == ("leases", "free") and isinstance(oms, LeaseOverview):
        free_lease(oms, command.account, command.key, reason=command.note)
    elif what == ("quarantine", "discard") and isinstance(oms, QuarantineStore):
        discard_quarantined(oms, command.account, command.key, note=command.note)
    elif what == ("quarantine", "retry") and retry is not None:
        _retry_quarantine(retry, command.account)
    else:
        _change_task(oms, command)


def _retry_quarantine(retry: Callable[[str], object], account: str) -> None:
    try:
        retry(account)
    except CdiscountError:
        raise
    except Exception as error:  # noqa: BLE001 - what retries is the company's own
        # Its text may hold a secret or a customer's data: it is for the log.
        _log.exception("the quarantine of %s could not be tried again", account)
        raise InternalServerError(f"trying the quarantine again {failure_of(error)}; see the log") from None


def _change_task(oms: object, command: Command) -> None:
    change = changes_of(command.kind, command.verb) if command.kind in kinds_of(oms) else None
    if change is None:
        raise InvalidRequest([Problem(command.verb or "verb", f"is nothing that can be done with {command.kind}")])
    change(oms, command.account, command.key, command.part, datetime.now(UTC), command.note)
