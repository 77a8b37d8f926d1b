"""Where a server of ours listens, and what to do where it cannot."""

from __future__ import annotations

from cdiscount_marketplace.errors import ConfigurationError


def cannot_listen(host: str, port: int, error: OSError | ValueError) -> ConfigurationError:
    """Return the error for an address that is taken, or is not this machine's."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return ConfigurationError(
        f"cannot listen at {host!r}, port {port}: {reason}",
        hint="port 0 takes a free one; the host is an address of this machine, such as 127.0.0.1",
    )
