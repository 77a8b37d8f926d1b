"""Files that the marketplace can fetch: what a seller's own web server would hold."""

from __future__ import annotations

import threading
from typing import Final

_ROOT: Final = "https://files.example.com/"


class FileShelf:
    """Files by their URL. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, bytes] = {}

    def put(self, name: str, content: bytes) -> str:
        """Keep a file, in the place of one of the same name, and return its URL."""
        url = _ROOT + name.lstrip("/")
        with self._lock:
            self._files[url] = content
        return url

    def fetch(self, url: str) -> bytes | None:
        """Return the file at a URL; None where there is none."""
        with self._lock:
            return self._files.get(url)
