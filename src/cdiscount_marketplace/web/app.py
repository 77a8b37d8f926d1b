"""The operator's page as a WSGI application, to be mounted behind a company's own login."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from attrs import field, frozen
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound, Unauthorized
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.errors import CdiscountError, InvalidRequest
from cdiscount_marketplace.oms.ports import AccountRegistry, JobRunStore, OrderOverview
from cdiscount_marketplace.origins import ensure_known_host, ensure_same_site
from cdiscount_marketplace.pages.headers import HEADERS
from cdiscount_marketplace.pages.templates import style
from cdiscount_marketplace.pages.tokens import FormTokens
from cdiscount_marketplace.web.actions import Command, carry_out
from cdiscount_marketplace.web.numbers import as_typed
from cdiscount_marketplace.web.returning import ACTIONS, back_to, report, reported
from cdiscount_marketplace.web.templates import render
from cdiscount_marketplace.web.views import SCREENS, Asked, Screen, Views, tabs_of

_MAX_FORM = 64 * 1024


def nobody(_environ: WSGIEnvironment) -> None:
    """Know nobody: the page is for those whom the company's login names."""
    return


def read_only(_who: str) -> bool:
    """Let nobody change anything."""
    return False


def operator_app(
    oms: OrderOverview,
    *,
    who: Callable[[WSGIEnvironment], str | None] = nobody,
    may_write: Callable[[str], bool] = read_only,
    show_personal: bool = False,
    registry: AccountRegistry | None = None,
    runs: JobRunStore | None = None,
    retry_quarantine: Callable[[str], object] | None = None,
    secret: bytes | None = None,
    allowed_hosts: Collection[str] | None = None,
) -> OperatorApp:
    """Return the page as a WSGI application; mount it behind your own login.

    Of the store, it shows what its ports allow: `OrderOverview` at least, and the pages of quarantine, shipments,
    decisions, refunds and offers, and the leases, where it has them.
    `who` returns the name of the person whom your login put into the WSGI environment, or None for nobody, who sees
    nothing. `may_write` says who may act. With `show_personal`, a person may ask for customers' data. `registry` adds
    the accounts that pulled nothing yet, and `runs` shows how jobs ended. `retry_quarantine` tries an account's
    quarantined orders again. `secret` signs the forms: give the same to all processes of a server. `allowed_hosts` are
    the names that the page answers to besides addresses and localhost; None leaves that to your server.
    """
    return OperatorApp(
        views=Views(oms=oms, registry=registry, runs=runs),
        who=who,
        may_write=may_write,
        show_personal=show_personal,
        retry=retry_quarantine,
        tokens=FormTokens(secret or secrets.token_bytes(32)),
        allowed_hosts=allowed_hosts,
    )


@frozen(kw_only=True)
class OperatorApp:
    """The WSGI application that `operator_app` makes. Thread-safe."""

    views: Views
    who: Callable[[WSGIEnvironment], str | None]
    may_write: Callable[[str], bool]
    show_personal: bool
    retry: Callable[[str], object] | None
    tokens: FormTokens = field(repr=False)
    allowed_hosts: Collection[str] | None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = _MAX_FORM
        try:
            response = self._answer(request)
        except HTTPException as error:
            response = self._failure(request, error.code or 500, error.description or error.name)
        except InvalidRequest as error:
            response = self._failure(request, 400, str(error))
        except CdiscountError as error:
            # A store that is away, when it is read or written; its texts quote nothing that is stored.
            response = self._failure(request, 503 if error.retryable else 500, f"{type(error).__name__}: {error}")
        response.headers.extend(HEADERS)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if self.allowed_hosts is not None:
            ensure_known_host(request, self.allowed_hosts)
        ensure_same_site(request)
        if request.path == "/style.css":
            return Response(style(), content_type="text/css; charset=utf-8")
        who = self.who(request.environ)
        if not who:
            raise Unauthorized("log in first")
        if request.path == "/do":
            return self._act(request, who)
        return self._show(request, who)

    def _show(self, request: Request, who: str) -> Response:
        view = SCREENS.get(request.path.strip("/"))
        if view is None:
            raise NotFound("there is no such page")
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        query = as_typed(request.args.to_dict())
        if not all(text.isprintable() for text in query.values()):
            raise NotFound("nothing has a name with such characters")
        asked = Asked(query=query, personal=self.show_personal and query.get("personal") == "1")
        return self._page(request, view(self.views, asked), who, asked)

    def _act(self, request: Request, who: str) -> Response:
        if request.method != "POST":
            raise MethodNotAllowed(["POST"])
        form = request.form.to_dict()
        if not self.tokens.is_good(form.get("token", ""), who):
            raise Forbidden("this form is too old, or was not made here; open the page again")
        if not self.may_write(who):
            raise Forbidden("you may look, and change nothing")
        carry_out(self.views.oms, Command.of(form, who), self.retry)
        return redirect(request.script_root + reported(back_to(form, SCREENS), form), 303)

    def _page(self, request: Request, screen: Screen, who: str, asked: Asked) -> Response:
        shared = {
            "root": request.script_root,
            "tabs": tabs_of(self.views.oms),
            "path": request.path.strip("/"),
            "query": asked.query,
            "here": request.full_path,
            "report": report(asked.query),
            "wordings": ACTIONS,
            "account": asked.account,
            "who": who,
            "writes": self.may_write(who),
            "token": self.tokens.make(who),
            "can_retry": self.retry is not None,
            "can_show_personal": self.show_personal,
            "personal": asked.personal,
        }
        text = render(screen.template, {**shared, **screen.shown})
        return Response(text.encode("utf-8", "replace"), screen.status, content_type="text/html; charset=utf-8")

    def _failure(self, request: Request, status: int, reason: str) -> Response:
        shown: dict[str, Any] = {
            "root": request.script_root,
            "status": status,
            "reason": reason,
            "back": _back(request),
        }
        text = render("failure.html", shown)
        return Response(text.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8")


def _back(request: Request) -> str | None:
    try:
        return back_to(request.form, SCREENS) if request.path == "/do" and request.form.get("back") else None
    except HTTPException:
        # The form is too large to be read.
        return None
