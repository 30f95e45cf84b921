"""Addresses in plain text whose letters are not those they seem to be."""

from __future__ import annotations

import re

import ada_url

from dideban.site.markdown import tidy

HOST = re.compile(r"(?P<scheme>https?://)?(?P<host>(?:[\w-]{1,63}\.){1,8}[\w-]{2,63})", re.IGNORECASE)


def real_hosts(text: str) -> list[str]:
    r"""Return the hosts of a text that are not written in ASCII, as networks write them.

    Examples
    --------
    >>> real_hosts("see https://www.p\u0430ypal.com/x"), real_hosts("see https://paypal.com today")
    (['www.xn--pypal-4ve.com'], [])
    """
    found = []
    for match in HOST.finditer(tidy(text)):
        host = match["host"]
        is_address = match["scheme"] or host.lower().startswith("www.") or host.rpartition(".")[2].isascii()
        if is_address and not host.isascii():
            try:
                found.append(ada_url.URL(f"https://{host}/").hostname)
            except ValueError:
                continue  # no browser opens it either
    return [host for host in dict.fromkeys(found) if "xn--" in host]


def with_real_hosts(line: str) -> str:
    """Return a line with the real hosts of its addresses behind it."""
    return " ".join([line, *(f"({host})" for host in real_hosts(line))])
