"""The Celery app of a company that sells for many accounts.

celery -A app worker
celery -A app beat
"""

from __future__ import annotations

import os

from celery import Celery

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.fleet import Fleet, install

app = Celery("shop", broker=os.environ["BROKER_URL"])
# A worker that dies has then taken no message but the one it works on.
app.conf.worker_prefetch_multiplier = 1


def make_fleet() -> Fleet:
    """Connect to the store; called once in each worker process."""
    store = os.environ["CDISCOUNT_STORE"]
    return Fleet(SqlAccountRegistry(store), SqlOms(store))


install(app, make_fleet)
