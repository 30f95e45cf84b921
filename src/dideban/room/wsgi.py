"""What the web server runs."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

from dideban.parent_watch import exit_with_parent
from dideban.room.deferred_writes import deferred

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dideban.room.settings")
exit_with_parent()
application = get_wsgi_application()


def make_ready() -> None:
    """Load what the first search would wait for, and take all that is loaded out of the rounds of the collector.

    A full round over a few hundred thousand objects that stay would stop all pages for a tenth of a second.
    """
    from dideban.room.posts.search_files import map_all
    from dideban.room.posts.terms import try_out

    try_out()
    map_all()
    gc.collect()
    gc.freeze()


deferred.start(make_ready)
