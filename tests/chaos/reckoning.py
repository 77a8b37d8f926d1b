"""Comparing what the marketplace knows with what the OMS has, once the dust has settled."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from cdiscount_marketplace.oms.ports import OfferState, TaskState
from cdiscount_marketplace.refunds import RefundKind
from cdiscount_marketplace.sandbox.requests import TURNED_DOWN
from cdiscount_marketplace.sandbox.states import State
from chaos.ledger import Ledger
from support.two_channels import WRITE_CALLS

DEAD = {State.REFUSED, State.SHIPMENT_REFUSED, State.CANCELLED, State.AUTO_CANCELLED, State.NEVER_SHIPPED}
GONE = {State.SHIPPED, State.PICKED_UP, State.NOT_PICKED_UP}


def reckon(sandbox, store, imports, *, traces: bool) -> Ledger:
    """Count it all; `imports` counts how often each order was imported, `traces` says that every move left a stamp."""
    ledger = Ledger()
    _orders(ledger, sandbox, store, imports, traces=traces)
    _shipments(ledger, sandbox, store)
    _decisions(ledger, sandbox, store)
    _refunds(ledger, sandbox, store)
    _offers(ledger, sandbox, store)
    ledger.faults.update(Counter(strike.kind for strike in sandbox.faults.log))
    return ledger


def _orders(ledger, sandbox, store, imports, *, traces):
    held = {identity for entry in store.list_quarantine("shop") for identity in entry.identities}
    unseen = {identity for entry in store.list_unseen("shop") for identity in entry.identities}
    ledger.orders["quarantined"] += len(store.list_quarantine("shop"))
    ledger.orders["passed_unseen"] += len(store.list_unseen("shop"))
    for order in sandbox.orders():
        ledger.orders["placed"] += 1
        ledger.orders["imported"] += imports[order.number] > 0
        waited = any(event.state == State.WAITING_SHIPMENT for event in order.history)
        due = waited if traces else order.state == State.WAITING_SHIPMENT
        there = imports[order.number] or order.number in held or order.number in unseen
        if due and not there:
            ledger.wrong(ledger.orders, "lost", f"order {order.number} ({order.state}) was lost")
        if imports[order.number] > 1:
            ledger.wrong(ledger.orders, "doubled", f"order {order.number} was imported {imports[order.number]} times")


def _shipments(ledger, sandbox, store):
    for order in sandbox.orders():
        shipped = sandbox.shipped(order.number)
        ledger.shipments["applied"] += len(shipped)
        if len(shipped) > 1:
            ledger.wrong(ledger.shipments, "doubled", f"order {order.number} was shipped {len(shipped)} times")
        # Over SOAP, a cancellation is a write of the same name; the marketplace refuses it, whoever read a wrong state.
        asked_back = store.find_refunds("shop", order.number)
        # The marketplace refuses these, and nobody should count on that.
        for call in [] if asked_back else _late_writes(sandbox, order.number, shipped):
            ledger.wrong(ledger.shipments, "repeated", f"order {order.number} was shipped, and sent again at {call.at}")
    rows = store.list_shipments("shop")
    asked = {row.task.key for row in rows if row.task.state in (TaskState.STUCK, TaskState.REJECTED)}
    for row in rows:
        _shipment(ledger, sandbox.order(row.task.key), row, held_up=row.task.key in asked)


def _shipment(ledger, order, row, *, held_up):
    """Count a row; `held_up` says that a person is asked about a parcel of its order."""
    state = row.task.state
    ledger.shipments["asked"] += 1
    ledger.events["second_attempts"] += max(row.task.attempt - 1, 0)
    if state in (TaskState.REJECTED, TaskState.STUCK):
        ledger.shipments[str(state)] += 1
    if state == TaskState.PENDING and row.task.code == "incomplete" and held_up:
        ledger.shipments["held_up"] += 1
    elif state == TaskState.STUCK and row.task.code == "lines_unknown":
        # Of lines that one API named and the other does not show, a person decides, whatever became of the order.
        pass
    elif state not in (TaskState.CONFIRMED, TaskState.REJECTED, TaskState.STUCK):
        ledger.wrong(ledger.shipments, "unfinished", f"{row.task} while the order is {order.state}")
    elif state == TaskState.REJECTED and row.task.code == "closed" and _all_cancelled(row, order):
        ledger.shipments["cancelled"] += 1
    elif (state == TaskState.CONFIRMED) != (order.state in GONE):
        ledger.wrong(ledger.shipments, "lost", f"{row.task} while the order is {order.state}")


def _all_cancelled(row, order):
    """Tell whether the customer cancelled every line that a parcel was to hold."""
    named = row.shipment.lines or ()
    lines = [
        line for line in order.lines if {line.reference, line.product_id} & {name.partition("#")[0] for name in named}
    ]
    return bool(lines) and all("Cancel" in str(line.state) or "Refund" in str(line.state) for line in lines)


def _late_writes(sandbox, number, shipped):
    if not shipped:
        return []
    # The call that shipped it is logged when it ends, which is a little later on a real clock.
    later = shipped[0].at + timedelta(seconds=1)
    writes = [call for names in WRITE_CALLS.values() for name in names for call in sandbox.calls(name)]
    return [call for call in writes if number in call.order_numbers and call.at > later]


def _decisions(ledger, sandbox, store):
    for row in store.list_decisions("shop"):
        ledger.decisions["taken"] += 1
        order, state = sandbox.order(row.task.key), row.task.state
        moves = [move for move in sandbox.applied(order.number) if move.target in (State.ACCEPTED, State.REFUSED)]
        ledger.decisions["applied"] += len(moves)
        if len(moves) > 1:
            ledger.wrong(ledger.decisions, "doubled", f"order {order.number} was decided {len(moves)} times")
        if state not in (TaskState.CONFIRMED, TaskState.REJECTED, TaskState.STUCK):
            ledger.wrong(ledger.decisions, "unfinished", f"{row.task}")
        elif (state == TaskState.CONFIRMED) == bool(moves):
            ledger.decisions[str(state)] += state != TaskState.CONFIRMED
        elif moves and state == TaskState.REJECTED and order.state in DEAD:
            # Applied without a clear answer, and cancelled, by customer or seller, before anyone could read the order.
            ledger.decisions["overtaken"] += 1
        else:
            ledger.wrong(ledger.decisions, "lost", f"{row.task} while {len(moves)} decisions were applied")


def _refunds(ledger, sandbox, store):
    for row in store.list_refunds("shop"):
        _refund(ledger, sandbox.order(row.task.key), row)
    for order in sandbox.orders():
        listed = sandbox.book.requests.of(order.number)
        asked = [one for one in listed if one.amount is None and one.status != TURNED_DOWN]
        if len(asked) > 1:
            ledger.wrong(ledger.refunds, "repeated", f"the lines of order {order.number} were asked for again: {asked}")


def _refund(ledger, order, row):
    state, given = row.task.state, _given(row.refund, order)
    ledger.refunds["asked"] += 1
    ledger.refunds["given"] += given
    if state in (TaskState.REJECTED, TaskState.STUCK):
        ledger.refunds[str(state)] += 1
    if given > 1:
        ledger.wrong(ledger.refunds, "doubled", f"{row} was given {given} times")
    elif state not in (TaskState.CONFIRMED, TaskState.REJECTED, TaskState.STUCK):
        ledger.wrong(ledger.refunds, "unfinished", f"{row} while the order is {order.state}")
    elif state == TaskState.CONFIRMED and not given:
        ledger.wrong(ledger.refunds, "lost", f"{row} is confirmed, and nothing was given")
    elif state == TaskState.REJECTED and given and row.refund.kind == RefundKind.GESTURE:
        ledger.wrong(ledger.refunds, "lost", f"{row} was given, and is rejected")


def _given(request, order):
    """Return how often the money of a request went back; each gesture has an amount of its own."""
    if request.kind == RefundKind.GESTURE:
        return sum(refund.row is None and refund.amount == request.amount for refund in order.refunds)
    rows = [refund.row for refund in order.refunds if refund.row is not None]
    given = max(Counter(rows).values(), default=0)
    # What left in the meantime is given back, where it cannot be cancelled any more.
    return max(given, int(order.state in DEAD)) if request.kind == RefundKind.CANCELLATION else given


def _offers(ledger, sandbox, store):
    """The newest state that the OMS put is the one that the marketplace shows."""
    for row in store.page_offers("shop", limit=1000):
        ledger.offers["put"] += 1
        ledger.offers[str(row.state)] += row.state in (OfferState.IN_STEP, OfferState.REJECTED, OfferState.WAITING)
        shown = sandbox.offers.find(row.offer.sku, "CDISFR")
        if row.state in (OfferState.PENDING, OfferState.SENT):
            ledger.wrong(ledger.offers, "unfinished", f"{row} while the marketplace has {shown}")
        elif row.state == OfferState.IN_STEP and (shown is None or shown.quantity != row.offer.quantity):
            ledger.wrong(ledger.offers, "lost", f"{row} while the marketplace has {shown}")
