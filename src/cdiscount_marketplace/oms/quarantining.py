"""Setting orders aside that cannot be stored now, and letting them go once they are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256

from attrs import evolve

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import CdiscountError, LeaseLost, Unmappable
from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.held import HeldOrders
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.payloads import order_from_json, order_to_json
from cdiscount_marketplace.oms.ports import QuarantinedOrder, QuarantineStore
from cdiscount_marketplace.oms.snapshots import is_older
from cdiscount_marketplace.oms.tracebacks import failure_of
from cdiscount_marketplace.oms.withheld import merge

# Longer texts are not numbers; some databases cannot index them.
LONGEST_KEY = 200


class Refusal(Exception):
    """An order cannot be stored now: `code` is the kind of cause, `reason` what a person should know and do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


@contextmanager
def refusing(code: str, who: str) -> Generator[None]:
    """Turn whatever the OMS's own code raises into a refusal that names the place."""
    try:
        yield
    except (Refusal, LeaseLost):
        raise
    except Unmappable as error:
        raise Refusal("unmappable", error.reason) from error
    except CdiscountError as error:
        # The SDK's own texts contain no customer's data.
        raise Refusal(code, f"{who} raised {type(error).__name__}: {error}") from error
    except Exception as error:
        reason = f"{who} {failure_of(error)}; fix it, the order is tried again at the next run"
        raise Refusal(code, reason) from error


class Quarantine:
    """An account's quarantine, for one run. Without a store nothing can be set aside: the refusal's cause is raised."""

    def __init__(
        self,
        store: QuarantineStore | None,
        account: str,
        holding: HeldLease,
        clock: Clock,
        unit: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._store = store
        self._account = account
        self._holding = holding
        self._clock = clock
        self._unit = unit
        self._held = HeldOrders(store.list_quarantine(account) if store else ())
        self._failed: set[str] = set()

    def find(self, order: SalesOrder) -> QuarantinedOrder | None:
        """Return the entry of an order, if it waits in quarantine."""
        return self._held.find(order)

    def has_failed(self, order: SalesOrder) -> bool:
        """Return whether this run has set the order aside already."""
        return self._held_key(order) in self._failed

    def to_retry(self) -> Sequence[QuarantinedOrder]:
        """List the entries that this run has not tried, the longest untried first."""
        return [entry for entry in self._held.numbered() if entry.key not in self._failed]

    def set_aside(self, order: SalesOrder, refusal: Refusal) -> QuarantinedOrder:
        """Put an order into quarantine, or record another failed attempt."""
        if self._store is None:
            raise refusal.__cause__ or Unmappable(refusal.reason, order_numbers=[order.number])
        entry = self._put(self._entry(order, refusal))
        self._failed.add(entry.key)
        return entry

    def tried_in_vain(self, entry: QuarantinedOrder, reason: str) -> QuarantinedOrder:
        """Record that an entry could not even be read again."""
        after = evolve(entry, reason=reason, last_seen=self._clock.now(), attempts=entry.attempts + 1)
        self._failed.add(entry.key)
        return self._put(after)

    def keep_current(self, entry: QuarantinedOrder, order: SalesOrder) -> None:
        """Keep what became of a quarantined order: no later window shows it, should it come in unread."""
        kept = order_from_json(entry.payload)
        if kept is None or is_older(order, kept):
            return
        current = evolve(entry, payload=order_to_json(merge(order, kept)))
        if current != entry:
            self._put(current)

    def release(self, order: SalesOrder) -> bool:
        """Let an order go that is stored now; return whether it was held."""
        entry = self._held.find(order)
        if entry is None or self._store is None:
            return False
        self._store.drop_quarantine(self._account, entry.key, lease=self._holding.lease)
        self._held.drop(entry.key)
        return True

    def _held_key(self, order: SalesOrder) -> str | None:
        entry = self._held.find(order)
        return entry.key if entry else None

    def _entry(self, order: SalesOrder, refusal: Refusal) -> QuarantinedOrder:
        now = self._clock.now()
        fresh = QuarantinedOrder(
            key=self._held.key_for(order),
            identities=order.identities,
            code=refusal.code,
            reason=refusal.reason,
            payload=order_to_json(order),
            first_seen=now,
            last_seen=now,
        )
        known = self._held.find(order)
        if known is None:
            return fresh
        return evolve(fresh, key=known.key, first_seen=known.first_seen, attempts=known.attempts + 1)

    def _put(self, entry: QuarantinedOrder) -> QuarantinedOrder:
        """Write an entry; where the store cannot hold the order's content, without it and under a plain key."""
        try:
            kept = self._write(entry)
        except LeaseLost:
            raise
        except Exception:  # noqa: BLE001 -- any store's own errors; a store that fails altogether raises again below
            kept = self._write(_plain(entry))
        self._held.put(kept)
        return kept

    def _write(self, entry: QuarantinedOrder) -> QuarantinedOrder:
        if self._store is not None:
            with self._unit():
                self._store.put_quarantine(self._account, entry, lease=self._holding.lease)
        return entry


def _plain(entry: QuarantinedOrder) -> QuarantinedOrder:
    """Return an entry that any store can hold."""
    reason = f"{entry.reason} (its content cannot be stored: read it at the marketplace)"
    identities = tuple(map(_plain_key, entry.identities))
    return evolve(entry, key=_plain_key(entry.key), identities=identities, payload="", reason=_plain_text(reason))


def is_plain(number: str) -> bool:
    """Return whether a number can be a key in any store, and be typed by a person."""
    return number.isprintable() and len(number) <= LONGEST_KEY


def _plain_key(number: str) -> str:
    if is_plain(number):
        return number
    return f"{_plain_text(number)[:LONGEST_KEY]}…{sha256(number.encode(errors='surrogatepass')).hexdigest()[:16]}"


def _plain_text(text: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in text)
