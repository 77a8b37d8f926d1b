"""What customers and the seller write to each other: protocol-neutral."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from attrs import evolve, frozen

CUSTOMER, SELLER = "Customer", "Seller"


@frozen(kw_only=True)
class Message:
    """One message; `files` are the names of what was attached."""

    id: str
    body: str
    author: str
    at: datetime
    read: bool = False
    files: tuple[str, ...] = ()


@frozen(kw_only=True)
class Discussion:
    """A discussion about an order, or where `order` is empty an offer (`reference`, `ean`); `claim` is a complaint.

    `waits` means that the seller has to answer.
    """

    id: str
    order: str
    customer: str
    subject: str
    topic: str
    claim: bool
    channel: str
    opened_at: datetime
    updated_at: datetime
    open: bool = True
    messages: tuple[Message, ...] = ()
    reference: str | None = None
    ean: str | None = None

    @property
    def waits(self) -> bool:
        """Whether the last word is the customer's."""
        return self.open and bool(self.messages) and self.messages[-1].author == CUSTOMER


class DiscussionBook:
    """All discussions of one shop, oldest first. Thread-safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._discussions: dict[str, Discussion] = {}
        self._messages = 0

    def all(self) -> list[Discussion]:
        """Return every discussion."""
        with self._lock:
            return list(self._discussions.values())

    def find(self, discussion_id: str) -> Discussion | None:
        """Return one discussion."""
        with self._lock:
            return self._discussions.get(discussion_id)

    def begin(
        self,
        *,
        customer: str,
        subject: str,
        body: str,
        order: str = "",
        reference: str | None = None,
        ean: str | None = None,
        author: str = CUSTOMER,
        topic: str = "broken-product",
        claim: bool = False,
        channel: str = "CDISFR",
        files: tuple[str, ...] = (),
    ) -> Discussion:
        """Open a discussion with its first message."""
        with self._lock:
            now = self._now()
            discussion = Discussion(
                id=f"D{len(self._discussions) + 1:06d}",
                order=order,
                customer=customer,
                subject=subject,
                topic=topic,
                claim=claim,
                channel=channel,
                opened_at=now,
                updated_at=now,
                reference=reference,
                ean=ean,
            )
            self._discussions[discussion.id] = discussion
            return self.write(discussion.id, body, author=author, files=files)

    def write(self, discussion_id: str, body: str, *, author: str, files: tuple[str, ...] = ()) -> Discussion:
        """Add a message."""
        with self._lock:
            self._messages += 1
            now = self._now()
            message = Message(id=f"M{self._messages:06d}", body=body, author=author, at=now, files=files)
            discussion = self._discussions[discussion_id]
            return self._put(evolve(discussion, messages=(*discussion.messages, message), updated_at=now))

    def close(self, discussion_id: str) -> Discussion:
        """Close a discussion."""
        with self._lock:
            return self._put(evolve(self._discussions[discussion_id], open=False, updated_at=self._now()))

    def mark_read(self, message_id: str) -> bool:
        """Mark a message as read; return whether there is one."""
        with self._lock:
            for discussion in self._discussions.values():
                if any(message.id == message_id for message in discussion.messages):
                    messages = (evolve(one, read=one.read or one.id == message_id) for one in discussion.messages)
                    self._put(evolve(discussion, messages=tuple(messages)))
                    return True
            return False

    def _put(self, discussion: Discussion) -> Discussion:
        self._discussions[discussion.id] = discussion
        return discussion
