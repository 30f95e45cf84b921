"""Registrable domain of a host, from the public-suffix list that ships with tldextract. No network, no cache folder."""

from __future__ import annotations

from functools import lru_cache

import tldextract

_EXTRACT = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=1 << 17)
def registrable_domain(host: str) -> str | None:
    """Return the registrable part of a host: ``news.bbc.co.uk`` gives ``bbc.co.uk``.

    Parameters
    ----------
    host : str
        Host name in Unicode or punycode, without port. Private suffixes count as suffixes: ``a.blogspot.com`` is its
        own domain, because two blogs there have two owners.

    Returns
    -------
    str or None
        None for IP addresses, single labels and hosts that are a public suffix or have none that is known.

    Notes
    -----
    The list is the snapshot inside the installed tldextract, so the answer depends on that version and on nothing else.

    Examples
    --------
    >>> registrable_domain("www.bbc.co.uk"), registrable_domain("a.b.ایران"), registrable_domain("192.0.2.1")
    ('bbc.co.uk', 'b.ایران', None)
    """
    parts = _EXTRACT(host.strip("."))
    if not parts.suffix or not parts.domain:
        return None
    return f"{parts.domain}.{parts.suffix}".lower()


def host_of(url: str) -> str:
    """Return the host of a canonical URL, without port."""
    rest = url.partition("://")[2]
    for mark in "/?#":
        rest = rest.partition(mark)[0]
    return rest if rest.startswith("[") else rest.partition(":")[0]
