"""The operator's page: what waits for a person, and what a person may do about it (extra `web`)."""

from __future__ import annotations

from cdiscount_marketplace.lazy import Extra, lazy

__getattr__ = lazy(__name__, needs=Extra("web", frozenset({"jinja2", "werkzeug"})))
