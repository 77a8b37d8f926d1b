"""Which companies an account's orders belong to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, insert, select

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import companies
from cdiscount_marketplace.oms.ports import Company

_ONE = select(companies.c.retailer, companies.c.supplier)
_ALL = select(companies).order_by(companies.c.account)
_ANY = select(exists().select_from(companies))


def resolve(session: Session, account: str, *, required: bool) -> Company | None:
    """Return the account's companies; while no mapping exists at all, the account is both, unless `required`."""
    if account not in session.companies:
        session.companies[account] = _read(session, account, required=required)
    return session.companies[account]


def _read(session: Session, account: str, *, required: bool) -> Company | None:
    row = session.connection.execute(_ONE.where(companies.c.account == account)).one_or_none()
    if row is not None:
        return Company(retailer=row.retailer, supplier=row.supplier)
    if required or session.connection.scalar(_ANY):
        return None
    return Company(retailer=account, supplier=account)


def put(session: Session, account: str, company: Company) -> None:
    """Map an account, whatever it was mapped to."""
    session.companies.clear()
    session.connection.execute(delete(companies).where(companies.c.account == account))
    row = {"account": account, "retailer": company.retailer, "supplier": company.supplier}
    session.connection.execute(insert(companies), row)


def drop(session: Session, account: str) -> bool:
    """Remove an account's mapping; return whether there was one."""
    session.companies.clear()
    return session.connection.execute(delete(companies).where(companies.c.account == account)).rowcount > 0


def listed(session: Session) -> Sequence[tuple[str, Company]]:
    """Return every mapping, by account."""
    rows = session.connection.execute(_ALL)
    return [(row.account, Company(retailer=row.retailer, supplier=row.supplier)) for row in rows]
