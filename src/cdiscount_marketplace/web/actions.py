"""What a person does on the page: each goes through `oms.operator`, with who did it and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from attrs import frozen

from cdiscount_marketplace.errors import InvalidRequest, NotRecorded, Problem
from cdiscount_marketplace.oms.operator import free_lease
from cdiscount_marketplace.web.kinds import changes_of
from cdiscount_marketplace.web.store import OperatorStore

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


def carry_out(oms: OperatorStore, command: Command, retry: Callable[[str], object] | None) -> None:
    """Do what a person asks; raises `InvalidRequest` or `NotRecorded`, with nothing changed."""
    if (command.kind, command.verb) == ("leases", "free"):
        free_lease(oms, command.account, command.key, reason=command.note)
    elif (command.kind, command.verb) == ("quarantine", "discard"):
        if not oms.discard_quarantine(command.account, command.key, reason=command.note):
            raise NotRecorded([Problem(command.key, "has left the quarantine already")])
    elif (command.kind, command.verb) == ("quarantine", "retry") and retry is not None:
        retry(command.account)
    else:
        _change_task(oms, command)


def _change_task(oms: OperatorStore, command: Command) -> None:
    change = changes_of(command.kind, command.verb)
    if change is None:
        raise InvalidRequest([Problem(command.verb or "verb", f"is nothing that can be done with {command.kind}")])
    change(oms, command.account, command.key, command.part, datetime.now(UTC), command.note)
