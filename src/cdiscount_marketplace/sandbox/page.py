"""The sandbox's page: a control panel for its orders, clock, faults and customers, that shows each call as it comes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlencode

from attrs import field, frozen
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.pages.headers import SCRIPT_HEADERS
from cdiscount_marketplace.pages.tokens import FormTokens
from cdiscount_marketplace.sandbox.app import Route, View
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.notes import Did, Note, Notes
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.rules import Reason, Refused
from cdiscount_marketplace.sandbox.screens import SCREENS, Asked, Screen
from cdiscount_marketplace.sandbox.sheets import Lines, Sheet, find_sheet, write_lines
from cdiscount_marketplace.sandbox.world import World

if TYPE_CHECKING:
    from jinja2 import Environment

# There is no login: who reaches the page is the person at this machine.
_WHO = "sandbox"


def routes(world: World, service_path: str) -> list[Route]:
    """Return the page's routing table."""
    page = _Page(world=world, service=service_path)
    screens = {f"/{name}": page.screen(name) for name in SCREENS}
    shown = {**screens, "/lines": page.lines, "/style.css": _style, "/panel.js": _script}
    return [
        *(Route(path, ("GET",), page.guarded(view)) for path, view in shown.items()),
        Route("/do", ("POST",), page.guarded(page.act)),
    ]


@frozen(kw_only=True)
class _Page:
    world: World
    service: str
    notes: Notes = field(factory=Notes)
    tokens: FormTokens = field(factory=lambda: FormTokens(secrets.token_bytes(32)))

    def guarded(self, view: View) -> View:
        """Return a view whose failures are pages, and whose answers let nothing run but our script."""

        def answer(request: Request) -> Response:
            try:
                response = view(request)
            except BadForm as error:
                response = self._failure(request, 400, str(error))
            except Refused as refused:
                response = self._failure(request, 404 if refused.reason == Reason.UNKNOWN_ORDER else 409, str(refused))
            except HTTPException as error:
                response = self._failure(request, error.code or 500, error.description or error.name)
            response.headers.extend(SCRIPT_HEADERS)
            return response

        return answer

    def screen(self, name: str) -> View:
        """Return the view of one screen."""

        def show(request: Request) -> Response:
            screen = SCREENS[name](Asked(world=self.world, notes=self.notes, query=request.args.to_dict()))
            return self._render(request, name, screen)

        return show

    def act(self, request: Request) -> Response:
        """Do what a form says, and lead back to the screen that it stands on."""
        form = request.form
        if not self.tokens.is_good(form.get("token", ""), _WHO):
            raise Forbidden("this form is too old, or was not made here; open the page again")
        sheet = self._sheet(form)
        try:
            return self._do(request, sheet)
        except BadForm as error:
            return self._again(request, sheet, str(error))

    def _do(self, request: Request, sheet: Sheet) -> Response:
        lines = write_lines(sheet, request.form, _root(request))
        body = sheet.body(request.form)
        result = sheet.command.run(self.world, sheet.key, body)
        did = Did(
            sheet=sheet,
            body=body,
            numbers=() if sheet.command.is_about_order else _placed(result),
            serial=self.world.placings.total,
        )
        note = self.notes.add(did, lines)
        return redirect(_back(request, sheet, note), 303)

    def _again(self, request: Request, sheet: Sheet, reason: str) -> Response:
        typed = {"sheet": sheet.filled(request.form), "lines": write_lines(sheet, sheet.untouched, _root(request))}
        shared = {"root": request.script_root, "path": sheet.back, "note": None, "token": self.tokens.make(_WHO)}
        return _html("refused.html", {**shared, **typed, "reason": reason}, 400)

    def lines(self, request: Request) -> Response:
        """Return the lines that do what a form says, as JSON, for the page's script."""
        sheet = self._sheet(request.args)
        lines = write_lines(sheet, request.args, _root(request))
        return _file(json.dumps({"python": str(lines.python), "shell": lines.shell}).encode(), "application/json")

    def _sheet(self, form: MultiDict[str, str]) -> Sheet:
        # Quoted, since no page holds every character that an order number may have.
        key = unquote(form.get("key", ""), errors="surrogatepass")
        return find_sheet(self.world, form.get("form", ""), key=key, kind=form.get("kind", ""))

    def _render(self, request: Request, path: str, screen: Screen) -> Response:
        def lines_of(sheet: Sheet) -> Lines:
            return write_lines(sheet, sheet.untouched, _root(request))

        shared: dict[str, Any] = {
            "root": request.script_root,
            "here": request.full_path.rstrip("?"),
            "path": path,
            "service": self.service,
            "token": self.tokens.make(_WHO),
            "note": self.notes.find(request.args.get("did", "")),
            "lines_of": lines_of,
        }
        return _html(screen.template, {**shared, **screen.shown})

    def _failure(self, request: Request, status: int, reason: str) -> Response:
        shown = {"root": request.script_root, "path": None, "note": None, "reason": reason}
        return _html("failure.html", shown, status)


def _root(request: Request) -> str:
    return request.host_url.rstrip("/") + request.script_root


def _placed(result: object) -> tuple[str, ...]:
    if isinstance(result, Order):
        return (result.number,)
    return tuple(cast("Mapping[str, Any]", result).get("numbers", ())) if isinstance(result, Mapping) else ()


def _back(request: Request, sheet: Sheet, note: Note) -> str:
    order = {"number": sheet.key} if sheet.back == "order" else {}
    return f"{request.script_root}/{sheet.back}?{urlencode({**order, 'did': note.number}, errors='surrogatepass')}"


def _html(template: str, shown: Mapping[str, object], status: int = 200) -> Response:
    text = _environment().get_template(template).render(shown)
    return Response(text.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8")


def _file(content: bytes, kind: str) -> Response:
    return Response(content, content_type=f"{kind}; charset=utf-8")


def _style(_request: Request) -> Response:
    from cdiscount_marketplace.pages.templates import style

    return _file(style(), "text/css")


def _script(_request: Request) -> Response:
    return _file(_read("panel.js"), "text/javascript")


@cache
def _read(name: str) -> bytes:
    return files("cdiscount_marketplace.sandbox").joinpath("templates", name).read_bytes()


@cache
def _environment() -> Environment:
    # Imported when the page is first shown: Jinja2 is a tenth of the sandbox's start.
    from cdiscount_marketplace.pages.templates import make_environment

    return make_environment("cdiscount_marketplace.sandbox", "templates")
