"""What a run did: frozen reports that the jobs return."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.models import Notice
from cdiscount_marketplace.oms.ports import Checkpoint, QuarantinedOrder


class Ending(OpenEnum):
    """Why a run ended. All of them are clean: nothing is lost, and the next run goes on from there.

    `LIMIT` is a run that made as many requests as one may.
    """

    DONE = Member("done")
    QUOTA = Member("quota")
    STOPPED = Member("stopped")
    CHECKPOINT_MOVED = Member("checkpoint_moved")
    LIMIT = Member("limit")


class Placement(OpenEnum):
    """What became of an order that the importer saw."""

    IMPORTED = Member("imported")
    UPDATED = Member("updated")
    UNCHANGED = Member("unchanged")
    STALE = Member("stale")
    QUARANTINED = Member("quarantined")
    RELEASED = Member("released")
    SKIPPED = Member("skipped")
    ANNOUNCED = Member("announced")
    WITHDRAWN = Member("withdrawn")
    PASSED_UNSEEN = Member("passed_unseen")


@frozen(kw_only=True)
class ImportReport:
    """What an import did.

    The counts are of snapshots, so that an order that two readings show counts twice, but `imported` counts each
    order once. `released` are orders that left quarantine. `quarantined_orders` are those that this run put there, or
    tried again and failed. `announced` and `withdrawn` count orders that are not payable yet (`import_unpaid`).
    `notices` name what a person should know about the readings. `sweep_found` is how many orders the sweep imported,
    None when no sweep was due. `retry_at` is when an exhausted quota resets.
    """

    account: str
    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    stale: int = 0
    quarantined: int = 0
    released: int = 0
    skipped: int = 0
    announced: int = 0
    withdrawn: int = 0
    passed_unseen: int = 0
    windows: int = 0
    sweep_found: int | None = None
    quarantined_orders: tuple[QuarantinedOrder, ...] = ()
    checkpoint_before: Checkpoint | None = None
    checkpoint: Checkpoint
    notices: tuple[Notice, ...] = ()
    ended_by: Ending = Ending.DONE
    retry_at: datetime | None = None


@frozen(kw_only=True)
class TaskProblem:
    """An order whose decision, shipment or refund a person must check, with the marketplace's answer."""

    order_number: str
    state: str
    code: str | None = None
    message: str | None = None
    parcel: str | None = None
    reference: str | None = None


@frozen(kw_only=True)
class ShipmentReport:
    """What a push of shipments did, and what it leaves: how many rows were sent, and where they stand after it.

    `pending` and `unknown` are settled by later runs; `unknown_since` is when the oldest unknown one was sent.
    `problems` are the rejected and the stuck ones of this run,
    `notes` those that were confirmed otherwise than reported, such as under another tracking number.
    """

    account: str
    sent: int = 0
    confirmed: int = 0
    rejected: int = 0
    stuck: int = 0
    pending: int = 0
    unknown: int = 0
    unknown_since: datetime | None = None
    problems: tuple[TaskProblem, ...] = ()
    notes: tuple[TaskProblem, ...] = ()
    ended_by: Ending = Ending.DONE
    retry_at: datetime | None = None


@frozen(kw_only=True)
class RefundPushReport:
    """What a push of refunds did, and what it leaves; see `ShipmentReport`.

    `problems` are the rejected ones, and those that only a person can settle; `notes` are confirmed ones of which a
    person should know more.
    """

    account: str
    sent: int = 0
    confirmed: int = 0
    rejected: int = 0
    stuck: int = 0
    pending: int = 0
    unknown: int = 0
    unknown_since: datetime | None = None
    problems: tuple[TaskProblem, ...] = ()
    notes: tuple[TaskProblem, ...] = ()
    ended_by: Ending = Ending.DONE
    retry_at: datetime | None = None


@frozen(kw_only=True)
class OfferProblem:
    """An offer that a person must check, with the marketplace's answer: rejected, or waiting for its full data."""

    sku: str
    state: str
    code: str | None = None
    message: str | None = None


@frozen(kw_only=True)
class OfferPushReport:
    """What a run did for offers, and what it leaves.

    `sent` counts those that went into packages, `in_step` and `rejected` those that reports settled. `pending`,
    `on_the_way` and `waiting` are what the store has after it. `problems` are the first hundred of this run.
    """

    account: str
    sent: int = 0
    in_step: int = 0
    rejected: int = 0
    pending: int = 0
    on_the_way: int = 0
    waiting: int = 0
    problems: tuple[OfferProblem, ...] = ()
    ended_by: Ending = Ending.DONE
    retry_at: datetime | None = None


@frozen(kw_only=True)
class AcceptanceReport:
    """What a run of acceptance did: decisions asked of the OMS, and what became of them; see `ShipmentReport`.

    `later` counts the orders to ask again, `overdue` lists those that have waited too long for a decision, and
    `undecided` those whose policy failed, with the reason.
    """

    account: str
    waiting: int = 0
    decided: int = 0
    later: int = 0
    overdue: tuple[str, ...] = ()
    undecided: tuple[TaskProblem, ...] = ()
    sent: int = 0
    confirmed: int = 0
    rejected: int = 0
    stuck: int = 0
    pending: int = 0
    unknown: int = 0
    unknown_since: datetime | None = None
    problems: tuple[TaskProblem, ...] = ()
    ended_by: Ending = Ending.DONE
    retry_at: datetime | None = None
