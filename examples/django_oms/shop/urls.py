"""The pages of the project."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from orders.views import ship
from shop.operators import operators

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:orders_order_changelist")),
    path("orders/<int:order_id>/ship/", ship, name="ship"),
    re_path("^operators/(?P<path>.*)$", operators, name="operators"),
    path("admin/", admin.site.urls),
]
