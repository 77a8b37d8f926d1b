"""What the SDK reports about its work: frozen records, handed to hooks that a caller may supply.

A hook is any callable that takes one `Event`. It is called in the thread that does the work, so it must be quick and
thread-safe. A hook that raises is logged and ignored: telling must never lose an order. No event carries a secret or
a customer's data; order numbers are not customers' data.

`CallStarted`, `RequestStarted` and `JobStarted` open something that lasts. A hook may answer them with a context
manager, which is left when that ends, in the same thread; what happens within is reported within.
"""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
