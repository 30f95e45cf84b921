"""Fetching from servers that wish us ill."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dideban.errors import SourceError
from dideban.room.fetch import Fetcher, FetchLimits, ascii_url, checked_address, is_open
from room.hostile import Server, bomb, cut_off, drip, endless, fixed, redirect

HERE = FetchLimits(allow_private=True, max_bytes=1_000_000, max_seconds=2.0)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


def get(server: Server, path: str, limits: FetchLimits = HERE) -> Any:
    return Fetcher(limits).get(server.url + path)


def test_an_answer_comes_with_its_headers(server: Server) -> None:
    server.answers["/plain"] = fixed(b"hello", ETag='"1"')
    answer = get(server, "/plain")
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", '"1"')


def test_addresses_in_any_script_are_asked_for(server: Server) -> None:
    server.answers["/%D8%AE%D8%A8%D8%B1/%D9%86%D9%88"] = fixed("خبر نو".encode())
    server.answers["/old"] = redirect("/خبر/نو".encode().decode("latin-1"))
    server.answers["/old%20one"] = redirect("/%D8%AE%D8%A8%D8%B1/%D9%86%D9%88")
    for path in ("/خبر/نو", "/%D8%AE%D8%A8%D8%B1/%D9%86%D9%88", "/old", "/old one"):
        assert get(server, path).body.decode() == "خبر نو", path
    assert ascii_url("https://café.example:8443/a") == "https://xn--caf-dma.example:8443/a"
    assert ascii_url("https://x.example/a%20b?c=d#e") == "https://x.example/a%20b?c=d#e"
    for odd in ("https://" + "ü" * 80 + ".example/", "https://ü..example/", "https://[ü"):
        with pytest.raises(SourceError, match="not an address"):
            Fetcher(HERE).get(odd)


def test_a_packed_answer_is_unpacked(server: Server) -> None:
    import gzip

    server.answers["/packed"] = fixed(gzip.compress(b"hello" * 1000), Content_Encoding="gzip")
    assert get(server, "/packed").body == b"hello" * 1000


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (endless, "larger than|not finished"),
        (drip, "not finished within"),
        (bomb, "larger than|not finished"),
        (cut_off, "broke"),
        (fixed(b"not gzip at all", Content_Encoding="gzip"), "compressed in a way"),
        (fixed(b"?", Content_Encoding="br"), "not asked for"),
        (redirect("/loop"), "more than 5 redirects"),
        (redirect("file:///etc/passwd"), "not a web address"),
        (redirect("gopher://localhost/"), "not a web address"),
        (redirect("http://[::1"), "not an address|not a web address"),
        (fixed(b"", status=404), "nothing at this address"),
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


def header_drip(handler: Any) -> None:
    """Send the head byte by byte: each read has an answer in time."""
    for _ in range(200):
        handler.wfile.write(b"H" if _ == 0 else b"T")
        handler.wfile.flush()
        time.sleep(0.1)


def go_on_and_on(handler: Any) -> None:
    """Say that the answer will come, for ever."""
    while True:
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        time.sleep(0.01)


def slow_head(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for n in range(200):
        handler.wfile.write(f"X-{n}: y\r\n".encode())
        time.sleep(0.1)


@pytest.mark.parametrize("answer", [header_drip, go_on_and_on, slow_head])
def test_a_server_that_is_slow_with_its_head_is_not_waited_for(server: Server, answer: Any) -> None:
    server.answers["/slow"] = answer
    began = time.monotonic()
    with pytest.raises(SourceError):
        get(server, "/slow")
    assert time.monotonic() - began < 6


def test_how_long_to_wait_is_heard(server: Server) -> None:
    server.answers["/busy"] = fixed(b"", status=429, Retry_After="120")
    with pytest.raises(SourceError) as caught:
        get(server, "/busy")
    assert caught.value.retry_after_s == 120


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "169.254.169.254",
        "10.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[fe80::1]",
        "[fec0::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::]",
        "①②⑦.⓪.⓪.①",
    ],
)
def test_this_machine_and_private_networks_are_not_fetched_from(host: str) -> None:
    with pytest.raises(SourceError, match=r"private network|host not found"):
        Fetcher(FetchLimits(max_seconds=2.0)).get(f"http://{host}:9/")


def test_a_redirect_does_not_lead_inside_either(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    port = server.http.server_address[1]
    real = checked_address

    def only_the_first(host: str, wanted: int, *, allow_private: bool) -> str:
        return "127.0.0.1" if host == "open.example" else real(host, wanted, allow_private=allow_private)

    monkeypatch.setattr("dideban.room.fetch.checked_address", only_the_first)
    server.answers["/in"] = redirect(f"http://127.0.0.1:{port}/secret")
    server.answers["/secret"] = fixed(b"the secret")
    with pytest.raises(SourceError, match="private network"):
        Fetcher(FetchLimits(max_seconds=2.0)).get(f"http://open.example:{port}/in")


def test_the_address_that_was_checked_is_the_one_connected_to(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name resolves to an open address when it is checked, and to this machine a moment later."""
    port = server.http.server_address[1]
    server.answers["/"] = fixed(b"the secret")
    answers = iter([[(2, 1, 6, "", ("93.184.215.14", port))], [(2, 1, 6, "", ("127.0.0.1", port))]])
    connected: list[Any] = []

    def connect(address: Any, *args: Any, **kwargs: Any) -> Any:
        connected.append(address[0])
        raise OSError("not from a test")

    monkeypatch.setattr("dideban.room.fetch.socket.getaddrinfo", lambda *a, **k: next(answers))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(SourceError):
        Fetcher(FetchLimits(max_seconds=2.0)).get(f"http://rebind.example:{port}/")
    assert connected == ["93.184.215.14"]


def test_one_private_address_among_open_ones_spoils_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("192.168.1.1", 80))]
    monkeypatch.setattr("dideban.room.fetch.socket.getaddrinfo", lambda *a, **k: mixed)
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
        "fec0::1",
        "::127.0.0.1",
        "2001:0:7f00:1::",
        "192.0.0.1",
        "198.18.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "3fff::1",
        "3fff:fff::1",
        "192.31.196.1",
        "192.52.193.1",
        "192.175.48.1",
        "2001:2::1",
        "2001:db8::1",
        "2620:4f:8000::1",
        "100::1",
        "5f00::1",
        "::808:808",
    ],
)
def test_disguises_of_private_addresses(address: str) -> None:
    assert not is_open(address)


# Certificates


def certificate(folder: Path, *, name: str, days: tuple[int, int], by: Any = None) -> Path:
    """Write a certificate and its key; ``by`` signs it, else it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer, issuer = by or (key, subject)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )  # fmt: skip
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def authority() -> tuple[Any, Any, bytes]:
    """Who signs, under what name, and its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, name, made.public_bytes(serialization.Encoding.PEM)


TLS = {
    "good": ({"name": "localhost", "days": (-1, 1)}, ""),
    "expired": ({"name": "localhost", "days": (-3, -1)}, "the certificate of the server has expired"),
    "early": ({"name": "localhost", "days": (1, 3)}, "the certificate of the server is not valid yet"),
    "other-name": ({"name": "news.example", "days": (-1, 1)}, "the certificate of the server is for another name"),
    "itself": ({"name": "localhost", "days": (-1, 1), "by": None}, "the certificate of the server is self-signed"),
}


@pytest.mark.parametrize("kind", [*TLS, "nobody", "none"])
def test_what_is_wrong_with_a_certificate_is_said_in_words(
    tmp_path: Path, authority: tuple[Any, Any, bytes], kind: str
) -> None:
    values, words = TLS.get(kind, TLS["good"])
    words = {"nobody": "an authority that is not trusted", "none": "no secure connection"}.get(kind, words)
    path = certificate(tmp_path, **{"by": authority[:2], **values})
    trusted = ssl.create_default_context(cadata=None if kind == "nobody" else authority[2].decode())
    with Server().running() as server:
        server.answers["/"] = fixed(b"hello")
        if kind != "none":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(path)
            server.http.socket = context.wrap_socket(
                server.http.socket, server_side=True, do_handshake_on_connect=False
            )
        fetcher = Fetcher(HERE, tls=trusted)
        address = f"https://localhost:{server.http.server_address[1]}/"
        if not words:
            assert fetcher.get(address).body == b"hello"
            return
        with pytest.raises(SourceError, match=words):
            fetcher.get(address)
