"""The application, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Orders, and what is sent about them."""

    name = "orders"
