"""The pages of the project."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from orders.views import ship

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:orders_order_changelist")),
    path("orders/<int:order_id>/ship/", ship, name="ship"),
    # Another WSGI application for the same people, such as an operator's page, is mounted in wsgi.py.
    path("admin/", admin.site.urls),
]
