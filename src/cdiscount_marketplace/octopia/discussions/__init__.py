"""Discussions with customers: questions, claims, and the messages in them."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
