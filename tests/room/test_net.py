"""Fetching from servers that wish us ill."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dideban.errors import SourceError
from dideban.room.net import Fetcher, Limits, checked_address, is_open
from room.hostile import Server, bomb, cut_off, drip, endless, fixed, redirect

HERE = Limits(allow_private=True, max_bytes=1_000_000, max_seconds=2.0)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


def get(server: Server, path: str, limits: Limits = HERE) -> Any:
    return Fetcher(limits).get(server.url + path)


def test_an_answer_comes_with_its_headers(server: Server) -> None:
    server.answers["/plain"] = fixed(b"hello", ETag='"1"')
    answer = get(server, "/plain")
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", '"1"')


def test_a_packed_answer_is_unpacked(server: Server) -> None:
    import gzip

    server.answers["/packed"] = fixed(gzip.compress(b"hello" * 1000), Content_Encoding="gzip")
    assert get(server, "/packed").body == b"hello" * 1000


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (endless, "larger than|not done"),
        (drip, "not done within"),
        (bomb, "larger than|not done"),
        (cut_off, "broke"),
        (fixed(b"not gzip at all", Content_Encoding="gzip"), "packed in a way"),
        (fixed(b"?", Content_Encoding="br"), "not asked for"),
        (redirect("/loop"), "more than 5 redirects"),
        (redirect("file:///etc/passwd"), "not an address of the web|not the web"),
        (redirect("gopher://localhost/"), "not an address of the web|not the web"),
        (redirect("http://[::1"), "no address|not an address"),
        (fixed(b"", status=404), "nothing is at this address"),
        (fixed(b"", status=503), "the server failed"),
    ],
    ids=[
        "endless",
        "drip",
        "bomb",
        "cut-off",
        "false-gzip",
        "brotli",
        "loop",
        "file",
        "gopher",
        "broken",
        "404",
        "503",
    ],
)
def test_what_a_server_may_try_ends_in_words_and_in_time(server: Server, answer: Any, words: str) -> None:
    server.answers["/loop"] = answer
    began = time.monotonic()
    with pytest.raises(SourceError, match=words):
        get(server, "/loop")
    assert time.monotonic() - began < 15


def test_how_long_to_wait_is_heard(server: Server) -> None:
    server.answers["/busy"] = fixed(b"", status=429, Retry_After="120")
    with pytest.raises(SourceError) as caught:
        get(server, "/busy")
    assert caught.value.retry_after_s == 120


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "169.254.169.254", "10.0.0.1"]
)
def test_this_machine_and_private_networks_are_not_fetched_from(host: str) -> None:
    with pytest.raises(SourceError, match=r"private network|no such host"):
        Fetcher(Limits(max_seconds=2.0)).get(f"http://{host}:9/")


def test_a_redirect_does_not_lead_inside_either(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    port = server.http.server_address[1]
    real = checked_address

    def only_the_first(host: str, wanted: int, *, allow_private: bool) -> str:
        return "127.0.0.1" if host == "open.example" else real(host, wanted, allow_private=allow_private)

    monkeypatch.setattr("dideban.room.net.checked_address", only_the_first)
    server.answers["/in"] = redirect(f"http://127.0.0.1:{port}/secret")
    server.answers["/secret"] = fixed(b"the secret")
    with pytest.raises(SourceError, match="private network"):
        Fetcher(Limits(max_seconds=2.0)).get(f"http://open.example:{port}/in")


def test_the_address_that_was_checked_is_the_one_connected_to(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name resolves to an open address when it is checked, and to this machine a moment later."""
    port = server.http.server_address[1]
    server.answers["/"] = fixed(b"the secret")
    answers = iter([[(2, 1, 6, "", ("93.184.215.14", port))], [(2, 1, 6, "", ("127.0.0.1", port))]])
    connected: list[Any] = []

    def connect(address: Any, *args: Any, **kwargs: Any) -> Any:
        connected.append(address[0])
        raise OSError("not from a test")

    monkeypatch.setattr("dideban.room.net.socket.getaddrinfo", lambda *a, **k: next(answers))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(SourceError):
        Fetcher(Limits(max_seconds=2.0)).get(f"http://rebind.example:{port}/")
    assert connected == ["93.184.215.14"]


def test_one_private_address_among_open_ones_spoils_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("192.168.1.1", 80))]
    monkeypatch.setattr("dideban.room.net.socket.getaddrinfo", lambda *a, **k: mixed)
    with pytest.raises(SourceError, match="private network"):
        checked_address("mixed.example", 80, allow_private=False)


def test_a_password_meant_for_one_server_is_not_told_another(server: Server) -> None:
    with Server().running() as other:
        other.answers["/there"] = fixed(b"ok")
        server.answers["/away"] = redirect(f"{other.url}/there")
        Fetcher(HERE).get(f"{server.url}/away", headers={"Authorization": "Bearer s3cret"})
        assert "Authorization" not in other.asked[-1][1]
    server.answers |= {"/home": redirect("/plain"), "/plain": fixed(b"ok")}
    Fetcher(HERE).get(f"{server.url}/home", headers={"Authorization": "Bearer s3cret"})
    assert server.asked[-1][1]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    "address",
    [
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "fe80::1%eth0",
        "fc00::1",
        "224.0.0.1",
        "240.0.0.1",
        "100.64.0.1",
    ],
)
def test_disguises_of_private_addresses(address: str) -> None:
    assert not is_open(address)
