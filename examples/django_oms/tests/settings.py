"""The project's settings, with a key that signs nothing of value."""

from __future__ import annotations

from shop.settings import *  # noqa: F403

SECRET_KEY = "tests"
