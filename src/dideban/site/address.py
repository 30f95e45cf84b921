"""Addresses inside the site: relative, so that it works from a server, a zip, a stick and a gateway alike."""

from __future__ import annotations

from dideban.errors import InputError
from dideban.site.markdown import real_host


def to_root(path: str) -> str:
    """Return the way from a file to the top of the site.

    Examples
    --------
    >>> to_root("fa/lessons/water/index.html"), to_root("index.html")
    ('../../../', '')
    """
    return "../" * path.count("/")


def address_of(base_url: str, path: str) -> str:
    """Return the absolute address of a file; ``index.html`` is left out. Without a base, the path alone."""
    clean = path.removesuffix("index.html")
    return f"{base_url}{clean}" if base_url else f"/{clean}"


def checked_base(base_url: str) -> str:
    """Return a base address that ends with a slash, or nothing where none is set.

    Raises
    ------
    InputError
        Not an http or https address without query.
    """
    text = base_url.strip()
    if not text:
        return ""
    is_own = text.startswith(("http://127.0.0.1", "http://localhost"))
    if any(c in text for c in "?#\"'<> \n\\") or not (is_own or (real_host(text) and text.startswith("http"))):
        raise InputError("site.base-url", hint="site.base-url-hint", value=text[:200])
    return text.rstrip("/") + "/"
