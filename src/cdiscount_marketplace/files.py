"""Files that other processes read while they are written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def is_special(path: Path) -> bool:
    """Whether the path names a device, a pipe or a directory: root would replace even /dev/null by a file."""
    return path.exists() and not path.is_file()


def replace_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put a whole new file in place of the old one; a reader sees one or the other. Raises `OSError`."""
    # mkstemp creates with mode 0600 whatever the umask.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        draft.chmod(mode)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
