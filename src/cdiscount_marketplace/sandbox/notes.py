"""What a person did on the page, in the lines that do it again."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from attrs import frozen

from cdiscount_marketplace.sandbox.sheets import Lines

_OPENING = "from cdiscount_marketplace.sandbox import Sandbox"


@frozen(kw_only=True)
class Note:
    """One thing that was done; `order` is the number of the order that came of it."""

    number: int
    text: str
    lines: Lines
    order: str | None = None


class Notes:
    """The last things that were done, oldest first. Thread-safe."""

    def __init__(self, limit: int = 500) -> None:
        self._notes: deque[Note] = deque(maxlen=limit)
        self._lock = threading.Lock()
        self._total = 0

    def add(self, text: str, lines: Lines, order: str | None) -> Note:
        """Keep what was done."""
        with self._lock:
            self._total += 1
            note = Note(number=self._total, text=text, lines=lines, order=order)
            self._notes.append(note)
            return note

    def find(self, number: str) -> Note | None:
        """Return one note, None if it is not kept."""
        return next((note for note in self.all() if str(note.number) == number), None)

    def all(self) -> Sequence[Note]:
        """Return every note that is kept."""
        with self._lock:
            return tuple(self._notes)

    def python(self) -> str:
        """Return everything that was done, as a program."""
        notes = self.all()
        imports = {_OPENING}.union(*(note.lines.python.imports for note in notes))
        return "\n".join([*sorted(imports), "", "sandbox = Sandbox()", *(note.lines.python.line for note in notes)])

    def shell(self) -> str:
        """Return everything that was done, as lines for a shell."""
        return "\n".join(note.lines.shell for note in self.all())
