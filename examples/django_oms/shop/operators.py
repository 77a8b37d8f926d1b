"""The operator's page of the library, behind Django's login: what is stuck, and what a person may do about it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from werkzeug.test import run_wsgi_app

from cdiscount_marketplace.web import operator_app
from orders.jobs import importer, open_channel
from orders.store import DjangoOms


def _may_act(name: str) -> bool:
    user = get_user_model().objects.filter(username=name).first()
    return user is not None and user.has_perm("orders.change_shipment")


def _retry(_account: str) -> object:
    with open_channel() as channel:
        return importer(channel).retry_quarantine()


_app = operator_app(
    DjangoOms(),
    who=lambda environ: environ.get("REMOTE_USER"),
    may_write=_may_act,
    retry_quarantine=_retry,
    secret=settings.SECRET_KEY.encode(),
)


# The page's forms have tokens of their own.
@csrf_exempt
@staff_member_required
def operators(request: HttpRequest, path: str) -> HttpResponse:
    """Hand the request over, with the name of the user who is logged in."""
    environ = {
        **request.META,
        "SCRIPT_NAME": "/operators",
        "PATH_INFO": f"/{path}",
        "REMOTE_USER": request.user.get_username(),
        "wsgi.input": request,
    }
    body, status, headers = run_wsgi_app(_app, environ)
    return HttpResponse(b"".join(body), status=int(status.split()[0]), headers=dict(headers))
