"""The page does what its lines say, takes commands from nobody else, and runs nothing that an order contains."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
import requests
from attrs import define, field

from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.sandbox import Fault, Sandbox, SandboxServer
from cdiscount_marketplace.sandbox import forms as sandbox_forms
from cdiscount_marketplace.sandbox.bodies import lay_out
from cdiscount_marketplace.sandbox.commands import COMMANDS
from cdiscount_marketplace.sandbox.effects import EFFECTS, Delay, LoseAnswer
from cdiscount_marketplace.sandbox.screens import SCREENS
from cdiscount_marketplace.sandbox.settings import Settings
from support.envelopes import ALL_LINES, Hand, order_filter
from support.pages import ROOT

REFERENCE = ROOT / "docs" / "reference" / "sandbox.md"
WAITING = "WaitingForShipmentAcceptation"
WAITING_ACCEPTANCE = "WaitingForSellerAcceptation"
ACCEPTED = "AcceptedBySeller"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></textarea><svg onload=alert(1)>",
    "{{ 7777 * 7777 }}",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "javascript:alert(1)",
    "x" * 10_000,
    "\x00\x1b[31m",
]


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))


@define
class Visitor:
    """A person at the page; without a server, in this process."""

    sandbox: Sandbox
    root: str = "https://sandbox.invalid"
    session: requests.Session = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.session = self.sandbox.session() if "invalid" in self.root else requests.Session()

    def open(self, path: str = "", **query: str) -> requests.Response:
        """Open a screen."""
        return self.session.get(f"{self.root}/{path}", params=query)

    def page(self, path: str = "", **query: str) -> str:
        """Return a screen that opens well."""
        answer = self.open(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def form(self, name: str, path: str = "", /, **query: str) -> dict[str, list[str]]:
        """Return what a form holds before a person touches it."""
        for text in re.findall(r'<form method="post".*?</form>', self.page(path, **query), re.DOTALL):
            held = members(text)
            if held["form"] == [name]:
                return held
        raise AssertionError(f"no form {name} on /{path}")

    def send(self, form: dict[str, Any], **headers: str) -> requests.Response:
        """Send a form."""
        return self.session.post(f"{self.root}/do", data=form, headers=headers, allow_redirects=False)

    def press(self, name: str, path: str = "", typed: dict[str, Any] | None = None, /, **query: str) -> str:
        """Fill in a form, send it, and return the page that it leads to."""
        answer = self.send({**self.form(name, path, **query), **(typed or {})})
        assert answer.status_code == 303, answer.text
        return self.session.get(f"{self.root}{answer.headers['Location']}").text


def members(form: str) -> dict[str, list[str]]:
    """Return what a browser would send of a form."""
    held: dict[str, list[str]] = {}
    for tag, given in Elements(form).all:
        name = given.get("name")
        if name and (tag != "input" or given.get("type") != "checkbox" or "checked" in given):
            held.setdefault(name, []).append(given.get("value") or "")
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        held[name] = [unescape(chosen[1])] if chosen else [""]
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        held[name] = [unescape(text)]
    return held


def lines_on(page: str) -> tuple[str, str]:
    """Return the Python and the shell line of what was just done."""
    found = re.findall(
        r'<pre data-line="(?:python|shell)">(.*?)</pre>', page.split("The lines that do the same")[1], re.DOTALL
    )
    return unescape(found[0]), unescape(found[1])


def state_of(sandbox: Sandbox) -> Any:
    """Return everything that a command may change."""
    return sandbox_forms.dump(
        {
            "orders": sandbox.orders(),
            "now": sandbox.clock.now(),
            "faults": [(fault.on, fault.times, fault.skip, fault.effect) for fault in sandbox.faults.armed],
            "discussions": sandbox.discussions.all(),
            "settings": sandbox.settings,
            "alive": sandbox.expire_tokens(),
        }
    )


def prepared() -> Sandbox:
    """Return a sandbox with orders, faults and a token: the same each time."""
    sandbox = Sandbox(seed=3)
    sandbox.place(number="PAID/1 é", state=WAITING, lines=2)
    sandbox.place(number="TAKEN", state=ACCEPTED)
    sandbox.place(number="ODD", quirks=["no_lines"], lines=3)
    sandbox.inject(Fault(Delay(seconds=2), times=3))
    sandbox.inject(Fault(LoseAnswer(), on="GetOrderList"))
    Hand(sandbox).login()
    return sandbox


PRESSES: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]] = {
    "place": ("place", "", {}, {}),
    "place-shipped": ("place", "", {"state": "Shipped", "lines": "2", "references": "A, B'\"\\ é"}, {}),
    "fill": ("fill", "", {"count": "7"}, {}),
    "fill-hundred": ("fill", "", {"count": "100", "state": WAITING}, {}),
    "advance": ("advance", "", {}, {}),
    "advance-until-paid": ("advance", "", {"seconds": "1500"}, {}),
    "expire": ("expire", "faults", {}, {}),
    "clear": ("clear", "faults", {}, {}),
    "remove": ("remove", "faults", {}, {}),
    "pay": ("pay", "order", {}, {"number": "TAKEN"}),
    "refuse-payment": ("refuse-payment", "order", {}, {"number": "TAKEN"}),
    "cancel": ("cancel", "order", {}, {"number": "ODD"}),
    "cancel-paid": ("cancel", "order", {}, {"number": "PAID/1 é"}),
    "cancel-lines": ("cancel-lines", "order", {"rows": ["0", "2"]}, {"number": "ODD"}),
    "ask": ("ask", "order", {}, {"number": "TAKEN"}),
    "claim": (
        "ask",
        "order",
        {"claim": "yes", "subject": "Colis", "body": "Où ?\n'\"$(ls) \\"},
        {"number": "PAID/1 é"},
    ),
    "quirks": ("quirks", "order", {"quirks": ["forbidden", "no_state"]}, {"number": "TAKEN"}),
    "no-quirks": ("quirks", "order", {"quirks": []}, {"number": "ODD"}),
    "switch-choice": ("change", "switches", {"payment": "manual"}, {"name": "payment"}),
    "switch-flag": ("change", "switches", {"auto_accept": "yes"}, {"name": "auto_accept"}),
    "switch-none": ("change", "switches", {"auto_cancel_after": ""}, {"name": "auto_cancel_after"}),
    "switch-duration": ("change", "switches", {"payment_delay": "90.5"}, {"name": "payment_delay"}),
    "switch-list": ("change", "switches", {"quiet_states": "Shipped, PickedUp"}, {"name": "quiet_states"}),
    "switch-number": ("change", "switches", {"quota_per_hour": "12"}, {"name": "quota_per_hour"}),
    "fault-for-ever": ("inject", "faults", {"times": "", "on": "GetOrderList", "skip": "1"}, {"kind": "lose_answer"}),
    "fault-text": ("inject", "faults", {"status": "502", "text": "o'clock", "ran": "yes"}, {"kind": "http_status"}),
    "fault-choice": ("inject", "faults", {"when": "during"}, {"kind": "reset"}),
    "fault-duration": ("inject", "faults", {"after": "90"}, {"kind": "apply_later"}),
    **{f"fault-{kind}": ("inject", "faults", {}, {"kind": kind}) for kind in EFFECTS},
}


# A fault of each kind besides would only take longer.
TYPED = [name for name, (_, _, typed, _) in PRESSES.items() if typed or not name.startswith("fault-")]


def pressed(name: str) -> tuple[Sandbox, str, str]:
    """Press a button in a prepared sandbox; return it and the lines that it says do the same."""
    form, path, typed, query = PRESSES[name]
    sandbox = prepared()
    page = Visitor(sandbox).press(form, path, typed, **query)
    return sandbox, *lines_on(page)


@pytest.mark.parametrize("name", PRESSES)
def test_the_python_line_does_what_the_button_did(name: str) -> None:
    sandbox, python, _ = pressed(name)
    untouched, other = prepared(), prepared()
    exec(python, {"sandbox": other})
    assert state_of(other) == (done := state_of(sandbox))
    assert done != state_of(untouched)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl runs the shell lines, and is not installed")
@pytest.mark.parametrize("name", TYPED)
def test_the_shell_line_does_what_the_button_did(name: str) -> None:
    sandbox, _, shell = pressed(name)
    other = prepared()
    with SandboxServer(other) as server:
        line = shell.replace("https://sandbox.invalid", server.url)
        ran = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, check=True)
    assert '"error"' not in ran.stdout
    assert state_of(other) == state_of(sandbox)


@pytest.mark.parametrize("name", TYPED)
def test_a_form_shows_its_lines_before_it_is_sent(name: str) -> None:
    form, path, typed, query = PRESSES[name]
    visitor = Visitor(prepared())
    held = {**visitor.form(form, path, **query), **typed}
    held.pop("token")
    shown = visitor.session.get(f"{visitor.root}/lines", params=held).json()
    page = visitor.press(form, path, typed, **query)
    assert (shown["python"], shown["shell"]) == lines_on(page)


def test_the_script_does_everything_again() -> None:
    visitor = Visitor(Sandbox())
    visitor.press("fill", "", {"count": "3"})
    page = visitor.press("place", "", {"state": ACCEPTED})
    number = visitor.sandbox.orders(ACCEPTED)[-1].number
    assert number in page
    visitor.press("advance")
    visitor.press("inject", "faults", kind="delay")
    visitor.press("ask", "order", number=number)
    python = unescape(re.findall(r"<pre>(.*?)</pre>", visitor.page("script"), re.DOTALL)[0])
    scope: dict[str, Any] = {}
    exec(python, scope)
    assert state_of(scope["sandbox"]) == state_of(visitor.sandbox)


def run_script(visitor: Visitor) -> Sandbox:
    """Run the program on the *Script* page, and return the sandbox that it makes."""
    python = unescape(re.findall(r"<pre>(.*?)</pre>", visitor.page("script"), re.DOTALL)[0])
    scope: dict[str, Any] = {}
    exec(python, scope)
    made: Sandbox = scope["sandbox"]
    return made


def test_the_script_names_the_orders_that_it_placed() -> None:
    sandbox = Sandbox(seed=7)
    began = sandbox.fill(25)
    visitor = Visitor(sandbox)
    visitor.press("place", "", {"lines": "2"})
    placed = sandbox.placings.all()[-1].numbers[0]
    visitor.press("place")
    second = sandbox.placings.all()[-1].numbers[0]
    visitor.press("fill", "", {"count": "3", "state": WAITING})
    visitor.press("cancel-lines", "order", {"rows": ["1"]}, number=placed)
    visitor.press("ask", "order", number=began[3].number)
    visitor.press("quirks", "order", {"quirks": ["forbidden"]}, number=sandbox.placings.all()[-1].numbers[2])
    visitor.press("cancel", "order", number=second)
    script = unescape(visitor.page("script")).split("Shell")[0]
    assert not [order.number for order in sandbox.orders() if order.number in script]
    assert state_of(run_script(visitor)) == state_of(sandbox)


def test_the_script_of_a_running_clock_does_what_was_done() -> None:
    visitor = Visitor(Sandbox(seed=7, live=True))
    visitor.sandbox.fill(3)
    visitor.press("place")
    visitor.press("cancel", "order", number=visitor.sandbox.orders(WAITING_ACCEPTANCE)[-1].number)
    again = run_script(visitor)
    assert [order.state for order in again.orders()] == [order.state for order in visitor.sandbox.orders()]


def test_the_script_begins_as_the_sandbox_did_and_places_what_others_placed_between() -> None:
    sandbox = Sandbox(seed=3, settings=Settings(payment="manual"))
    visitor = Visitor(sandbox)
    visitor.press("place", "", {"state": ACCEPTED})
    number = sandbox.place(state=ACCEPTED, references=("A", "B"), quantity=2).number
    visitor.press("pay", "order", number=number)
    visitor.press("change", "switches", {"payment": "automatic"}, name="payment")
    assert state_of(run_script(visitor)) == state_of(sandbox)


# --- who may command it


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Origin": "http://127.0.0.1:1"},
    {"Host": "evil.example"},
    {"Host": "localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_site_commands_nothing(headers: dict[str, str]) -> None:
    with SandboxServer(Sandbox()) as server:
        visitor = Visitor(server.sandbox, server.url)
        answer = visitor.send(visitor.form("place"), **headers)
        assert answer.status_code == 403
        assert not server.sandbox.orders()
        assert visitor.send(visitor.form("place"), Origin=server.url).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "1.abc", "٣.abc", "9" * 30 + ".a", None])
def test_a_form_without_a_good_token_does_nothing(token: str | None) -> None:
    visitor = Visitor(Sandbox())
    answer = visitor.send({**visitor.form("place"), "token": token})
    assert answer.status_code == 403
    assert "open the page again" in answer.text
    assert not visitor.sandbox.orders()


def test_a_token_lapses_and_is_not_good_at_another_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, other = Visitor(Sandbox()), Visitor(Sandbox())
    form = visitor.form("place")
    assert other.send(form).status_code == 403
    later = time.time() + 13 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    assert visitor.send(form).status_code == 403
    assert not visitor.sandbox.orders()
    assert not other.sandbox.orders()


def test_a_foreign_name_reads_nothing() -> None:
    with SandboxServer(prepared()) as server:
        for path in [*SCREENS, "lines", "panel.js", "style.css", "admin/orders", "admin/calls"]:
            answer = requests.get(
                f"{server.url}/{path}", params={"number": "TAKEN"}, headers={"Host": "evil.example"}, timeout=10
            )
            assert answer.status_code == 403
            assert "TAKEN" not in answer.text
            assert "token" not in answer.text


@pytest.mark.parametrize("path", [*SCREENS, "lines", "panel.js", "style.css", "nowhere"])
def test_every_answer_lets_only_our_script_run_and_no_other_site_read_or_frame_it(path: str) -> None:
    answer = Visitor(prepared()).open(path, number="TAKEN")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if path in SCREENS:
        assert "script-src 'self'" in policy
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", SCREENS)
def test_no_screen_has_a_script_or_a_style_inside_or_loads_from_elsewhere(path: str) -> None:
    visitor = Visitor(prepared())
    visitor.press("place")
    Hand(visitor.sandbox).login()
    for tag, given in Elements(visitor.page(path, number="TAKEN" if path == "order" else "1")).all:
        assert tag != "style"
        assert not [name for name in given if name.startswith("on") or name == "style"]
        assert all((given.get(name) or "/").startswith("/") or tag == "a" for name in ("src", "href", "action"))
        assert tag != "script" or given == {"src": "/panel.js", "defer": None}


def test_screens_take_no_command_and_commands_show_nothing() -> None:
    visitor = Visitor(Sandbox())
    assert visitor.session.post(f"{visitor.root}/").status_code == 405
    assert visitor.open("do").status_code == 405
    assert visitor.session.head(f"{visitor.root}/").status_code == 200


# --- what it shows


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_shown_and_do_nothing(text: str) -> None:
    sandbox = Sandbox()
    sandbox.place(number=text, references=[text], sales_channel=text, currency=text)
    sandbox.ask_as_customer(text, text, subject=text, claim=True)
    hand = Hand(sandbox)
    hand.call("GetOrderList", order_filter(ALL_LINES))
    hand.session.post(sandbox.service_url, data=f"<{text}>".encode(), headers={"User-Agent": "x", "SOAPAction": "a"})
    hand.session.get(f"{sandbox.octopia_base_url}/orders", params={"a": text})
    visitor = Visitor(sandbox)
    plain = visitor.form("place")
    pages = [
        visitor.page(),
        visitor.page("order", number=text),
        visitor.page("calls"),
        visitor.page("calls", operation=text, protocol=text),
        visitor.page("call", number="2"),
        visitor.page("call", number="3"),
        visitor.press("ask", "order", {"subject": text[:100], "body": text}, number=text),
        visitor.page("script"),
        visitor.open("switches", name=text).text,
        visitor.open("faults", kind=text).text,
        visitor.open("order", number=f"{text}?").text,
        visitor.send({**plain, "state": text}).text,
        visitor.send({**plain, "form": text}).text,
    ]
    for page in pages:
        shown = Elements(page).all
        assert not [tag for tag, _ in shown if tag in ("img", "svg")]
        assert [given for tag, given in shown if tag == "script"] == [{"src": "/panel.js", "defer": None}]
        assert "60481729" not in page
        assert not {"\x00", "\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}"} & set(page)
        assert len(page) < 200_000


def test_calls_of_both_protocols_are_shown_side_by_side_newest_first() -> None:
    sandbox = Sandbox()
    number = sandbox.place(state=WAITING).number
    sandbox.client().orders.get(number)
    list(sandbox.octopia_client().orders.list())
    visitor = Visitor(sandbox)
    page = visitor.page("calls")
    assert [int(one) for one in re.findall(r'<h2 id="call-(\d+)"', page)] == [5, 4, 3, 2, 1]
    assert "GET /seller/v2/orders?" in page
    assert "POST /MarketplaceAPIService.svc" in page
    assert page.count("Answer<") == page.count("Request<") == 5
    assert number in page
    soap, octopia = visitor.page("calls", protocol="soap"), visitor.page("calls", protocol="octopia")
    assert re.findall(r'<h2 id="call-(\d+)"', soap) == ["2", "1"]
    assert re.findall(r'<h2 id="call-(\d+)"', octopia) == ["5", "4", "3"]
    assert re.findall(r'<h2 id="call-(\d+)"', visitor.page("calls", operation="GetOrderList")) == ["2"]


def test_a_call_without_an_answer_says_so_and_names_its_fault() -> None:
    sandbox = Sandbox()
    sandbox.inject(Fault(LoseAnswer(), on="ValidateOrderList"))
    number = sandbox.place(state=WAITING).number
    with pytest.raises(CdiscountError):
        sandbox.client().orders.ship(number, carrier="Colissimo", tracking_number="6A1")
    page = Visitor(sandbox).page()
    assert "no answer" in page
    assert "lose_answer" in page


def test_no_token_or_password_is_shown() -> None:
    secret = "s3ntinel-pa'ss<&\"\\word"
    sandbox = Sandbox()
    hand = Hand(sandbox)
    hand.call("GetOrderList", order_filter(ALL_LINES))
    octopia = sandbox.octopia_client()
    list(octopia.orders.list())
    tokens = [hand.token, *re.findall(r"[0-9a-f]{32}", str(sandbox.tokens._tokens.keys()))]
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": secret}
    url = sandbox.octopia_token_url
    hand.session.post(url, data=form)
    hand.session.post(url, data="client%5fsecret=pa'ss-sentinel&grant_type=password&password=pa'ss-sentinel&a=b")
    hand.session.post(url, json={"client_secret": secret, "password": secret})
    hand.session.get(
        f"{sandbox.octopia_base_url}/orders?access_token=pa'ss-sentinel", headers={"Cookie": "pa'ss-sentinel"}
    )
    hand.session.get(sandbox.token_url, auth=("me", secret))
    visitor = Visitor(sandbox)
    pages = "".join(unescape(visitor.page(path)) for path in ("", "calls", "script"))
    calls = len(sandbox.calls())
    pages += "".join(unescape(visitor.page("call", number=str(number))) for number in range(1, calls + 1))
    assert "(token)" in pages
    for one in [*tokens, secret, "s3ntinel", "ss-sentinel", "\\word", "%5Cword"]:
        assert one not in pages
    assert "ss-sentinel" not in repr(sandbox.calls())


def test_the_page_stays_light_and_says_what_it_leaves_out() -> None:
    visitor = Visitor(Sandbox())
    assert visitor.page().count("None yet.") == 2
    visitor.sandbox.fill(300)
    hand = Hand(visitor.sandbox)
    for _ in range(60):
        hand.call("GetOrderList", order_filter(ALL_LINES))
    home, calls = visitor.page(), visitor.page("calls")
    assert "The newest 100 of 300." in home
    assert "The newest 50 of 61." in calls
    assert "The whole of call 61" in calls
    assert len(home) < 200_000
    assert len(calls) < 800_000


@pytest.mark.parametrize(
    ("form", "path", "typed", "query", "said"),
    [
        ("place", "", {"lines": "x"}, {}, "lines: give a number"),
        ("place", "", {"lines": "2", "references": "A, B, C"}, {}, "lines: an order of 2 lines has no room for 3"),
        ("place", "", {"lines": "0"}, {}, "at least one line"),
        ("place", "", {"lines": "1e400"}, {}, "lines: give a number"),
        ("place", "", {"state": "Nope"}, {}, "no order stands at Nope"),
        ("fill", "", {"count": ""}, {}, "count: give one"),
        ("fill", "", {"count": "10001"}, {}, "count: give 1 to 10000"),
        ("fill", "", {"count": "1.5"}, {}, "count: give an integer"),
        ("advance", "", {"seconds": "-1"}, {}, "forward only"),
        ("ask", "order", {"body": " "}, {"number": "TAKEN"}, "body: give one"),
        ("ask", "order", {"body": "x" * 10_001}, {"number": "TAKEN"}, "10000 characters at most"),
        ("cancel-lines", "order", {"rows": []}, {"number": "ODD"}, "rows: choose at least one"),
        ("quirks", "order", {"quirks": ["nope"]}, {"number": "ODD"}, "quirks"),
        ("inject", "faults", {"times": "0"}, {"kind": "delay"}, "times: give at least 1"),
        ("inject", "faults", {"kind": "nope"}, {"kind": "delay"}, "kind: give one of"),
        ("inject", "faults", {"on": "nope"}, {"kind": "delay"}, "on: give * or one of"),
        ("change", "switches", {"zone": "Mars/Olympus"}, {"name": "zone"}, "unknown time zone"),
        ("change", "switches", {"kind": "octopia"}, {"name": "zone"}, "no such switch"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    form: str, path: str, typed: dict[str, Any], query: dict[str, str], said: str
) -> None:
    sandbox = prepared()
    visitor = Visitor(sandbox)
    answer = visitor.send({**visitor.form(form, path, **query), **typed})
    assert answer.status_code == 400
    assert said in unescape(answer.text)
    assert 'role="alert"' in answer.text
    assert state_of(sandbox) == state_of(prepared())


def test_a_refused_form_keeps_what_was_typed() -> None:
    visitor = Visitor(prepared())
    typed = {"subject": "Colis <perdu>", "body": "x" * 10_001, "claim": "yes"}
    form = {**visitor.form("ask", "order", number="TAKEN"), **typed}
    answer = visitor.send(form)
    assert {name: values[0] for name, values in members(answer.text).items() if name in typed} == typed
    again = {**members(answer.text), "body": ["shorter"]}
    assert visitor.send(again).status_code == 303


def test_a_refused_form_keeps_what_was_chosen() -> None:
    visitor = Visitor(prepared())
    typed = {"lines": "0", "state": ACCEPTED, "references": "A, B"}
    answer = visitor.send({**visitor.form("place"), **typed})
    assert {name: members(answer.text)[name] for name in typed} == {name: [value] for name, value in typed.items()}


def test_what_the_rules_forbid_is_a_conflict_and_an_unknown_order_is_not_found() -> None:
    visitor = Visitor(prepared())
    form = visitor.form("cancel", "order", number="TAKEN")
    visitor.sandbox.pay("TAKEN")
    visitor.sandbox.book.refuse_shipment("TAKEN")
    assert visitor.send(form).status_code == 409
    assert visitor.send({**form, "key": "nobody"}).status_code == 404
    assert visitor.open("order", number="nobody").status_code == 404
    assert visitor.open("call", number="99").status_code == 404


def test_an_order_of_an_odd_number_has_its_screen() -> None:
    sandbox = Sandbox()
    for number in ("A/B", "A/pay", "A?b&c", "A#b", "A%2Fb", "Ä b", "\ud800"):
        sandbox.place(number=number)
    visitor = Visitor(sandbox)
    paths = [unescape(path) for path in re.findall(r'href="/(order\?[^"]+)"', visitor.page())]
    assert [visitor.open(path).status_code for path in paths] == [404, *[200] * 6]


# --- how it is built


def check_headings(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(page).all if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def check_labels(page: str) -> None:
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        for control in re.findall(r"<(?:input|select|textarea)[^>]*>", form):
            if 'type="hidden"' not in control:
                before = form[: form.index(control)]
                assert before.count("<label") > before.count("</label"), control
        assert "<button" in form


def check_landmarks(page: str) -> None:
    tags = [tag for tag, _ in Elements(page).all]
    assert tags.count("main") == 1
    assert [given.get("lang") for tag, given in Elements(page).all if tag == "html"] == ["en"]
    assert tags.count("title") == 1
    fieldsets = page.count("<fieldset")
    assert fieldsets == page.count("<legend>")


@pytest.mark.parametrize("check", [check_headings, check_labels, check_landmarks])
@pytest.mark.parametrize(
    ("path", "query"),
    [(path, {"number": "TAKEN" if path == "order" else "1"}) for path in SCREENS]
    + [("faults", {"kind": "http_status"}), ("switches", {"name": "payment"}), ("order", {"number": "nobody"})],
)
def test_every_screen_is_usable_without_seeing_it(
    check: Callable[[str], None], path: str, query: dict[str, str]
) -> None:
    visitor = Visitor(prepared())
    visitor.press("place")
    check(visitor.open(path, **query).text)


def test_what_was_done_is_announced() -> None:
    page = Visitor(Sandbox()).press("place")
    assert re.search(r'<p role="status">The order was placed\. It is order <a href="/order\?number=\w+">', page)


def test_every_form_has_its_button_and_no_two_on_a_screen_share_a_name() -> None:
    visitor = Visitor(prepared())
    for path, query in (("", {}), ("order", {"number": "ODD"}), ("faults", {"kind": "delay"})):
        names = [
            " ".join(re.sub(r"<[^>]+>", "", name).split())
            for name in re.findall(r"<button>(.*?)</button>", visitor.page(path, **query))
        ]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_the_contrast_that_readers_need(scheme: str) -> None:
    style = Visitor(Sandbox()).page("style.css")
    light, dark = (dict(re.findall(r"--(\w+): (#\w{6})", rule)) for rule in re.findall(r":root \{(.*?)\}", style))
    colours = light if scheme == "light" else dark
    for front in ("text", "link", "bad", "good"):
        for back in ("back", "soft"):
            assert contrast(colours[front], colours[back]) >= 4.5


def contrast(one: str, other: str) -> float:
    lights = sorted(luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- its parts


@pytest.mark.parametrize("name", COMMANDS)
def test_the_reference_names_the_request_of_every_command(name: str) -> None:
    command = COMMANDS[name]
    path = command.path.replace("{key}", "<number>")
    rows = [row.split("|")[1] for row in REFERENCE.read_text("utf-8").splitlines() if row.startswith("| `")]
    named = [row for row in rows if f"{path}`" in row or f"`…/{path.rpartition('/')[2]}`" in row]
    assert any(command.method in row for row in named)


def test_bodies_are_laid_out_by_their_signs_alone() -> None:
    assert lay_out("<a><b>1</b><c/></a>") == "<a>\n  <b>1</b>\n  <c/>\n</a>"
    assert lay_out('{"a":[1,{}],"b":"x,{: "}') == '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "x,{: "\n}'
    assert lay_out('{"a": "cut') == '{\n  "a": "cut'
    assert lay_out("Unauthorized") == "Unauthorized"
    assert len(lay_out("<a>" * 4_000)) < 4_000 * 100


def test_a_fault_is_removed_by_its_number() -> None:
    sandbox = Sandbox()
    first, second = sandbox.inject(Fault(Delay())), sandbox.inject(Fault(Delay(), times=None))
    assert (first, second) == (1, 2)
    assert sandbox.faults.remove(first)
    assert not sandbox.faults.remove(first)
    assert [fault.times for fault in sandbox.faults.armed] == [None]
    answer = sandbox.session().delete("https://sandbox.invalid/admin/faults/2")
    assert answer.json() == {"removed": True}
    assert not sandbox.faults.armed
    assert sandbox.session().delete("https://sandbox.invalid/admin/faults/x").status_code == 400


def test_orders_are_made_by_the_hundred_at_one_state_and_stay_there() -> None:
    sandbox = Sandbox()
    placed = sandbox.fill(100, state="Shipped")
    assert {order.state for order in placed} == {"Shipped"}
    assert {order.created_at for order in placed} == {sandbox.clock.now()}
    sandbox.advance(timedelta(days=1))
    assert len(sandbox.orders("Shipped")) == 100


def test_a_customer_writes_through_the_admin_api() -> None:
    sandbox = Sandbox()
    number = sandbox.place().number
    session, url = sandbox.session(), f"https://sandbox.invalid/admin/orders/{number}/discussions"
    assert session.post(url, json={"body": "Where?", "claim": True}).json()["claim"] is True
    assert [each["messages"][0]["body"] for each in session.get(url).json()] == ["Where?"]
    assert session.post(url, json={"body": ""}).status_code == 400
    assert session.post(url.replace(number, "nobody"), json={"body": "x"}).status_code == 404
