"""The command `cdiscount-marketplace`; needs the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_LIBRARIES = {"cyclopts", "filelock", "rich", "sqlalchemy"}
_MISSING = "cdiscount-marketplace: this command needs an extra: pip install 'cdiscount-marketplace[cli]'"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; `arguments` default to the process's own."""
    try:
        from cdiscount_marketplace.cli.app import run
    except ModuleNotFoundError as error:
        if error.name not in _LIBRARIES:
            raise
        sys.stderr.write(_MISSING + "\n")
        raise SystemExit(2) from None
    raise SystemExit(run(sys.argv[1:] if arguments is None else arguments))
