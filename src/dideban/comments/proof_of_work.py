"""Tokens of forms, and the small piece of work that each comment costs its sender."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from dideban.comments.limits import MOST_FORM_S, WORK_BITS


def make_token(page: str, *, key: bytes, now: int) -> str:
    """Return the token of a form: when it was shown, something unique, and a seal over both and the page."""
    plain = f"{now}.{secrets.token_hex(8)}"
    return f"{plain}.{_seal(plain, page, key)}"


def age_of(token: str, *, page: str, key: bytes, now: int) -> int | None:
    """Return the seconds since a form was shown; None where the token is none of ours, for another page, or too old."""
    plain, _, seal = token.rpartition(".")
    shown = plain.partition(".")[0]
    if not (shown.isascii() and shown.isdigit()) or len(token) > 200:
        return None
    if not hmac.compare_digest(seal.encode(), _seal(plain, page, key).encode()):
        return None
    age = now - int(shown)
    return age if 0 <= age <= MOST_FORM_S else None


def is_done(token: str, answer: str, *, bits: int = WORK_BITS) -> bool:
    """Return whether the SHA-256 of ``token:answer`` begins with so many zero bits."""
    if len(answer) > 20:
        return False
    digest = hashlib.sha256(f"{token}:{answer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - bits) == 0 if bits else True


def work(token: str, *, bits: int = WORK_BITS) -> str:
    """Do the work: what the script of the form does, for tests and measurements."""
    n = 0
    while not is_done(token, str(n), bits=bits):
        n += 1
    return str(n)


def _seal(plain: str, page: str, key: bytes) -> str:
    return hmac.new(key, f"{plain}|{page}".encode(), hashlib.sha256).hexdigest()[:32]
