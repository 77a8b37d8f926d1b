"""The README's commands are the ones that CI runs."""

from __future__ import annotations

from support.pages import ROOT


def shell_commands() -> list[str]:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```sh\n")[1:]
    return [block.split("\n```", maxsplit=1)[0] for block in blocks]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[-1] in shell_commands()


def test_first_screen_says_where_both_apis_stand() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:20])
    for said in ("not affiliated", "SOAP", "Octopia", "decommissioned"):
        assert said in first_screen
