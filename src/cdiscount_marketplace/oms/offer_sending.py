"""Sending what changed: offers are sorted into packages, claimed, uploaded and made ready."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from attrs import evolve

from cdiscount_marketplace.channels.offers import PackageAnswer, PackageKind, PackageOutcome
from cdiscount_marketplace.errors import CdiscountError, InvalidRequest
from cdiscount_marketplace.failures import proves_nothing_done
from cdiscount_marketplace.oms import offer_rows
from cdiscount_marketplace.oms.offer_run import UNANSWERED, WRITE_AT_ONCE, OfferRun
from cdiscount_marketplace.oms.pieces import chunks
from cdiscount_marketplace.oms.ports import OfferPackage, OfferState, OfferTask, PackageState
from cdiscount_marketplace.oms.stop_reason import StopRequested

# After so many lost answers in a row, the rest is left for the next run.
LOST_IN_A_ROW = 2

# Offers go together that need the same kind of package, of the same size at most.
Bucket = tuple[PackageKind | None, int]


class OfferSender:
    """Sends the due offers of one run."""

    def __init__(self, run: OfferRun) -> None:
        self._run = run
        self._lost = 0

    def send_due(self) -> None:
        """Send what was due when this began, one package after another, oldest change first."""
        buckets: dict[Bucket, list[OfferTask]] = {}
        for row in self._due(self._run.now()):
            kind, size = bucket = self._bucket(row)
            rows = buckets.setdefault(bucket, [])
            rows.append(row)
            if len(rows) >= size:
                del buckets[bucket]
                self._send(kind, rows)
        for (kind, _), rows in buckets.items():
            self._send(kind, rows)

    def _due(self, now: datetime) -> Iterator[OfferTask]:
        last: OfferTask | None = None
        while rows := self._run.outbox.list_due_offers(self._run.account, now, limit=WRITE_AT_ONCE, after=last):
            yield from rows
            last = rows[-1]

    def _bucket(self, row: OfferTask) -> Bucket:
        """Return the kind of package that an offer needs, None if none can help, and how many offers go together."""
        run, channel = self._run, self._run.channel
        kind = offer_rows.plan(row, channel.missing_members(row.offer), run.updatable(row))
        return kind, WRITE_AT_ONCE if kind is None else offer_rows.room(row, max(channel.package_limit, 1))

    def _send(self, kind: PackageKind | None, rows: Sequence[OfferTask]) -> None:
        if kind is None:
            self._run.claim(rows, self._unsendable)
        elif self._lost < LOST_IN_A_ROW:
            self._send_package(kind, rows)

    def _unsendable(self, row: OfferTask) -> OfferTask:
        return offer_rows.unsendable(row, self._run.channel.missing_members(row.offer), self._run.now())

    def _send_package(self, kind: PackageKind, rows: Sequence[OfferTask]) -> None:
        run = self._run
        run.before_request()
        reference = run.channel.create_package(kind)
        now = run.now()
        package = run.move_package(
            None,
            OfferPackage(
                name=uuid.uuid4().hex,
                reference=reference,
                channel=run.name,
                kind=kind,
                created_at=now,
                updated_at=now,
            ),
        )
        claimed = run.claim(rows, partial(offer_rows.claimed, package=package.name, now=run.now()))
        self.fill(package, sorted(claimed, key=lambda row: row.offer.sku))

    def fill(self, package: OfferPackage, rows: Sequence[OfferTask]) -> None:
        """Upload what is not in the package yet, and make it ready; begins where an interrupted run ended."""
        run, done = self._run, package.filled or 0
        if not rows:
            run.change_package(package, state=PackageState.LAPSED, message="nothing was left to send")
            return
        package = run.change_package(package, offers=len(rows), filled=None)
        try:
            for chunk in chunks(rows[done:], max(run.channel.upload_limit, 1)):
                outcome = self._upload(package, chunk)
                if outcome.answer != PackageAnswer.DONE:
                    self._give_up(package, chunk, outcome)
                    return
                done += len(chunk)
        except (CdiscountError, StopRequested) as error:
            if isinstance(error, StopRequested) or proves_nothing_done(error):
                run.change_package(package, filled=done)
            raise
        self._lost = 0
        self.close(run.change_package(package, state=PackageState.FILLED, filled=done))

    def _upload(self, package: OfferPackage, rows: Sequence[OfferTask]) -> PackageOutcome:
        run, kind = self._run, PackageKind(package.kind)
        run.before_request()
        offers = [offer_rows.content(row, kind, run.updatable(row)) for row in rows]
        try:
            return run.channel.fill_package(package.reference, kind, offers)
        except InvalidRequest as error:
            return PackageOutcome(answer=PackageAnswer.REFUSED, code="InvalidRequest", message=error.message)

    def close(self, package: OfferPackage) -> None:
        """Make a filled package ready; if that is refused, or not answered, its reading shows what to do."""
        run = self._run
        run.before_request()
        try:
            outcome = run.channel.close_package(package.reference)
        except CdiscountError as error:
            run.endure(package, error)
            return
        if outcome.answer == PackageAnswer.UNKNOWN:
            run.left.add(package.name)
            run.change_package(package, code=UNANSWERED, message=outcome.message)
            return
        state = PackageState.READY if outcome.answer == PackageAnswer.DONE else package.state
        reference = outcome.reference or package.reference
        changed = (state, reference, outcome.code, outcome.message)
        if changed != (package.state, package.reference, package.code, package.message):
            run.change_package(package, state=state, reference=reference, code=outcome.code, message=outcome.message)

    def _give_up(self, package: OfferPackage, chunk: Sequence[OfferTask], outcome: PackageOutcome) -> None:
        """Abandon a package of which an upload failed: it is never made ready, so nothing is done of it."""
        refused = outcome.answer == PackageAnswer.REFUSED
        self._lost = 0 if refused else self._lost + 1
        suspects = {row.offer.sku for row in chunk}
        self.release(package, partial(self._back, suspects, refused, outcome))
        message = outcome.message or ("an upload was refused" if refused else "an upload was not answered")
        self._run.change_package(package, state=PackageState.LAPSED, code=outcome.code, message=message)

    def _back(self, suspects: set[str], refused: bool, outcome: PackageOutcome, row: OfferTask) -> OfferTask:  # noqa: FBT001 -- a partial's
        now = self._run.now()
        if row.offer.sku not in suspects:
            return offer_rows.returned(row, now, "its package was abandoned", later=False)
        if refused:
            return offer_rows.refused_together(row, now, outcome.code, outcome.message, alone=len(suspects) == 1)
        # What is not answered may be the fault of one of them.
        narrower = evolve(row, narrowing=row.narrowing + 1)
        return offer_rows.returned(narrower, now, outcome.message or "the upload was not answered")

    def release(self, package: OfferPackage, step: Callable[[OfferTask], OfferTask]) -> None:
        """Take the offers out of a package, page by page."""
        run = self._run

        def leave(row: OfferTask) -> OfferTask | None:
            there = row.state == OfferState.SENT and row.package == package.name
            return step(row) if there else None

        while rows := run.outbox.list_package(run.account, package.name, limit=WRITE_AT_ONCE):
            run.move(rows, leave)
