"""Decisions that people take: stored first, sent by the worker."""

from __future__ import annotations

from datetime import UTC, datetime

from cdiscount_marketplace.models import Decision
from cdiscount_marketplace.oms import DecisionTask, Task
from shop.store import ShopStore


class DecisionConflict(Exception):
    """Another decision is recorded for the order."""


def queue_decision(store: ShopStore, account: str, decision: Decision) -> DecisionTask:
    """Store a decision; the same one again changes nothing. Raises `DecisionConflict` where another one is recorded."""
    now = datetime.now(UTC)
    queued = DecisionTask(decision=decision, task=Task(key=decision.key, created_at=now, updated_at=now))
    if store.swap_decision(account, None, queued):
        return queued
    recorded = store.find_decision(account, decision.key)
    if recorded is None or recorded.decision != decision:
        raise DecisionConflict(f"another decision is recorded for {decision.key}")
    return recorded
