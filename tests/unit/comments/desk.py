"""A site with one article, a desk of its own, and a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dideban.comments import CommentDesk, CommentStore
from dideban.comments.proof_of_work import work
from dideban.comments.service import Sent

PAGE = "/fa/bulletins/bridge/"
START = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp())
BITS = 6


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> int:
        return self.at


def make_desk(folder: Path) -> tuple[CommentDesk, Clock]:
    for page in (PAGE, "/fa/bulletins/harbour/", "/en/bulletins/bridge/", "/ar/stories/baker/"):
        path = folder / "site" / page.strip("/") / "index.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('<script>{"datePublished":"2026-11-01T10:00:00Z"}</script>')
    (folder / "site" / "fa" / "about").mkdir(parents=True)
    (folder / "site" / "fa" / "about" / "index.html").write_text("<p>About</p>")
    clock = Clock()
    return CommentDesk(store=CommentStore(folder / "comments"), site=folder / "site", now=clock, bits=BITS), clock


def send(desk: CommentDesk, clock: Clock, body: str, *, page: str = PAGE, wait: int = 10, **more) -> tuple[int, str]:
    """Fill in a form as a reader with a script does."""
    token = desk.new_token(page)
    clock.at += wait
    given = {"answer": work(token, bits=BITS), "address": "203.0.113.7", "lang": "fa"} | more
    return desk.submit(Sent(page=page, body=body, token=token, **given))
