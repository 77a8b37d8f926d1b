"""What a run under fire came to, and the table that tells."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

ORDERS = ("placed", "imported", "quarantined", "passed_unseen", "lost", "doubled")
SHIPMENTS = ("asked", "applied", "rejected", "stuck", "held_up", "unfinished", "lost", "doubled", "repeated")
REFUNDS = ("asked", "given", "rejected", "stuck", "unfinished", "lost", "doubled", "repeated")
OFFERS = ("put", "in_step", "rejected", "waiting", "unfinished", "lost")
DECISIONS = ("taken", "applied", "overtaken", "rejected", "stuck", "unfinished", "lost", "doubled")
BAD = {"lost", "doubled", "repeated", "unfinished"}


@define
class Ledger:
    """Counts by subject; `wrongs` says in words what must not be."""

    orders: Counter[str] = field(factory=Counter)
    shipments: Counter[str] = field(factory=Counter)
    decisions: Counter[str] = field(factory=Counter)
    refunds: Counter[str] = field(factory=Counter)
    offers: Counter[str] = field(factory=Counter)
    faults: Counter[str] = field(factory=Counter)
    events: Counter[str] = field(factory=Counter)
    wrongs: list[str] = field(factory=list)

    def wrong(self, subject: Counter[str], kind: str, what: str) -> None:
        subject[kind] += 1
        self.wrongs.append(what)

    def add(self, other: Ledger, label: str) -> None:
        for mine, theirs in zip(self._counters(), other._counters(), strict=True):
            mine.update(theirs)
        self.wrongs += [f"{label}: {what}" for what in other.wrongs]

    def _counters(self):
        return self.orders, self.shipments, self.decisions, self.refunds, self.offers, self.faults, self.events

    def table(self) -> str:
        rows = [
            _row("orders", ORDERS, self.orders),
            _row("shipments", SHIPMENTS, self.shipments),
            _row("decisions", DECISIONS, self.decisions),
            _row("refunds", REFUNDS, self.refunds),
            _row("offers", OFFERS, self.offers),
            _row("events", sorted(self.events), self.events),
            _row("faults", sorted(self.faults), self.faults),
        ]
        return "\n".join((*rows, *self.wrongs))


def _row(title, names, counts):
    return f"{title:<10} " + "  ".join(f"{name} {counts[name]}" for name in names)
