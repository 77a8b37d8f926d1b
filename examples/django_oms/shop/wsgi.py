"""The WSGI application: what your web server starts.

The place to mount another WSGI application over the same store, `orders.store.DjangoOms`, behind the same server: wrap
`application` in a dispatcher by path, such as werkzeug's `DispatcherMiddleware`.
"""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
