"""The warehouse's page: which parcel an order left in."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from cdiscount_marketplace.errors import InvalidRequest, ShipmentConflict
from cdiscount_marketplace.models import Shipment
from orders.jobs import queue_shipment
from orders.models import Order


class ShipmentForm(forms.Form):
    """Carrier and tracking number: the marketplace takes no shipment without them."""

    carrier = forms.CharField()
    tracking_number = forms.CharField()


@staff_member_required
@permission_required("orders.add_shipment", raise_exception=True)
def ship(request: HttpRequest, order_id: int) -> HttpResponse:
    """Queue the shipment of a whole order; the same one twice is stored once."""
    order = get_object_or_404(Order, pk=order_id)
    form = ShipmentForm(request.POST or None)
    if form.is_valid():
        try:
            queue_shipment(Shipment(key=order.unique_id or order.number, **form.cleaned_data))
        except (InvalidRequest, ShipmentConflict) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"The shipment of {order.number} is reported with the next push_shipments.")
            return redirect("admin:orders_order_changelist")
    return render(request, "orders/ship.html", {"order": order, "form": form})
