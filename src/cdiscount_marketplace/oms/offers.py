"""The offers job: stock and prices at the marketplace are kept in step with the OMS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from threading import Event as Flag
from typing import Final

from cdiscount_marketplace.channels.offers import OfferChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.offers import Offer, OfferCondition, OfferDelivery, OfferTax, merged, said
from cdiscount_marketplace.oms import offer_rows
from cdiscount_marketplace.oms.job_runs import reported
from cdiscount_marketplace.oms.leases import DEFAULT_TTL, HeldLease, new_owner
from cdiscount_marketplace.oms.offer_run import OfferRun
from cdiscount_marketplace.oms.offer_sending import OfferSender
from cdiscount_marketplace.oms.offer_settling import OfferSettler
from cdiscount_marketplace.oms.ports import LeaseStore, OfferOutbox, OfferState, OfferSwap
from cdiscount_marketplace.oms.quarantining import LONGEST_KEY, is_plain
from cdiscount_marketplace.oms.reports import OfferPushReport
from cdiscount_marketplace.oms.settings import ensure_account, ensure_durations, ensure_lifetime
from cdiscount_marketplace.oms.stop_reason import StopReason, run_to_end

JOB: Final = "offers"
PUT_AT_ONCE: Final = 500
GIVE_UP_AFTER: Final = timedelta(days=1)


class OfferPusher:
    """Keep the offers of one account in step; `run()` is meant to be called every few minutes.

    `put()` and `put_many()` only store: the newest state of an offer wins, and what equals the stored state costs
    nothing more. `run()` sends what changed, and settles each offer by the report of its package, which the marketplace
    writes minutes later: a later run reads it. A package that has no report after `give_up_after` is sent again.

    The channel must be an `OfferChannel`. Each part not given is taken from `oms` if that satisfies its protocol;
    without a lease nothing keeps two workers apart. Use one pusher's `run()` from one thread; `put()`, `put_many()` and
    `stop()` may be called from any.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        outbox: OfferOutbox | None = None,
        lease: LeaseStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
        give_up_after: timedelta = GIVE_UP_AFTER,
    ) -> None:
        ensure_account(account)
        ensure_lifetime(lease_ttl)
        ensure_durations(give_up_after=give_up_after)
        self.account = account
        self._name = channel.name
        self._channel = _offer_channel(channel)
        self._outbox = outbox or _outbox(oms)
        self._leases = lease or (oms if isinstance(oms, LeaseStore) else None)
        self._ttl = lease_ttl
        self._clock = clock or SystemClock()
        self._hooks = tuple(hooks)
        self._owner = owner or new_owner()
        self._give_up_after = give_up_after
        self._stop = Flag()

    def put(
        self,
        sku: str,
        *,
        quantity: int | None = None,
        price: Decimal | None = None,
        original_price: Decimal | None = None,
        currency: str | None = None,
        gtin: str | None = None,
        product: str | None = None,
        condition: OfferCondition | None = None,
        preparation_days: int | None = None,
        delivery_modes: Sequence[OfferDelivery] | None = None,
        taxes: Sequence[OfferTax] | None = None,
    ) -> bool:
        """Store what is said of an offer, see `Offer`; nothing is sent. Returns whether that changed anything.

        Raises `InvalidRequest` for what no marketplace accepts, or no store can keep.
        """
        offer = Offer(
            sku=sku,
            quantity=quantity,
            price=price,
            original_price=original_price,
            currency=currency,
            gtin=gtin,
            product=product,
            condition=condition,
            preparation_days=preparation_days,
            delivery_modes=None if delivery_modes is None else tuple(delivery_modes),
            taxes=None if taxes is None else tuple(taxes),
        )
        return self.put_many([offer]) == 1

    def put_many(self, offers: Iterable[Offer]) -> int:
        """Store what is said of many offers, such as a warehouse's feed; later ones of the same sku win.

        The iterable is read piece by piece, each stored in its own transaction. Returns how many offers changed.
        Raises `InvalidRequest` for an offer that says nothing, or whose sku cannot be stored; earlier pieces stay.
        """
        return sum(map(self._store, _pieces(offers)))

    def run(self) -> OfferPushReport:
        """Read the packages that are on their way, send what changed, and say where the offers stand.

        Raises `LeaseBusy`, `LeaseLost`, and what the channel or the store raise; nothing is lost for that. A failure of
        one package, such as of its upload, is raised in the end: other packages go on.
        """
        return reported(self._hooks, self.account, JOB, self._run)

    def _run(self) -> OfferPushReport:
        with HeldLease(self._leases, self.account, JOB, self._owner, self._ttl, self._clock) as holding:
            run = OfferRun(
                account=self.account,
                name=self._name,
                channel=self._channel,
                outbox=self._outbox,
                holding=holding,
                hooks=self._hooks,
                stop=self._stop,
            )
            end = run_to_end(lambda: self._settle_and_send(run))
            if run.failures:
                raise run.failures[0]
            return self._report(run, end)

    def stop(self) -> None:
        """Ask the run to end before its next request; its report shows that it was stopped."""
        self._stop.set()

    def _settle_and_send(self, run: OfferRun) -> None:
        sender = OfferSender(run)
        settler = OfferSettler(run, sender, self._give_up_after)
        settler.settle()
        sender.send_due()
        # A package that digests its uploads cannot be made ready at once.
        settler.settle()

    def _store(self, offers: dict[str, Offer]) -> int:
        """Store a piece; a row that was changed meanwhile is read and merged again."""
        changed = 0
        left: dict[str, Offer] = offers
        while left:
            now = self._clock.now()
            rows = {row.offer.sku: row for row in self._outbox.find_offers(self.account, list(left))}
            moves = ((rows.get(sku), offer_rows.updated(rows.get(sku), offer, now)) for sku, offer in left.items())
            swaps = [OfferSwap(before=before, after=after) for before, after in moves if after is not None]
            done: Sequence[bool] = self._outbox.swap_offers(self.account, swaps) if swaps else ()
            changed += sum(done)
            lost = {swap.after.offer.sku for swap, moved in zip(swaps, done, strict=True) if not moved}
            left = {sku: offer for sku, offer in left.items() if sku in lost}
        return changed

    def _report(self, run: OfferRun, end: StopReason) -> OfferPushReport:
        def left(*states: OfferState) -> int:
            return self._outbox.count_offers(self.account, states)

        done = run.tally.states
        return OfferPushReport(
            account=self.account,
            sent=done[OfferState.SENT],
            in_step=done[OfferState.IN_STEP],
            rejected=done[OfferState.REJECTED],
            pending=left(OfferState.PENDING),
            on_the_way=left(OfferState.SENT),
            waiting=left(OfferState.WAITING),
            problems=tuple(run.tally.problems),
            ended_by=end.by,
            retry_at=end.retry_at,
        )


def _pieces(offers: Iterable[Offer]) -> Iterator[dict[str, Offer]]:
    """Cut offers into pieces in which each sku occurs once, in the order of their skus, as rows are locked."""
    rest = iter(offers)
    while piece := list(islice(rest, PUT_AT_ONCE)):
        by_sku: dict[str, Offer] = {}
        for offer in piece:
            _validate(offer)
            before = by_sku.get(offer.sku)
            by_sku[offer.sku] = offer if before is None else merged(before, offer)
        yield by_sku


def _validate(offer: Offer) -> None:
    """Raise `InvalidRequest` for what no store can keep."""
    if not offer.sku.strip():
        raise InvalidRequest([Problem("sku", "is required")], operation="put")
    if not is_plain(offer.sku):
        unusable = f"is longer than {LONGEST_KEY} characters, or contains characters that cannot be printed"
        raise InvalidRequest([Problem("sku", unusable)], operation="put")
    if not said(offer):
        raise InvalidRequest([Problem("offer", f"says nothing about {offer.sku}")], operation="put")


def _offer_channel(channel: SalesChannel) -> OfferChannel:
    if isinstance(channel, OfferChannel):
        return channel
    raise TypeError(f"{type(channel).__name__} keeps no offers in step; give a channel that is an OfferChannel")


def _outbox(oms: object) -> OfferOutbox:
    if isinstance(oms, OfferOutbox):
        return oms
    raise TypeError(f"{type(oms).__name__} keeps no offers; give outbox=")
