"""The admin shows what the jobs do; only the jobs change it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from orders import models


class ReadOnly(admin.ModelAdmin):
    """Rows that the jobs own: a change by hand could ship an order twice."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the jobs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are changed by the jobs."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A deleted order would be imported again."""
        return False


class LineInline(admin.TabularInline):
    """The goods of an order."""

    model = models.OrderLine


@admin.register(models.Order)
class OrderAdmin(ReadOnly):
    """Orders, those to be shipped first on top."""

    list_display = ("number", "account", "status", "recipient", "total", "ship_by", "ship")
    list_filter = ("account", "status")
    search_fields = ("numbers__identity",)
    ordering = ("ship_by",)
    exclude = ("snapshot", "digest")
    inlines = (LineInline,)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Offer the warehouse's page to those who may use it."""
        shown = self.list_display
        return shown if request.user.has_perm("orders.add_shipment") else shown[:-1]

    def ship(self, order: models.Order) -> str:
        """Link to the warehouse's page."""
        return format_html('<a href="{}">ship</a>', reverse("ship", args=[order.pk]))


@admin.register(models.Shipment)
class ShipmentAdmin(ReadOnly):
    """The outbox of shipments."""

    list_display = ("key", "account", "state", "carrier", "tracking_number", "attempt", "code", "message", "updated_at")
    list_filter = ("account", "state")
    search_fields = ("key", "tracking_number")


@admin.register(models.Decision)
class DecisionAdmin(ReadOnly):
    """The outbox of decisions."""

    list_display = ("key", "account", "state", "verdict", "attempt", "code", "message", "updated_at")
    list_filter = ("account", "state")
    search_fields = ("key",)


@admin.register(models.QuarantinedOrder)
class QuarantineAdmin(ReadOnly):
    """Orders that wait for a problem to be fixed."""

    list_display = ("key", "account", "code", "reason", "attempts", "first_seen", "last_seen")
    exclude = ("payload",)


@admin.register(models.UnseenOrder)
class UnseenAdmin(ReadOnly):
    """Orders that came and went between two imports."""

    list_display = ("key", "account", "status", "created_at", "seen_at")


@admin.register(models.Checkpoint)
class CheckpointAdmin(ReadOnly):
    """The "Last Order Pulled" date of each account."""

    list_display = ("account", "cursor", "floor", "swept_at")


@admin.register(models.Lease)
class LeaseAdmin(ReadOnly):
    """Who runs what."""

    list_display = ("account", "job", "owner", "expires_at")
