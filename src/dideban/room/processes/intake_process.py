"""The process that takes posts: it answers what the web server hands over.

Reading posts is work for a processor, and the pages have one interpreter: here they do not wait for each other. A
request is answered by the same application as in the web server, with the same bounds and the same words.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dideban.parent_watch import exit_with_parent
from dideban.room.answers import Wsgi, ask
from dideban.room.hand_over import SILENCE_S, Stream, give_back, receive

log = logging.getLogger("dideban.room.intake")
MOST_AT_ONCE = 64
"""Threads; each web server hands over twelve requests at once at most."""


class IntakeServer:
    """Answers requests that come over a socket of the file system.

    Parameters
    ----------
    at : path
        Of the socket; what a process that died left there is replaced.
    """

    def __init__(self, application: Wsgi, at: Path) -> None:
        self.application = application
        at.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(at))
        self.listener.listen(MOST_AT_ONCE)
        self.pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="intake")

    def serve(self) -> None:
        """Answer until interrupted; what is under way is answered before this returns."""
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                link, _ = self.listener.accept()
                self.pool.submit(self.answer, link)
        self.listener.close()
        self.pool.shutdown()

    def answer(self, link: socket.socket) -> None:
        """Answer one request; trouble is logged, and ends no other."""
        try:
            link.settimeout(SILENCE_S)
            with link, link.makefile("rwb") as stream:
                self._answer(stream)
        except OSError as error:  # the web server ended, or gave the sender up
            log.warning("a request was withdrawn: %s", error or type(error).__name__)
        except Exception:
            log.exception("a request could not be answered")

    def _answer(self, stream: Stream) -> None:
        scope, body = receive(stream)
        began = time.thread_time()
        made = ask(self.application, scope, body)
        give_back(stream, made, seconds=time.thread_time() - began)


def run_intake(at: Path) -> None:
    """Take posts until told to stop."""
    exit_with_parent()
    os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))  # the rest is for pages
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    from dideban.room.deferred_writes import deferred
    from dideban.room.request_threads import make_ready_for_threads

    application = get_wsgi_application()
    _ = get_resolver().url_patterns  # before the first sender
    make_ready_for_threads()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    deferred.start(gc.freeze)
    IntakeServer(application, at).serve()
