"""The HTTP API: `uvicorn --factory shop.api:create_app`.

The endpoints are plain functions: FastAPI runs them in its thread pool, where the library and the store are at home.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from attrs import frozen
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, status
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from cdiscount_marketplace.channels import SalesChannel
from cdiscount_marketplace.errors import InvalidRequest, ShipmentConflict, StoreFailed
from cdiscount_marketplace.models import Decision, Shipment, Verdict
from cdiscount_marketplace.oms import ShipmentPusher, ShipmentTask
from shop.database import Database, connect
from shop.decisions import DecisionConflict, queue_decision
from shop.jobs import open_channel
from shop.operators import operators_page
from shop.queries import OrderQueries
from shop.schemas import (
    DecisionRequest,
    Health,
    OrderDetails,
    OrderSummary,
    Quarantined,
    QueuedTask,
    ShipmentRequest,
    Unseen,
)
from shop.settings import Settings
from shop.store import ShopStore


@frozen
class Shop:
    """What the endpoints work with."""

    settings: Settings
    store: ShopStore
    queries: OrderQueries
    channel: SalesChannel


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application; without settings, it takes those of the environment. Raises where no token is set."""
    chosen = settings or Settings.from_env()
    if not chosen.api_token:
        raise ValueError("OMS_API_TOKEN is empty: without a token, anybody could ship orders")

    engine = connect(chosen.database)
    database = Database(engine)
    store = ShopStore(database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_channel(chosen) as channel:
            app.state.shop = Shop(chosen, store, OrderQueries(database, chosen.account), channel)
            yield
        engine.dispose()

    app = FastAPI(title="Orders from Cdiscount", lifespan=lifespan)
    app.include_router(health)
    app.include_router(orders)
    app.include_router(problems)
    app.add_exception_handler(StoreFailed, _unavailable)
    if chosen.operators:
        app.mount("/operators", operators_page(chosen, store))
    return app


def _shop(request: Request) -> Shop:
    shop: Shop = request.app.state.shop
    return shop


CurrentShop = Annotated[Shop, Depends(_shop)]
# Databases know no larger id.
RowId = Annotated[int, Query(ge=0, le=2**63 - 1)]


def _ensure_token(shop: CurrentShop, given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    """Let in who knows the token; put your own login here."""
    if not secrets.compare_digest(given.credentials.encode(), shop.settings.api_token.encode()):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "wrong token")


def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status.HTTP_503_SERVICE_UNAVAILABLE)


health = APIRouter()
orders = APIRouter(prefix="/orders", dependencies=[Depends(_ensure_token)])
problems = APIRouter(dependencies=[Depends(_ensure_token)])


@health.get("/health")
def show_health(shop: CurrentShop) -> Health:
    """Say how far the import has come, and how much waits for a person; 503 if the database is out of reach."""
    return shop.queries.health()


@orders.get("")
def list_orders(
    shop: CurrentShop, status: str | None = None, after: RowId = 0, limit: Annotated[int, Query(ge=1)] = 100
) -> list[OrderSummary]:
    """List the orders, oldest first; `after` is the `id` of the last one that you have."""
    return shop.queries.list_orders(status, after, min(limit, 1000))


@orders.get("/{number}")
def show_order(shop: CurrentShop, number: str) -> OrderDetails:
    """Show an order under any of its numbers: what to pick, where to send it, and what was reported."""
    return _found(shop, number)


@orders.post("/{number}/shipments", status_code=status.HTTP_202_ACCEPTED)
def ship_order(shop: CurrentShop, number: str, parcel: ShipmentRequest) -> QueuedTask:
    """Queue a parcel; the worker reports it. The same one again changes nothing, another one for its lines is a 409."""
    shipment = Shipment(key=_found(shop, number).key, **parcel.model_dump())
    pusher = ShipmentPusher(shop.channel, shop.store, account=shop.settings.account)
    try:
        queued: ShipmentTask = pusher.enqueue(shipment)
    except InvalidRequest as error:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, str(error)) from None
    except ShipmentConflict as error:
        raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from None
    return QueuedTask.of(queued.task)


@orders.post("/{number}/decision", status_code=status.HTTP_202_ACCEPTED)
def decide_order(shop: CurrentShop, number: str, wanted: DecisionRequest) -> QueuedTask:
    """Queue what you decided about an order; the worker sends it. Another decision later is a 409."""
    order = _found(shop, number)
    unknown = set(wanted.refused_lines) - {line.line_id for line in order.lines}
    if unknown:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, f"the order has no lines {sorted(unknown)}")
    decision = Decision(key=order.key, verdict=Verdict(wanted.verdict), refused_lines=tuple(wanted.refused_lines))
    try:
        return QueuedTask.of(queue_decision(shop.store, shop.settings.account, decision).task)
    except DecisionConflict as error:
        raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from None


@problems.get("/quarantine")
def list_quarantine(shop: CurrentShop) -> list[Quarantined]:
    """List the orders that could not be stored, and why; each import tries them again."""
    return [Quarantined.model_validate(entry) for entry in shop.store.list_quarantine(shop.settings.account)]


@problems.get("/unseen")
def list_unseen(shop: CurrentShop) -> list[Unseen]:
    """List the orders that waited and were gone again between two imports: look at them in the seller account."""
    return [Unseen.model_validate(entry) for entry in shop.store.list_unseen(shop.settings.account)]


def _found(shop: Shop, number: str) -> OrderDetails:
    order = shop.queries.show_order(number)
    if order is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"no order has the number {number}")
    return order
