"""What the web server runs."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from dideban.room.later import later
from dideban.room.life import leave_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dideban.room.settings")
leave_with_parent()
application = get_wsgi_application()
later.start()
