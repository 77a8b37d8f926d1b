"""The command as a shell calls it, in this process."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from attrs import frozen

from cdiscount_marketplace.cli import main


@frozen
class Ran:
    """What one command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


class Shell:
    """Run commands on one store, with an environment of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], store: str) -> None:
        self._capsys = capsys
        self.store = store

    def __call__(self, line: str) -> Ran:
        """Run a command line; its words are parted as a shell parts them."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(shlex.split(line))
        printed = self._capsys.readouterr()
        return Ran(int(left.value.code or 0), printed.out, printed.err)
