"""The command `cdiscount-marketplace`; needs the extra `cli`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

_LIBRARIES = {"cyclopts", "rich", "sqlalchemy"}
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
    raise SystemExit(_unless_cut_off(lambda: run(sys.argv[1:] if arguments is None else arguments)))


def _unless_cut_off(command: Callable[[], int]) -> int:
    """Run the command; whoever reads its output may stop early, as `head` does."""
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
