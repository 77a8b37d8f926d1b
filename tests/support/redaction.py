"""Hunting for secrets and customers' data: what hears every logger, knows every token, and turns every error out."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from cdiscount_marketplace.calls.token_cache import CachedLogin, MemoryTokenCache, TokenKey
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.effects import (
    Delay,
    Effect,
    ExpireTokens,
    HtmlPage,
    HttpStatus,
    LeaveLine,
    NoOrderNumber,
    OmitResult,
    QuotaReached,
    RejectOrder,
    Reset,
    ServerFault,
    Truncate,
    UnknownElements,
    UnknownValues,
)

PASSWORD = "s3ntinel-pa$$word"
# One of everything that may happen to an answer; None is nothing.
EFFECTS: list[Effect | None] = [
    None,
    Delay(60),
    ExpireTokens(),
    HtmlPage(),
    HtmlPage(status=503),
    HttpStatus(500),
    HttpStatus(401),
    HttpStatus(429, retry_after=7200),
    LeaveLine(),
    NoOrderNumber(),
    OmitResult(),
    QuotaReached(),
    RejectOrder(),
    Reset(),
    Reset("during"),
    ServerFault(),
    Truncate(),
    Truncate(0.9),
    UnknownElements(),
    UnknownValues(),
]


class Ear(logging.Handler):
    """Hears every logger at every level, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.name} {self.format(record)} {record.args!r}")


@contextmanager
def listening() -> Iterator[Ear]:
    """Hear everything, at the lowest level that there is."""
    root, ear = logging.getLogger(), Ear()
    levels = {name: logger.level for name, logger in _loggers()}
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    for _, logger in _loggers():
        logger.setLevel(logging.DEBUG)
    yield ear
    root.removeHandler(ear)
    for name, logger in _loggers():
        logger.setLevel(levels.get(name, logging.NOTSET))


def _loggers() -> Iterator[tuple[str, logging.Logger]]:
    yield "", logging.getLogger()
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            yield name, logger


class Purse(MemoryTokenCache):
    """Remembers every token that was issued."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()

    def store(self, key: TokenKey, login: CachedLogin) -> None:
        self.tokens |= {login.token.value} if login.token else set()
        super().store(key, login)


def secrets_of(sandbox: Sandbox, purse: Purse) -> set[str]:
    """Return the password and every token in both their forms, and what the orders tell of their customers."""
    assert purse.tokens
    dashed = {f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in purse.tokens}
    people = [order.customer for order in sandbox.orders()]
    personal = {text for one in people for text in (one.last_name, one.mobile, one.home.street)}
    emails = {order.encrypted_email for order in sandbox.orders()}
    return {PASSWORD, quote(PASSWORD), *purse.tokens, *dashed, *personal, *emails}


def everything_about(error: BaseException) -> str:
    """Return all that an error shows or carries: text, repr, fields, pickle, and its chain's traceback with locals."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(link)
        link = link.__cause__ or link.__context__
    shown = [f"{one!s} {one!r} {vars(one)!r} {one.args!r}" for one in chain]
    pickled = [pickle.dumps(one).decode("latin-1") for one in chain if isinstance(one, CdiscountError)]
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([*shown, *pickled, *frames.format()])


def told_by(uses: Iterable[Callable[[], Any]]) -> list[str]:
    """Do one thing after the other, and return all that results and errors show."""
    return [_told(use) for use in uses]


# In a frame of its own: what was shown before would show again among its variables, twice as long each time.
def _told(use: Callable[[], Any]) -> str:
    try:
        return repr(use())
    except CdiscountError as error:
        return everything_about(error)


def found(secrets: set[str], texts: list[str]) -> set[str]:
    everything = "\n".join(texts)
    return {secret for secret in secrets if secret in everything}
