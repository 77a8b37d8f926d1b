"""Standard output and error, whatever they are: another encoding, a closed pipe, a full disk."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from typing import TextIO


def accept_any_text() -> None:
    """Escape what the streams' encodings lack, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(texts: Iterable[str]) -> None:
    """Write to standard output; stop without an error once its reader is gone, as `head` is.

    Raises `OSError` where the output cannot be written, such as on a full disk.
    """
    # None: the shell closed it.
    if sys.stdout is not None:
        with _ending(sys.stdout):
            for text in texts:
                sys.stdout.write(text)
            sys.stdout.flush()


def write_error(text: str) -> None:
    """Write to standard error; where that fails there is nobody left to report it to."""
    if sys.stderr is not None:
        with suppress(OSError), _ending(sys.stderr):
            sys.stderr.write(text)
            sys.stderr.flush()


@contextmanager
def _ending(stream: TextIO) -> Generator[None]:
    try:
        yield
    except BrokenPipeError:
        _discard(stream)
    except OSError as error:
        if error.filename is not None:
            raise
        _discard(stream)
        raise OSError(error.errno, error.strerror, stream.name.strip("<>")) from None


def reader_left() -> None:
    """Write nothing more to standard output: its reader is gone."""
    if sys.stdout is not None:
        _discard(sys.stdout)


def _discard(stream: TextIO) -> None:
    """Send what is still in the buffer nowhere: Python flushes once more at exit, and would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
