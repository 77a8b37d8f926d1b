"""What a person did on the page, and the program that does it again."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from cdiscount_marketplace.sandbox.commands import Key
from cdiscount_marketplace.sandbox.lines import Code, Python, Writer, changed
from cdiscount_marketplace.sandbox.placing import Placing
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.sheets import Lines, Sheet
from cdiscount_marketplace.sandbox.world import World

_OPENING = "from cdiscount_marketplace.sandbox import Sandbox"


@frozen(kw_only=True)
class Did:
    """A form that was carried out: the orders that it placed, and how many placings there were by then."""

    sheet: Sheet
    body: Mapping[str, Any]
    numbers: tuple[str, ...] = ()
    serial: int = 0


@frozen(kw_only=True)
class Note:
    """One thing that was done, as its page reports it."""

    number: int
    did: Did
    lines: Lines

    @property
    def text(self) -> str:
        """What happened."""
        return self.did.sheet.command.did

    @property
    def order(self) -> str | None:
        """The number of the one order that is to be shown."""
        return self.did.numbers[0] if len(self.did.numbers) == 1 else None


class Notes:
    """The last things that were done, oldest first. Thread-safe."""

    def __init__(self, limit: int = 500) -> None:
        self._notes: deque[Note] = deque(maxlen=limit)
        self._lock = threading.Lock()
        self._total = 0

    def add(self, did: Did, lines: Lines) -> Note:
        """Keep what was done."""
        with self._lock:
            self._total += 1
            note = Note(number=self._total, did=did, lines=lines)
            self._notes.append(note)
            return note

    def find(self, number: str) -> Note | None:
        """Return one note, None if it is not kept."""
        return next((note for note in self.all() if str(note.number) == number), None)

    def all(self) -> Sequence[Note]:
        """Return every note that is kept."""
        with self._lock:
            return tuple(self._notes)

    def python(self, world: World) -> str:
        """Return everything that was done, as a program that begins as this world did."""
        notes = self.all()
        here = {number for note in notes for number in note.did.numbers}
        elsewhere = [each for each in world.placings.all() if here.isdisjoint(each.numbers)] if notes else []
        program = _Program()
        program.begin(world)
        # What was placed elsewhere comes before what was done after it.
        steps: list[Placing | Did] = [*elsewhere, *(note.did for note in notes)]
        for each in sorted(steps, key=_moment):
            program.place(each) if isinstance(each, Placing) else program.do(each)
        return program.text()

    def shell(self) -> str:
        """Return everything that was done, as lines for a shell."""
        return "\n".join(note.lines.shell for note in self.all())


def _moment(each: Placing | Did) -> tuple[int, bool]:
    return each.serial, isinstance(each, Did)


@frozen
class _Program:
    """The lines of a program; `names` are its names for the numbers of orders, which differ from run to run."""

    lines: list[Python] = field(factory=list[Python])
    names: dict[str, Code] = field(factory=dict[str, Code])
    used: dict[str, int] = field(factory=dict[str, int])

    def begin(self, world: World) -> None:
        """Make a sandbox as this one was made."""
        given = {"seed": (world.seed, 0), "settings": (world.first_settings, Settings())}
        options = {name: mine for name, (mine, usual) in given.items() if mine != usual}
        writer = Writer(_OPENING)
        self.lines.append(writer.line(f"sandbox = {writer.write_call('Sandbox', (), options)}"))

    def place(self, placing: Placing) -> None:
        """Place orders that were not placed on the page."""
        options = changed(placing.how)
        counted = [options["count"]] if "count" in options else []
        named = {name: value for name, value in options.items() if name != "count"}
        line = Writer().call(f"sandbox.{'fill' if counted else 'place'}", *counted, **named)
        self._add(line, placing.numbers, several=bool(counted))

    def do(self, did: Did) -> None:
        """Do what was done on the page."""
        key: Key = did.sheet.key
        if did.sheet.command.is_about_order:
            key = self.names.get(did.sheet.key, key)
        line = did.sheet.command.python(key, did.body)
        self._add(line, did.numbers, several=did.sheet.name == "fill")

    def text(self) -> str:
        """Return the program."""
        imports: Iterable[str] = sorted({each for line in self.lines for each in line.imports})
        return "\n".join([*imports, "", *(line.line for line in self.lines)])

    def _add(self, line: Python, numbers: tuple[str, ...], *, several: bool) -> None:
        if not numbers:
            self.lines.append(line)
            return
        name = self._name("orders" if several else "order")
        rows = [f"{name}[{row}].number" for row in range(len(numbers))] if several else [f"{name}.number"]
        self.names.update(zip(numbers, map(Code, rows), strict=True))
        self.lines.append(Python(line=f"{name} = {line.line}", imports=line.imports))

    def _name(self, base: str) -> str:
        self.used[base] = self.used.get(base, 0) + 1
        return base if self.used[base] == 1 else f"{base}_{self.used[base]}"
