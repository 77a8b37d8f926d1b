"""Read the body of an answer within bounds of size and time, whatever the other side sends."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from typing import Any

import requests
from urllib3.response import BaseHTTPResponse

from cdiscount_marketplace import errors

_PIECE = 64 * 1024
_GZIP = frozenset({"gzip", "x-gzip", "deflate"})
# zlib's way of saying: gzip or zlib, whichever it is.
_ANY_WRAPPER = zlib.MAX_WBITS | 32


def read_body(response: requests.Response, *, deadline: float, limit: int) -> bytes:
    """Return the decompressed body; `deadline` is a `time.monotonic()` moment, `limit` a number of bytes.

    Raises `OversizedAnswer`, `CallTimeout`, `TruncatedAnswer`, `UnreadableAnswer`, and what the connection raises.
    """
    status = response.status_code
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    pieces = _pieces(response.raw, deadline)
    if encoding in _GZIP:
        pieces = _inflated(pieces, limit, status)
    elif encoding not in {"", "identity"}:
        raise errors.UnreadableAnswer(f"an answer encoded as {encoding[:40]!r}, which was not asked for", status=status)
    return _joined(pieces, limit, status)


def _pieces(raw: Any, deadline: float) -> Iterator[bytes]:
    while piece := _next_piece(raw):
        yield piece
        if time.monotonic() >= deadline:
            raise errors.CallTimeout("the answer did not end within the time limit")


def _next_piece(raw: Any) -> bytes:
    if isinstance(raw, BaseHTTPResponse):
        return raw.read1(_PIECE, decode_content=False)
    piece: bytes = raw.read(_PIECE)
    return piece


def _inflated(pieces: Iterator[bytes], limit: int, status: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_ANY_WRAPPER)
    received = 0
    for piece in pieces:
        received += len(piece)
        # Empty members inflate to nothing: what came is bounded, too.
        if received > limit:
            raise _oversized(limit, status)
        pending = piece
        while pending:
            if inflater.eof:
                inflater = zlib.decompressobj(_ANY_WRAPPER)
            try:
                yield inflater.decompress(pending, _PIECE)
            except zlib.error:
                raise errors.TruncatedAnswer("an answer whose compression is damaged", status=status) from None
            pending = inflater.unused_data or inflater.unconsumed_tail
    if received and not inflater.eof:
        raise errors.TruncatedAnswer("a compressed answer that is cut off", status=status)


def _joined(pieces: Iterator[bytes], limit: int, status: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _oversized(limit, status)
        parts.append(piece)
    return b"".join(parts)


def _oversized(limit: int, status: int) -> errors.OversizedAnswer:
    return errors.OversizedAnswer(f"an answer of more than {limit} bytes", limit=limit, status=status)
