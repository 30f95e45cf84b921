"""The comment process as an ASGI application: bounded in bytes, in time and in how much it does at once."""

from __future__ import annotations

import asyncio
import contextlib
import email.policy
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from dideban.comments import limits
from dideban.comments.pages import render
from dideban.comments.service import CommentDesk, Sent
from dideban.comments.site_pages import about, page_of
from dideban.comments.words import LANGUAGES, words_of
from dideban.errors import DidebanError, InputError
from dideban.messages import locale, say

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Form = dict[str, list[str]]
Answer = tuple[int, bytes, dict[str, str]]
STATUS = {"comments.too-many": 429, "comments.full": 503, "comments.no-page": 404, "comments.not-yours": 403}
MOST_FIELDS = 400
COOKIE = "dideban_moderator"
PLAIN = {"content-type": "text/plain; charset=utf-8"}


@dataclass
class Lane:
    """Requests that share a limit: a crowd of readers never stands in the way of moderators."""

    most: int
    seconds: float
    busy: int = 0


class CommentApp:
    """Routes: ``/`` the form, ``/send``, ``/own``; ``/queue/`` for moderators; ``/healthz``."""

    def __init__(self, desk: CommentDesk, *, behind_proxy: bool = False, is_secure: bool = False) -> None:
        self.desk, self.behind_proxy, self.is_secure = desk, behind_proxy, is_secure
        self.lanes = {
            "readers": Lane(most=limits.CONCURRENCY, seconds=limits.REQUEST_S),
            "queue": Lane(most=limits.QUEUE_CONCURRENCY, seconds=limits.QUEUE_S),
        }

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send, self.desk)
        elif scope["type"] == "http":
            status, body, headers = await self._bounded(scope, receive)
            sent = [(name.encode(), value.encode()) for name, value in (FIXED | headers).items()]
            sent.append((b"content-length", str(len(body)).encode()))
            await send({"type": "http.response.start", "status": status, "headers": sent})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _bounded(self, scope: Mapping[str, Any], receive: Receive) -> Answer:
        if scope["path"] == "/healthz":
            return 200, b"ok\n", PLAIN
        lane = self.lanes["queue" if scope["path"].startswith("/queue/") else "readers"]
        if lane.busy >= lane.most:
            return 503, b"busy\n", PLAIN | {"retry-after": str(limits.RETRY_S)}
        lane.busy += 1
        try:
            return await asyncio.wait_for(self._answer(scope, receive), lane.seconds)
        except (TimeoutError, sqlite3.OperationalError):
            return 503, b"busy\n", PLAIN | {"retry-after": str(limits.RETRY_S)}
        finally:
            lane.busy -= 1

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Answer:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=20))
        form: Form = {}
        if scope["method"] == "POST":
            body = await _body(receive)
            if body is None:
                return 413, b"too large\n", PLAIN
            if not _is_ours(headers):
                return 403, b"from another site\n", PLAIN
            form = _form(body, headers.get("content-type", ""))
        elif scope["method"] not in ("GET", "HEAD"):
            return 405, b"no\n", PLAIN | {"allow": "GET, HEAD, POST"}
        return await asyncio.to_thread(self._route, scope, headers, query, form)

    def _route(self, scope: Mapping[str, Any], headers: Mapping[str, str], query: dict[str, str], form: Form) -> Answer:
        lang = _language(form.get("lang", [query.get("lang", "")])[0], page_of(query.get("page", "")))
        match (scope["method"], scope["path"]):
            case ("GET" | "HEAD", "/"):
                return self._show_form(page_of(query.get("page", "")), lang)
            case ("POST", "/send"):
                return self._send(form, lang, self._address(scope, headers))
            case ("POST", "/own"):
                return self._own(form, lang)
            case ("GET" | "HEAD", "/queue/"):
                return self._queue(headers, lang, query.get("done", ""))
            case ("POST", "/queue/enter"):
                return self._enter(form, lang)
            case ("POST", "/queue/act"):
                return self._act(headers, form, lang)
        return 404, b"nothing here\n", PLAIN

    def _address(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
        """Return where a request came from: behind a proxy, the last address that the proxy itself saw."""
        forwarded = headers.get("x-forwarded-for", "").rpartition(",")[2].strip() if self.behind_proxy else ""
        return forwarded or str((scope.get("client") or ("",))[0])

    # ---- writers

    def _show_form(
        self, page: str, lang: str, *, error: DidebanError | None = None, form: Form | None = None
    ) -> Answer:
        token, problem = "", say(error.message, lang) if error else ""
        status = STATUS.get(error.message.code, 400) if error else 200
        try:
            token = self.desk.new_token(page)
        except InputError as closed:
            problem, status = problem or say(closed.message, lang), STATUS.get(closed.message.code, 410)
        return _page(
            status, "form.html", lang=lang, script="form.js", page=page[:300], token=token, bits=self.desk.bits,
            about=about(self.desk.site, page),
            problem=problem, wait=limits.LEAST_WITHOUT_SCRIPT_S, name=_one(form, "name"), body=_one(form, "body"),
        )  # fmt: skip

    def _send(self, form: Form, lang: str, address: str) -> Answer:
        sent = Sent(
            page=page_of(_one(form, "page")), lang=lang, name=_one(form, "name"), body=_one(form, "body"),
            token=_one(form, "token"), answer=_one(form, "answer"), trap=_one(form, "website"), address=address,
        )  # fmt: skip
        try:
            number, key = self.desk.submit(sent)
        except InputError as error:
            return self._show_form(sent.page, lang, error=error, form=form)
        back = about(self.desk.site, sent.page)
        said = words_of(lang)("kept")
        return _page(201, "done.html", lang=lang, said=said, key=key, number=number, problem="", back=back)

    def _own(self, form: Form, lang: str) -> Answer:
        number, key, words = _number(_one(form, "number")), _one(form, "key"), words_of(lang)
        try:
            if _one(form, "do") == "change":
                self.desk.edit(number, key, name=_one(form, "name"), body=_one(form, "body"))
                return _page(200, "done.html", lang=lang, said=words("changed"), key="", number=number, problem="")
            if _one(form, "do") == "delete":
                self.desk.delete(number, key)
                return _page(200, "done.html", lang=lang, said=words("deleted"), key="", number=number, problem="")
            return _page(200, "own.html", lang=lang, one=self.desk.own(number, key), key=key)
        except InputError as error:
            status = STATUS.get(error.message.code, 400)
            problem = say(error.message, lang)
            return _page(status, "done.html", lang=lang, said=words("own"), key="", number=number, problem=problem)

    # ---- moderators

    def _who(self, headers: Mapping[str, str]) -> str:
        pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        key = next((value for name, _, value in pairs if name == COOKIE), "")
        return self.desk.moderator(key) if key else ""

    def _queue(self, headers: Mapping[str, str], lang: str, done: str) -> Answer:
        title = words_of(lang)("queue.title")
        if not self._who(headers):
            return _page(401, "enter.html", lang=lang, title=title, problem="")
        groups, total = self.desk.queue()
        others = [(other, locale(other).name) for other in LANGUAGES if other != lang]
        return _page(
            200, "queue.html", lang=lang, title=title, script="queue.js", groups=groups, total=total, others=others,
            reasons=limits.REASONS, done=_number(done),
        )  # fmt: skip

    def _enter(self, form: Form, lang: str) -> Answer:
        words, key = words_of(lang), _one(form, "key")
        if not self.desk.moderator(key):
            return _page(403, "enter.html", lang=lang, title=words("queue.title"), problem=words("queue.wrong"))
        secure = "; Secure" if self.is_secure else ""
        cookie = f"{COOKIE}={key}; HttpOnly; SameSite=Strict; Path=/queue{secure}; Max-Age=43200"
        return 303, b"", {"location": f"./?lang={lang}", "set-cookie": cookie}

    def _act(self, headers: Mapping[str, str], form: Form, lang: str) -> Answer:
        by = self._who(headers)
        if not by:
            return 403, b"sign in first\n", PLAIN
        do, _, one = _one(form, "do").partition(":")
        picked = [one] if one else form.get("pick", [])
        clusters = [(name, _number(last)) for name, _, last in (text.rpartition(":") for text in picked)]
        try:
            n = self.desk.decide(clusters, do=do, reason=_one(form, "reason"), by=by)
        except InputError as error:
            return 400, say(error.message, lang).encode() + b"\n", PLAIN
        return 303, b"", {"location": f"./?lang={lang}&done={n}"}


FIXED = {
    "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin", "x-frame-options": "DENY",
}  # fmt: skip


def _page(status: int, template: str, *, lang: str, **values: Any) -> Answer:
    body, policy = render(template, lang=lang, **values)
    return status, body, {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}


async def _body(receive: Receive) -> bytes | None:
    """Return the body of a request; None = larger than allowed."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limits.MOST_BODY_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _form(body: bytes, kind: str) -> Form:
    """Return the fields of a form, in either encoding that browsers have."""
    found: Form = {}
    if kind.startswith("multipart/form-data"):
        head = b"Content-Type: " + kind.encode("latin-1", "replace").splitlines()[0] + b"\r\n\r\n"
        message = BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        for part in list(message.iter_parts())[:MOST_FIELDS] if message.is_multipart() else []:
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(data, bytes):
                found.setdefault(name, []).append(data.decode("utf-8", "replace"))
        return found
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _is_ours(headers: Mapping[str, str]) -> bool:
    """Say whether a form was sent from a page of ours, as far as the browser says where from."""
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    return site in ("", "same-origin", "none") and (
        origin in ("", "null") or origin.partition("://")[2] == headers.get("host", "")
    )


def _language(asked: str, page: str) -> str:
    """Return the language of a page: the one asked for, else that of the page commented on."""
    wanted = (asked, page.strip("/").partition("/")[0])
    return next((lang for lang in wanted if lang in LANGUAGES), LANGUAGES[0])


def _one(form: Form | None, name: str) -> str:
    return (form or {}).get(name, [""])[0]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


async def _lifespan(receive: Receive, send: Send, desk: CommentDesk) -> None:
    """Forget what is over while the process runs."""
    task = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            task = asyncio.create_task(_upkeep(desk))
            await send({"type": "lifespan.startup.complete"})
        else:
            if task is not None:
                task.cancel()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _upkeep(desk: CommentDesk) -> None:
    while True:
        with contextlib.suppress(sqlite3.Error):  # the next time is soon
            await asyncio.to_thread(desk.upkeep)
        await asyncio.sleep(300)
