"""The background worker: `python -m shop.worker`, as often as you like on as many machines as you like.

Leases let one of them work at a time. SIGTERM ends it between two orders. `--once` does what is due and ends.
"""

from __future__ import annotations

import logging
import sys

from cdiscount_marketplace.oms import stop_on_signals
from shop.database import Database, connect
from shop.jobs import make_runner
from shop.settings import Settings
from shop.store import ShopStore


def main(arguments: list[str]) -> int:
    """Run the jobs; return 1 if one of them failed."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    settings = Settings.from_env()
    runner = make_runner(settings, ShopStore(Database(connect(settings.database))))
    with stop_on_signals([runner]):
        if "--once" in arguments:
            return int(any(result.error for result in runner.run_once()))
        runner.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
