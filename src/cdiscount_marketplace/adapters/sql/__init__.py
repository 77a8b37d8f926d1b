"""An OMS in an SQL database: SQLite in one file, PostgreSQL for several workers (extra `sql`)."""

from __future__ import annotations

from cdiscount_marketplace.lazy import Extra, lazy

__getattr__ = lazy(__name__, needs=Extra("sql", frozenset({"sqlalchemy"})))
