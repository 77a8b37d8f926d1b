"""The files that packages are: a zip with one part of XML, written as a stream, and put where a URL leads to it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Generic, Protocol, TypeAlias, TypeVar, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from attrs import frozen

from cdiscount_marketplace.errors import CdiscountError, ConnectFailed, InvalidRequest, Problem
from cdiscount_marketplace.failures import UPLOAD
from cdiscount_marketplace.files import is_special
from cdiscount_marketplace.soap.xaml import LONGEST_SHOWN

T = TypeVar("T")

Target: TypeAlias = "str | os.PathLike[str] | BinaryIO"

# An error names this many problems; the others wait for the next try.
PROBLEMS: Final = 20

# A file of more has zip64 headers, and no package that the marketplace took is known to have them.
LARGEST: Final = 2_000_000_000

_TYPES: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="text/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_RELATIONSHIPS: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Type="{kind}" Target="/{part}" Id="R1"/></Relationships>'
)
# The same package is the same bytes, whenever it is written.
_STAMP: Final = (1980, 1, 1, 0, 0, 0)


class Upload(Protocol):
    """Your callable that puts a file where the marketplace can fetch it, without a login, and returns the URL.

    `file` is open for reading, at its beginning, and closed after the call. `name` is new for each file, and cannot be
    guessed: a file must stay until its package is reported.
    """

    def __call__(self, file: BinaryIO, name: str, /) -> str: ...


@frozen(kw_only=True)
class Layout:
    """Where a package has its XML, and what it calls it."""

    part: str
    relationship: str


def write_file(target: Target, layout: Layout, texts: Iterable[str]) -> None:
    """Write a package's file; where that fails, a path has what it had before."""
    if not isinstance(target, str | os.PathLike):
        _write_zip(target, layout, texts)
        return
    path = Path(target)
    if is_special(path):
        with path.open("wb") as file:
            _write_zip(file, layout, texts)
        return
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with _created(unfinished) as file:
            _write_zip(file, layout, texts)
        unfinished.replace(path)
    finally:
        if unfinished.exists():
            unfinished.unlink()


def _created(path: Path) -> BinaryIO:
    try:
        return path.open("xb")
    except OSError as error:
        # It is the folder that is missing or closed; the file's name says nothing to the caller.
        raise OSError(error.errno, error.strerror, str(path.parent)) from None


def _write_zip(file: BinaryIO, layout: Layout, texts: Iterable[str]) -> None:
    with ZipFile(file, "w") as archive:
        archive.writestr(_entry("[Content_Types].xml"), _TYPES)
        archive.writestr(_entry("_rels/.rels"), _RELATIONSHIPS.format(kind=layout.relationship, part=layout.part))
        with archive.open(_entry(layout.part), "w") as part:
            for content in _measured(texts):
                part.write(content)


def _measured(texts: Iterable[str]) -> Iterator[bytes]:
    """Encode texts; raises `InvalidRequest` before they are more than a zip without extensions can hold."""
    size = 0
    for text in texts:
        content = text.encode()
        size += len(content)
        if size > LARGEST:
            wrong = f"has more than {LARGEST:,} bytes of XML: make several packages"
            raise InvalidRequest([Problem("package", wrong)], operation="write")
        yield content


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _STAMP)
    entry.compress_type = ZIP_DEFLATED
    return entry


def upload_file(write: Callable[[BinaryIO], None], name: str, upload: Upload) -> str:
    """Write a file aside, hand it to `upload`, and return where it lies."""
    if not callable(cast("object", upload)):
        wrong = f"must be a function that takes a file and its name and returns the URL, not {type(upload).__name__}"
        raise InvalidRequest([Problem("upload", wrong)], operation="upload")
    with TemporaryFile() as file:
        write(file)
        file.seek(0)
        url = cast("object", upload(file, f"{name}-{uuid.uuid4().hex}.zip"))
    if not isinstance(url, str):
        kind = type(url).__name__
        if isinstance(url, Coroutine):
            # Its code never ran, of which Python would warn.
            url.close()
        awaited = ", which must be awaited" if isinstance(url, Awaitable) else ""
        wrong = f"must return the URL, which begins with http:// or https://, not a {kind}{awaited}"
        raise InvalidRequest([Problem("upload", wrong)], operation="upload")
    return url


def guarded(upload: Upload) -> Upload:
    """Return an upload whose failures are `ConnectFailed`: nothing was submitted, and it can be tried again."""

    def put(file: BinaryIO, name: str, /) -> str:
        try:
            return upload(file, name)
        except CdiscountError:
            raise
        except (Exception, SystemExit) as error:
            # One that exits must not end the other accounts' jobs.
            message = f"upload raised {type(error).__name__}: the package was not submitted"
            raise ConnectFailed(message, operation=UPLOAD) from error

    return put


class OneReading(Generic[T]):
    """An iterator that refuses a second reading, which would yield a part of it: a purge would remove the rest."""

    def __init__(self, parts: Iterator[T], name: str) -> None:
        self._unread = [parts]
        self._name = name

    def __iter__(self) -> Iterator[T]:
        try:
            # Of several threads, one gets it.
            return self._unread.pop()
        except IndexError:
            wrong = f"its {self._name} were read already: give a list, or make the package again"
            raise InvalidRequest([Problem(self._name, wrong)], operation="write") from None


def readable(parts: Iterable[T], name: str) -> Iterable[T]:
    """Return parts that are read whole each time, or not at all."""
    return OneReading(parts, name) if isinstance(parts, Iterator) else parts


def unreadable(parts: object, name: str, kind: type) -> Iterator[Problem]:
    """Name what is wrong with the parts of a package as a whole."""
    if not isinstance(parts, Iterable):
        yield Problem(name, f"must be a list or an iterator of {kind.__name__}, not {type(parts).__name__}")


def ensure_package(package: object, kind: type) -> None:
    """Raise `InvalidRequest` for something that is no package of this kind."""
    if not isinstance(package, kind):
        wrong = f"must be of type {kind.__name__}, not {type(package).__name__}"
        raise InvalidRequest([Problem("package", wrong)], operation="submit_package")


def checked(parts: Iterable[T], name: str, problems: Callable[[T], Iterator[Problem]]) -> Iterator[T]:
    """Yield parts as they come, until one cannot be written; then read on, and raise all problems in the end.

    Raises `InvalidRequest` for no parts at all, too: a package that replaces everything would remove everything.
    """
    found: list[Problem] = []
    index = -1
    for index, part in enumerate(parts):
        found += [Problem(f"{name}[{index}]{one.field}", one.message) for one in problems(part)]
        if len(found) >= PROBLEMS:
            break
        if not found:
            yield part
    if index < 0:
        found.append(Problem(name, "give at least one"))
    if found:
        raise InvalidRequest(found, operation="write")


def named(part: object, kind: type, key: str, problems: Callable[[], Iterator[Problem]]) -> Iterator[Problem]:
    """Name what is wrong with a part by its place, its member and its key."""
    if not isinstance(part, kind):
        yield Problem("", f"must be of type {kind.__name__}, not {type(part).__name__}")
        return
    shown = str(getattr(part, key))[:LONGEST_SHOWN]
    for one in problems():
        yield Problem(f".{one.field}", one.message if one.field == key else f"{one.message} ({key} {shown!r})")
