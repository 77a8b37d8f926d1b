"""Which companies an account's orders belong to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, select, update

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
    row = session.row(_ONE.where(companies.c.account == account))
    if row is not None:
        return Company(**row)
    if required or session.connection.scalar(_ANY):
        return None
    return Company(retailer=account, supplier=account)


def put(session: Session, account: str, company: Company) -> None:
    """Map an account, whatever it was mapped to."""
    session.companies.clear()
    row = {"retailer": company.retailer, "supplier": company.supplier}
    if not session.change(session.add_if_absent(companies), {"account": account, **row}):
        session.change(update(companies).where(companies.c.account == account).values(row))


def drop(session: Session, account: str) -> bool:
    """Remove an account's mapping; return whether there was one."""
    session.companies.clear()
    return session.change(delete(companies).where(companies.c.account == account)) > 0


def listed(session: Session) -> Sequence[tuple[str, Company]]:
    """Return every mapping, by account."""
    return [(row.pop("account"), Company(**row)) for row in session.rows(_ALL)]
