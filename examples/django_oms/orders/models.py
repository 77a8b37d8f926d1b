"""The tables: orders as this shop works with them, and what the jobs must remember.

`DjangoOms` writes them; everything else reads. A row of `Shipment` or `Decision` changes only from one version to the
next, so that two workers can never send the same one.
"""

from __future__ import annotations

from django.db import models
from django.utils.timezone import now

from orders.fields import AnyText, TextTuple


class Order(models.Model):
    """An order to pick, pack and ship. `snapshot` is all that the marketplace said, as JSON, with personal data."""

    account = AnyText()
    number = AnyText()
    unique_id = AnyText(null=True)
    channel = AnyText()
    sales_channel = AnyText(null=True)
    status = AnyText()
    created_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(null=True)
    ship_by = models.DateTimeField(null=True)
    currency = AnyText()
    total = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    recipient = AnyText()
    snapshot = AnyText()
    digest = AnyText()
    stage = AnyText()
    imported_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "status"], name="order_by_status")]

    def __str__(self) -> str:
        return self.number


class OrderNumber(models.Model):
    """One of the numbers under which an order is found; within an account, a number means one order."""

    account = AnyText()
    identity = AnyText()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="numbers")
    position = models.IntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "identity"], name="one_order_per_number")]

    def __str__(self) -> str:
        return self.identity


class OrderLine(models.Model):
    """Goods to pick. `line_id` is the marketplace's name for the line, `sku` ours for the article."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.IntegerField()
    line_id = AnyText(null=True)
    sku = AnyText()
    title = AnyText(null=True)
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    line_total = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    status = AnyText()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="one_line_per_position")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class Checkpoint(models.Model):
    """How far an account's import has come: the "Last Order Pulled" date is `cursor`."""

    account = AnyText(unique=True)
    floor = models.DateTimeField()
    cursor = models.DateTimeField()
    version = models.IntegerField()
    swept_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.account


class QuarantinedOrder(models.Model):
    """An order that could not be stored, kept whole until the cause is gone; every import tries it again."""

    account = AnyText()
    key = AnyText()
    identities = TextTuple()
    code = AnyText()
    reason = AnyText()
    payload = AnyText()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    attempts = models.IntegerField()

    class Meta:
        ordering = ["first_seen", "key"]
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_entry_per_quarantined_order")]

    def __str__(self) -> str:
        return self.key


class UnseenOrder(models.Model):
    """An order that waited and was gone again between two imports."""

    account = AnyText()
    key = AnyText()
    identities = TextTuple()
    status = AnyText()
    created_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["seen_at", "key"]
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_entry_per_unseen_order")]

    def __str__(self) -> str:
        return self.key


class Lease(models.Model):
    """Who runs a job on an account, and until when. The row stays when the job ends, so that `fence` only grows."""

    account = AnyText()
    job = AnyText()
    owner = AnyText(null=True)
    fence = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "job"], name="one_lease_per_job")]

    def __str__(self) -> str:
        return f"{self.job} of {self.account}"


class Task(models.Model):
    """What a decision and a shipment have in common: where it stands on its way to the marketplace."""

    account = AnyText()
    key = AnyText()
    state = AnyText()
    version = models.IntegerField()
    attempt = models.IntegerField()
    owner = AnyText(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    give_up_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    unshipped_at = models.DateTimeField(null=True)
    code = AnyText(null=True)
    message = AnyText(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key


class Decision(Task):
    """Whether an order is accepted, and without which of its lines."""

    verdict = AnyText()
    refused_lines = TextTuple()

    class Meta:
        ordering = ["created_at", "key"]
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_decision_per_order")]
        indexes = [models.Index(fields=["account", "state"], name="decision_by_state")]


class Shipment(Task):
    """A parcel that left, to be reported. `lines` None stands for all lines that no other parcel has."""

    parcel = AnyText()
    carrier = AnyText()
    tracking_number = AnyText()
    tracking_url = AnyText(null=True)
    lines = TextTuple(null=True)
    complete = models.BooleanField()

    class Meta:
        ordering = ["created_at", "key", "parcel"]
        constraints = [models.UniqueConstraint(fields=["account", "key", "parcel"], name="one_row_per_parcel")]
        indexes = [models.Index(fields=["account", "state"], name="shipment_by_state")]
