"""The SQLite file behind a store: whether it is there, and whether it is still the one that was opened.

SQLite makes a file that is not there, so that a mistyped address looks like an empty store; and it goes on writing
into a file that was deleted, so that everything written is lost.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from sqlalchemy.engine import URL

from cdiscount_marketplace.adapters.sql.failures import cannot_open, missing, moved, not_a_store

_SMALLEST_PAGE = 512
NO_STORE_HINT = "correct the address; the first `pull`, `offers put` or `accounts add` creates a store"


class StoreFile:
    """The file of one SQLite database. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path: Path = path.absolute()
        self._opened: tuple[int, int] | None = None

    @classmethod
    def of(cls, url: URL) -> StoreFile:
        """Return the file that an SQLite address names, as a path or as a `file:` URI."""
        database = str(url.database)
        if database.startswith("file:"):
            database = unquote(database.removeprefix("file:"))
            database = "/" + database.lstrip("/") if database.startswith("/") else database
        return cls(Path(database))

    def ensure_openable(self, *, create: bool) -> None:
        """Raise `StoreFailed` where no store can be: a directory, a missing directory, or (unless `create`) no file."""
        store = str(self.path)
        try:
            directory, file = self.path.parent.is_dir(), self.path.exists()
        except OSError as error:
            raise cannot_open(store, error.strerror or "no access") from None
        if self.path.is_dir():
            raise not_a_store(store, "is a directory, not a file")
        # SQLite takes a file of less than a page, whatever it holds, for an empty database, and writes over it.
        if file and 0 < self.path.stat().st_size < _SMALLEST_PAGE:
            raise not_a_store(store, "the file is not an SQLite database")
        if not directory:
            raise missing(store, "the directory does not exist", "make the directory, or correct the store's address")
        if not file and not create:
            raise missing(store, "there is no store at this address", NO_STORE_HINT)

    def remember(self) -> None:
        """Note which file was opened."""
        self._opened = self._identity()

    def ensure_same(self) -> None:
        """Raise `StoreFailed` if the file was moved, deleted or replaced since it was opened."""
        if self._opened is not None and self._identity() != self._opened:
            raise moved(str(self.path))

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino
