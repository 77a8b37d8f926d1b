"""What must work in an environment that has the package without any extra; run by `nox -s package`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cdiscount_marketplace


def main() -> None:
    heavy = {"zeep", "lxml"} & sys.modules.keys()
    assert not heavy, f"importing the package imported {heavy}"
    for name in getattr(cdiscount_marketplace, "__all__", ()):
        getattr(cdiscount_marketplace, name)
    _check_token_file()
    _check_command()


def _check_token_file() -> None:
    program = "from cdiscount_marketplace import FileTokenCache; FileTokenCache('tokens.json')"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install 'cdiscount-marketplace[token-file]'" in answer.stderr, answer


def _check_command() -> None:
    command = Path(sys.executable).with_name("cdiscount-marketplace")
    answer = subprocess.run([str(command), "status"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2, answer
    assert "pip install 'cdiscount-marketplace[cli]'" in answer.stderr, answer
    assert "Traceback" not in answer.stderr, answer


if __name__ == "__main__":
    main()
