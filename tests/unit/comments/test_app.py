"""The process as the network sees it: sizes, times, numbers at once, other sites, keys of moderators."""

from __future__ import annotations

import asyncio
import re
import time
from urllib.parse import urlencode

import pytest

from dideban.comments import limits
from dideban.comments.app import COOKIE, CommentApp
from dideban.comments.proof_of_work import work
from unit.comments.desk import BITS, PAGE, make_desk, send


@pytest.fixture
def app(tmp_path):
    desk, clock = make_desk(tmp_path)
    made = CommentApp(desk)
    made.clock = clock
    return made


async def ask_async(app, method, path, *, body=b"", headers=(), query="", receive=None):
    out = []

    async def give():
        return {"type": "http.request", "body": body, "more_body": False}

    async def take(message):
        out.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "client": ("203.0.113.7", 1),
        "headers": [(b"host", b"comments.example"), *headers],
    }  # fmt: skip
    await app(scope, receive or give, take)
    found = {name.decode(): value.decode() for name, value in out[0]["headers"]}
    return out[0]["status"], out[1]["body"].decode(), found


def ask(app, method, path, **more):
    return asyncio.run(ask_async(app, method, path, **more))


def post(app, path, *, headers=(), **fields):
    kind = (b"content-type", b"application/x-www-form-urlencoded")
    return ask(app, "POST", path, body=urlencode(fields, doseq=True).encode(), headers=[kind, *headers])


def multipart(fields):
    parts = [f'--xx\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    return "".join([*parts, "--xx--\r\n"]).encode(), (b"content-type", b"multipart/form-data; boundary=xx")


def written(app, body="نظری دربارهٔ پل که کسی می\u200cخواند.", **more):
    _, page, _ = ask(app, "GET", "/", query=f"page={PAGE}")
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    app.clock.at += 10
    return {
        "page": PAGE,
        "lang": "fa",
        "name": "مینا",
        "body": body,
        "token": token,
        "answer": work(token, bits=BITS),
    } | more


def test_a_comment_from_the_form_to_the_page_in_persian(app):
    status, page, headers = ask(app, "GET", "/", query=f"page={PAGE}")
    assert status == 200
    assert 'lang="fa" dir="rtl"' in page
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    body, kind = multipart(written(app))
    status, page, _ = ask(app, "POST", "/send", body=body, headers=[kind])
    assert status == 201
    number, key = re.findall(r'class="key">([^<]+)<', page)
    status, page, _ = post(app, "/own", lang="fa", number=number, key=key)
    assert status == 200
    assert "در انتظار" in page
    moderator = app.desk.add_moderator("mina")
    assert ask(app, "GET", "/queue/")[0] == 401
    status, _, headers = post(app, "/queue/enter", lang="ar", key=moderator)
    assert status == 303
    assert "HttpOnly; SameSite=Strict" in headers["set-cookie"]
    cookie = (b"cookie", headers["set-cookie"].split(";")[0].encode())
    status, page, _ = ask(app, "GET", "/queue/", headers=[cookie], query="lang=ar")
    assert status == 200
    assert "می\u200cخواند" in page
    pick = re.search(r'name="pick" value="([^"]+)"', page)[1]
    status, _, headers = post(app, "/queue/act", headers=[cookie], do="refuse", pick=[pick], reason="person", lang="ar")
    assert (status, headers["location"]) == (303, "./?lang=ar&done=1")
    assert "شخصی خصوصی" in post(app, "/own", lang="fa", number=number, key=key)[1]


def test_two_thousand_persian_letters_fit_and_more_bytes_do_not(app):
    body, kind = multipart(written(app, body="ب" * 2_000))
    assert ask(app, "POST", "/send", body=body, headers=[kind])[0] == 201
    assert ask(app, "POST", "/send", body=b"x" * (limits.MOST_BODY_BYTES + 1), headers=[kind])[0] == 413


def test_a_form_that_fails_keeps_what_was_written(app):
    body, kind = multipart(written(app, body="https://a.example https://b.example <b>"))
    status, page, _ = ask(app, "POST", "/send", body=body, headers=[kind])
    assert status == 400
    assert "https://a.example https://b.example &lt;b&gt;" in page


def test_other_sites_cannot_post(app):
    kind = (b"content-type", b"application/x-www-form-urlencoded")
    for header in ((b"sec-fetch-site", b"cross-site"), (b"origin", b"https://evil.example")):
        assert ask(app, "POST", "/queue/act", body=b"do=show", headers=[kind, header])[0] == 403
    same = [(b"origin", b"https://comments.example"), (b"sec-fetch-site", b"same-origin")]
    assert (
        ask(app, "POST", "/own", body=b"number=1&key=x", headers=[kind, *same])[0] == 403
    )  # reached, with a wrong key


def test_no_key_no_decision(app):
    send(app.desk, app.clock, "Words that wait.")
    for cookie in (b"", COOKIE.encode() + b"=", COOKIE.encode() + b"=guess", b"=;;;"):
        status, _, _ = post(app, "/queue/act", headers=[(b"cookie", cookie)], do="show", pick=["x:99"])
        assert status == 403
    assert app.desk.queue()[1] == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/healthz", 200), ("PUT", "/", 405), ("GET", "/send", 404), ("GET", "/../etc", 404), ("HEAD", "/", 404)],
)
def test_other_addresses(app, method, path, status):
    assert ask(app, method, path)[0] == status


def test_what_makes_no_sense_is_no_crash(app):
    kind = (b"content-type", b"multipart/form-data; boundary=")
    for body in (b"", b"\xff\xfe", b"--\r\n\r\n", b"&&&===", b"a=" * 900):
        for given in (
            kind,
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"content-type", b"multipart/form-data"),
        ):
            for path in ("/send", "/own", "/queue/enter", "/queue/act"):
                assert ask(app, "POST", path, body=body, headers=[given])[0] < 500


def test_the_ninth_at_once_is_asked_to_come_back(app):
    async def crowd():
        gate = asyncio.Event()

        async def slow():
            await gate.wait()
            return {"type": "http.request", "body": b"number=1&key=x", "more_body": False}

        waiting = [asyncio.create_task(ask_async(app, "POST", "/own", receive=slow)) for _ in range(limits.CONCURRENCY)]
        await asyncio.sleep(0.05)
        turned_away = await ask_async(app, "GET", "/", query=f"page={PAGE}")
        healthy = await ask_async(app, "GET", "/healthz")
        gate.set()
        return turned_away, healthy, await asyncio.gather(*waiting)

    (status, _, headers), (health, _, _), rest = asyncio.run(crowd())
    assert (status, headers["retry-after"], health) == (503, str(limits.RETRY_S), 200)
    assert {one[0] for one in rest} == {403}


def test_a_body_that_never_ends_is_let_go(app):
    app.lanes["readers"].seconds = 0.2

    async def never():
        await asyncio.sleep(60)

    began = time.monotonic()
    assert ask(app, "POST", "/send", receive=never)[0] == 503
    assert time.monotonic() - began < 5
    assert app.lanes["readers"].busy == 0


def test_behind_a_proxy_the_proxy_says_where_from(app):
    scope = {"client": ("127.0.0.1", 1)}
    forged = {"x-forwarded-for": "1.2.3.4, 198.51.100.9"}
    assert app._address(scope, forged) == "127.0.0.1"
    app.behind_proxy = True
    assert app._address(scope, forged) == "198.51.100.9"


def test_the_address_of_the_file_is_the_address_of_the_page(app):
    status, page, _ = ask(app, "GET", "/", query=f"page={PAGE}index.html")
    assert status == 200
    assert f'name="page" value="{PAGE}"' in page
