"""Settings of the project; what differs between machines comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent

# The account whose orders this shop takes, and the API through which it sells: soap or octopia.
CDISCOUNT_ACCOUNT = os.environ.get("CDISCOUNT_ACCOUNT", "my-shop")
CDISCOUNT_CHANNEL = os.environ.get("CDISCOUNT_CHANNEL", "soap")
# All commands share their tokens, and a refused login, through this file.
CDISCOUNT_TOKEN_CACHE = os.environ.get("CDISCOUNT_TOKEN_CACHE", str(BASE_DIR / "tokens.json"))

DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only-for-your-own-machine" if DEBUG else "")
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost 127.0.0.1").split()

_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": BASE_DIR / "oms.db",
    "OPTIONS": {
        # A transaction that reads before it writes would fail if another one wrote in between: lock at its beginning.
        "transaction_mode": "IMMEDIATE",
        # Seconds to wait for another writer.
        "timeout": 30,
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
    },
    # A file, because the tests use several threads.
    "TEST": {"NAME": BASE_DIR / "test_oms.db"},
}
# Server, user and password are in the other variables that PostgreSQL's own programs read.
_POSTGRESQL: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": os.environ.get("PGDATABASE"),
}
DATABASES: dict[str, dict[str, Any]] = {"default": _POSTGRESQL if "PGDATABASE" in os.environ else _SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "orders",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
STATIC_URL = "static/"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
